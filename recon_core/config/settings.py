"""``config/reconciliation_config.yaml`` as typed settings. What each key means stands in its JSON Schema."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from recon_core.api.types import Priority
from recon_core.config.positions import Positions, Problem
from recon_core.config.validation import first_problem, read
from recon_core.config.yaml_core import Document
from recon_core.workspace import CONFIG_FILE, Workspace

__all__ = [
    "EngineSettings",
    "LakeSettings",
    "PrioritySettings",
    "ReportSettings",
    "RuleSettings",
    "ScanSettings",
    "Settings",
    "TargetSettings",
    "TaskQueueSettings",
    "WaiverSettings",
    "load_settings",
    "settings_problems",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeSettings:
    """How to reach the lake. ``url`` is None where only ``--lake`` can name it."""

    url: str | None = None
    endpoint_url: str | None = None
    region: str | None = None
    profile: str | None = None
    anonymous: bool = False
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """Where the lake's inventory reports lie, and how far they are trusted. None: not said, so S3 is asked."""

    destination: str | None = None
    config_id: str | None = None
    filter_prefix: str | None = None
    margin_hours: float = 6.0
    max_age_hours: float = 216.0
    fallback: bool = True
    list_afresh: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSettings:
    """How the lake is scanned. ``sample_rate`` is None for everything."""

    mode: Literal["listing", "inventory_report"] = "listing"
    sample_rate: float | None = None
    seed: int = 0
    workers: int = 32
    cache_ttl_hours: float = 24.0
    max_gap_evidence_hours: float = 24.0
    inventory_report: ReportSettings = ReportSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSettings:
    """A priority rule; ``where`` names file, line and path of its condition, for errors in it."""

    name: str
    when: str
    priority: Priority
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrioritySettings:
    recent_days: float = 7.0
    rules: tuple[RuleSettings, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQueueSettings:
    """``output_file`` is as written; ``Workspace.output_file`` makes a path of it."""

    batch_size: int = 25
    max_tasks: int | None = None
    max_tasks_per_priority: int | None = None
    max_loss_ratio: float = 0.2
    max_loss_items: int = 3
    output_file: str = "inventory/gaps.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverSettings:
    """Accepted gaps; the waiver holds up to and including the UTC day ``expires``."""

    when: str
    reason: str
    expires: date
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings:
    """Seconds that each step should take at most; None sets no target."""

    scan: float | None = 900.0
    analyze: float | None = 60.0
    detect: float | None = 30.0
    generate: float | None = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """``threads`` of None means one for each processor."""

    memory_limit_mb: int = 1024
    threads: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole of ``reconciliation_config.yaml``."""

    lake: LakeSettings = LakeSettings()
    scan: ScanSettings = ScanSettings()
    priorities: PrioritySettings = PrioritySettings()
    task_queue: TaskQueueSettings = TaskQueueSettings()
    waivers: tuple[WaiverSettings, ...] = ()
    targets: TargetSettings = TargetSettings()
    engine: EngineSettings = EngineSettings()
    positions: Positions = field(default=Positions(CONFIG_FILE), repr=False, compare=False)

    def where(self, *path: str | int) -> str:
        """``config/reconciliation_config.yaml:3: lake.url``, for errors found later."""
        return self.positions.where(path)


def load_settings(workspace: Workspace) -> Settings:
    """Read and check the file.

    Raises ConfigError with the first thing that is wrong in it.
    """
    document, problems = _checked(workspace)
    if problems:
        raise first_problem(problems, CONFIG_FILE)
    return _settings(document)


def settings_problems(workspace: Workspace) -> list[str]:
    """Everything that is wrong in the file, a line each; nothing where it is right.

    Raises ConfigError when it cannot be parsed at all.
    """
    return [problem.text(CONFIG_FILE) for problem in _checked(workspace)[1]]


def _checked(workspace: Workspace) -> tuple[Document, list[Problem]]:
    document, problems = read(workspace.config_file, CONFIG_FILE, "reconciliation_config")
    return document, problems or sorted(_beyond_schema(document, workspace))


def _beyond_schema(document: Document, workspace: Workspace) -> list[Problem]:
    """What a schema cannot say, of a document that keeps to it."""
    problem = document.positions.problem
    found = []
    rules = (document.data.get("priorities") or {}).get("rules") or []
    names = Counter[str]()
    for index, rule in enumerate(rules):
        names[rule["name"]] += 1
        if names[rule["name"]] == 2:
            message = f"a second rule has the name {rule['name']!r}: rename it"
            found.append(problem(("priorities", "rules", index, "name"), message))
    for index, waiver in enumerate(document.data.get("waivers") or []):
        try:
            date.fromisoformat(waiver["expires"])
        except ValueError:
            found.append(problem(("waivers", index, "expires"), f"the calendar has no {waiver['expires']}"))
    queue = document.data.get("task_queue") or {}
    try:
        workspace.output_file(queue.get("output_file", TaskQueueSettings().output_file))
    except ValueError as error:
        found.append(problem(("task_queue", "output_file"), f"the path {error}"))
    return found


def _settings(document: Document) -> Settings:
    data = {key: value for key, value in document.data.items() if value is not None}
    where = document.positions.where
    lake = dict(data.get("lake", {}))
    scan = dict(data.get("scan", {}))
    priorities = dict(data.get("priorities", {}))
    return Settings(
        lake=LakeSettings(**{**lake, "prefixes": tuple(lake.get("prefixes") or ())}),
        scan=ScanSettings(**{**scan, "inventory_report": ReportSettings(**(scan.get("inventory_report") or {}))}),
        priorities=PrioritySettings(
            **{
                **priorities,
                "rules": tuple(
                    RuleSettings(**rule, where=where(("priorities", "rules", index, "when")))
                    for index, rule in enumerate(priorities.get("rules") or ())
                ),
            }
        ),
        task_queue=TaskQueueSettings(**data.get("task_queue", {})),
        waivers=tuple(
            WaiverSettings(
                when=waiver["when"],
                reason=waiver["reason"],
                expires=date.fromisoformat(waiver["expires"]),
                where=where(("waivers", index, "when")),
            )
            for index, waiver in enumerate(data.get("waivers", ()))
        ),
        targets=TargetSettings(**data.get("targets", {})),
        engine=EngineSettings(**data.get("engine", {})),
        positions=document.positions,
    )

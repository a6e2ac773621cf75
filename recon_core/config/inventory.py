"""``inventory/data_inventory.yaml`` as typed coverage. Plugins are not consulted here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from recon_core.config.positions import Positions, Problem
from recon_core.config.validation import first_problem, read
from recon_core.config.yaml_core import Document
from recon_core.workspace import INVENTORY_FILE, Workspace

__all__ = [
    "CURRENT",
    "PREVIOUS",
    "DatasetOverrides",
    "Inventory",
    "OptionValue",
    "SourceCoverage",
    "inventory_problems",
    "load_inventory",
]

CURRENT = "current"
PREVIOUS = "previous"

OptionValue = str | int | float | bool

_TOP = "expected_coverage"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetOverrides:
    """What the user says of one data type. None leaves what the plugin says; the last three are the core's own."""

    required: bool | None = None
    freshness_days: float | None = None
    completeness_threshold: float | None = None
    min_size_bytes: int | None = None
    settle_days: float | None = None
    publish_lag_hours: float | None = None
    scraper: str | None = None
    minutes_per_file: float | None = None
    key_templates: tuple[str, ...] | None = None
    extra_key_templates: tuple[str, ...] | None = None
    undersized_ratio: float = 0.2
    undersized_min_copies: int = 30
    allow_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCoverage:
    """What is expected of one source.

    ``seasons`` are labels, ``current`` or ``previous``; ``data_types`` of None means all that the plugin has;
    ``season_types`` of None means the plugin's choice, an empty tuple all. ``option_texts`` holds what was written for
    each option, where that differs from its value (``1.10``).
    """

    name: str
    seasons: tuple[str, ...] = (CURRENT, PREVIOUS)
    data_types: Mapping[str, DatasetOverrides] | None = None
    prefix: str = ""
    season_types: tuple[str, ...] | None = None
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    option_texts: Mapping[str, str] = field(default_factory=dict)
    game_hours: float | None = None
    positions: Positions = field(default=Positions(INVENTORY_FILE), repr=False, compare=False)

    def line_of(self, *path: str | int) -> int:
        """The line of a key below the source, or of the nearest one above it that is written down."""
        return self.positions.line_of((_TOP, self.name, *path))

    def where(self, *path: str | int) -> str:
        """``inventory/data_inventory.yaml:3: expected_coverage.acme.seasons``, for errors found later."""
        return self.positions.where((_TOP, self.name, *path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The whole of ``data_inventory.yaml``, by source name, in the order of the file."""

    sources: Mapping[str, SourceCoverage] = field(default_factory=dict)
    positions: Positions = field(default=Positions(INVENTORY_FILE), repr=False, compare=False)

    def where(self, *path: str | int) -> str:
        """``inventory/data_inventory.yaml:7: expected_coverage.acme.data_types.play_by_play``."""
        return self.positions.where((_TOP, *path))


def load_inventory(workspace: Workspace) -> Inventory:
    """Read and check the file.

    Raises ConfigError with the first thing that is wrong in it, or when it expects nothing at all.
    """
    document, problems = _checked(workspace)
    if problems:
        raise first_problem(problems, INVENTORY_FILE)
    coverage: Mapping[str, Any] = document.data[_TOP]
    return Inventory(
        sources={name: _source(name, given or {}, document) for name, given in coverage.items()},
        positions=document.positions,
    )


def inventory_problems(workspace: Workspace) -> list[str]:
    """Everything that is wrong in the file, a line each; nothing where it is right.

    Raises ConfigError when it cannot be parsed at all.
    """
    return [problem.text(INVENTORY_FILE) for problem in _checked(workspace)[1]]


def _checked(workspace: Workspace) -> tuple[Document, list[Problem]]:
    document, problems = read(workspace.inventory_file, INVENTORY_FILE, "data_inventory")
    if not problems and not document.data.get(_TOP):
        advice = (
            "names no source, so nothing is expected: add one by its name in `recon plugins list`, "
            "or write the file anew with `recon init`"
        )
        problems = [document.positions.problem((_TOP,), advice)]
    return document, problems


def _source(name: str, given: Mapping[str, Any], document: Document) -> SourceCoverage:
    values = {key: value for key, value in given.items() if value is not None}
    if "seasons" in values:
        seasons = values["seasons"]
        values["seasons"] = (seasons,) if isinstance(seasons, str) else tuple(seasons)
    if "season_types" in values:
        values["season_types"] = tuple(values["season_types"])
    if "data_types" in values:
        values["data_types"] = {key: _dataset(value or {}) for key, value in values["data_types"].items()}
    texts = {
        key: document.texts[path]
        for key in values.get("options", {})
        if (path := (_TOP, name, "options", key)) in document.texts
    }
    return SourceCoverage(name=name, **values, option_texts=texts, positions=document.positions)


def _dataset(given: Mapping[str, Any]) -> DatasetOverrides:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return DatasetOverrides(**values)

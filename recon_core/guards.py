"""What is more likely a mistake than a loss, so that a run refuses to write tasks for it: datasets of which the lake
holds not one key, and datasets of which a large share vanished at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from recon_core.config import TaskQueueSettings
from recon_core.plan import Plan
from recon_core.request import RunRequest
from recon_core.text import shown

__all__ = ["Refusal", "refusals"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A dataset for which no tasks are written, and what the run says of it."""

    source: str
    data_type: str
    reason: Literal["empty", "loss"]
    message: str

    def row(self) -> dict[str, str]:
        """The refusal as the report holds it."""
        return {"source": self.source, "data_type": self.data_type, "reason": self.reason}


def refusals(
    plan: Plan,
    request: RunRequest,
    settings: TaskQueueSettings,
    report: Mapping[str, Any],
    empty: Sequence[tuple[str, str]],
) -> list[Refusal]:
    """The datasets with gaps whose tasks are to be withheld, by source and data type.

    ``empty`` are those (source, data type) of which a complete listing, or a sample of it, found no key. A dataset that
    is both is told of once; ``--accept-empty`` and ``--accept-loss`` both accept it then, ``allow_empty`` only that it
    may be empty.
    """
    allowed = {(dataset.source, dataset.data_type) for dataset in plan.datasets if dataset.allow_empty}
    losses = {(row["source"], row["data_type"]): row for row in report["losses"]}
    found = []
    for name in sorted({(dataset.source, dataset.data_type) for dataset in plan.datasets}):
        rows = [row for row in report["coverage"] if (row["source"], row["data_type"]) == name]
        if not sum(row["missing"] + row["stale"] + row["undersized"] for row in rows):
            continue
        lost = name in losses and _too_many(losses[name], settings)
        if (lost and request.accept_loss) or (name in empty and request.accept_empty):
            continue
        if name in empty and name not in allowed:
            found.append(Refusal(*name, "empty", _empty_message(plan, name, rows, report)))
        elif lost:
            found.append(Refusal(*name, "loss", _loss_message(losses[name], settings)))
    return found


def _too_many(loss: Mapping[str, Any], settings: TaskQueueSettings) -> bool:
    """The ratio is the decimal fraction that stands in the file, so a loss on the border is the same everywhere."""
    most = Fraction(str(settings.max_loss_ratio)) * loss["known"]
    return bool(loss["lost"] > settings.max_loss_items and loss["lost"] > most)


def _loss_message(loss: Mapping[str, Any], settings: TaskQueueSettings) -> str:
    share = loss["lost"] * 1000 // loss["known"] / 10
    return (
        f"{loss['source']}/{loss['data_type']}: {loss['lost']:,} of {loss['known']:,} items that had a file when they "
        f"were last seen have none now ({share:g} %, more than task_queue.max_loss_ratio {settings.max_loss_ratio:g}); "
        f"most lay under keys like {shown(loss['shape'])}; its tasks are withheld: see whether a prefix or "
        "key_templates changed, or where the files went; if they are really lost, give --accept-loss"
    )


def _empty_message(
    plan: Plan, name: tuple[str, str], rows: Sequence[Mapping[str, Any]], report: Mapping[str, Any]
) -> str:
    if report["scope"]["sample_rate"] is None:
        keys = f"{sum(row['expected'] or 0 for row in rows):,} keys"
    else:
        keys = f"{sum(row['missing'] for row in rows):,} keys of the sample"
    looks = _likeness(plan, name, report["objects"]["shapes"])
    return (
        f"{name[0]}/{name[1]}: 0 of {keys} found; {looks}; its tasks are withheld: mend prefix or "
        "key_templates in inventory/data_inventory.yaml, or give --accept-empty"
    )


def _likeness(plan: Plan, name: tuple[str, str], shapes: Sequence[Mapping[str, Any]]) -> str:
    """What in the lake looks most like the dataset's own keys."""
    if not shapes:
        return "the lake holds no unrecognised object"
    templates = [
        re.sub(r"\{[^}]*\}", "{digits}", template.text)
        for dataset in plan.datasets
        if (dataset.source, dataset.data_type) == name
        for template in dataset.layout.templates
    ]
    best = max(
        shapes,
        key=lambda row: max(
            (difflib.SequenceMatcher(None, text, row["shape"]).ratio() for text in templates), default=0.0
        ),
    )
    objects = (
        "1 unrecognised object looks" if best["objects"] == 1 else f"{best['objects']:,} unrecognised objects look"
    )
    return f"{objects} like {shown(best['shape'])}"

"""Fills the demo's lake: most files as they should be, some with each fault that happens in life."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from recon_core.config import load_inventory
from recon_core.files import disk_errors
from recon_core.plan import build_plan
from recon_core.plugins import load_registry
from recon_core.templates import KeyTemplate
from recon_core.workspace import Workspace

__all__ = ["plant"]

_BODY = 3_000
_SHELL = 40
_WRONG_FOLDER = "exports/"
_FOREIGN = 7
# Every so manieth due item has the fault; the numbers share no factor, so that the faults spread over all data types.
_EVERY = {"missing": 31, "an empty shell": 43, "taken before the end": 59, "stored twice": 67}
# A scraper that wrote to a wrong folder for some days, counted back from now.
_LOST_DAYS = (timedelta(days=12), timedelta(days=4))


@dataclass(frozen=True, slots=True)
class _File:
    key: str
    size: int
    modified: datetime


def plant(ws: Workspace, lake: Path, now: datetime) -> dict[str, int]:
    """Write files for the items of the last coverage; returns how many files have each fault, and how many none."""
    import pyarrow.parquet as pq

    columns = ["item", "source", "data_type", "fields", "date", "due_at", "final_at", "settled_at", "target_key"]
    rows = [row for row in pq.read_table(ws.coverage, columns=columns).to_pylist() if _due(row, now)]
    plan = build_plan(load_inventory(ws), load_registry(), now)
    others = {(dataset.source, dataset.data_type): dataset.layout.templates[1:] for dataset in plan.datasets}
    misled = max(dataset.data_type for dataset in plan.datasets)
    count: Counter[str] = Counter()
    for place, row in enumerate(rows, start=1):
        fault = _fault(place, row, misled, now)
        count[fault] += 1
        for file in _files(row, fault, others[row["source"], row["data_type"]], now):
            _write(lake, file)
    for number in range(_FOREIGN):
        _write(lake, _File(f"backups/2024/dump-{number:03}.tar", _BODY, now - timedelta(days=30)))
    count["nobody's"] = _FOREIGN
    return dict(sorted(count.items()))


def _due(row: Mapping[str, Any], now: datetime) -> bool:
    return row["due_at"] is not None and row["due_at"].replace(tzinfo=UTC) <= now


def _fault(place: int, row: Mapping[str, Any], misled: str, now: datetime) -> str:
    if row["data_type"] == misled and row["date"] is not None:
        age = now.date() - row["date"]
        if _LOST_DAYS[1] <= age <= _LOST_DAYS[0]:
            return "in a wrong folder"
    return next((fault for fault, step in _EVERY.items() if place % step == 0), "as they should be")


def _files(row: Mapping[str, Any], fault: str, others: tuple[KeyTemplate, ...], now: datetime) -> Iterator[_File]:
    key = row["target_key"]
    final = row["final_at"].replace(tzinfo=UTC)
    settled = row["settled_at"].replace(tzinfo=UTC)
    taken = min(max(settled, final) + timedelta(hours=2), now)
    if fault == "missing":
        return
    if fault == "an empty shell":
        yield _File(key, _SHELL, taken)
    elif fault == "taken before the end":
        yield _File(key, _BODY, final - timedelta(hours=1))
    elif fault == "in a wrong folder":
        yield _File(_WRONG_FOLDER + key, _BODY, taken)
    else:
        yield _File(key, _BODY, taken)
        if fault == "stored twice" and others:
            yield _File(others[0].render(json.loads(row["fields"])), _BODY, taken - timedelta(minutes=30))


def _write(lake: Path, file: _File) -> None:
    path = lake / file.key
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"made_up": True, "key": file.key, "filling": ""})
        path.write_text(text[: file.size] if file.size < len(text) else text.ljust(file.size), encoding="utf-8")
        stamp = file.modified.timestamp()
        os.utime(path, (stamp, stamp))

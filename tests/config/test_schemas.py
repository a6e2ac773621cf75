"""The JSON Schemas: found where they are installed, complete, and strict."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import recon_core
from recon_core import schemas
from recon_core.schemas import SCHEMA_NAMES, schema, schema_path, validate_document

CHECKOUT = Path(recon_core.__file__).parent.parent
CONFIGURATION = ("reconciliation_config", "data_inventory")


def subschemas(part: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema inside a schema, with its path."""
    yield path, part
    for key in ("properties", "$defs"):
        for name, inner in part.get(key, {}).items():
            yield from subschemas(inner, f"{path}/{key}/{name}")
    for key in ("items", "additionalProperties", "propertyNames"):
        if isinstance(part.get(key), dict):
            yield from subschemas(part[key], f"{path}/{key}")


def test_the_names_are_those_of_the_files() -> None:
    assert sorted(SCHEMA_NAMES) == sorted(
        path.name.removesuffix(".schema.json") for path in (CHECKOUT / "schemas").iterdir()
    )


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_each_is_a_schema_of_draft_2020_12(name: str) -> None:
    found = schema(name)
    Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"] == f"{name}.schema.json"
    assert found["title"]
    assert found["description"]


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_no_object_takes_unknown_keys_and_every_key_is_described(name: str) -> None:
    for path, part in subschemas(schema(name)):
        if "properties" in part:
            assert part["additionalProperties"] is False, path
            for key, inner in part["properties"].items():
                assert inner["description"].endswith("."), f"{path}/{key}"
        if isinstance(part.get("type"), str | list) and "object" in part["type"]:
            assert "additionalProperties" in part, path


@pytest.mark.parametrize("name", CONFIGURATION)
def test_every_configuration_key_has_title_and_default(name: str) -> None:
    top = schema(name)
    for path, part in subschemas(top):
        for key, inner in part.get("properties", {}).items():
            assert inner["title"], f"{path}/{key}"
            assert ("default" in inner) != (key in part.get("required", [])), f"{path}/{key}"
            if "default" in inner:
                alone = {**inner, "$defs": top.get("$defs", {})}
                assert Draft202012Validator(alone).is_valid(inner["default"]), f"{path}/{key}"


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_every_pattern_of_the_configuration_explains_itself(name: str) -> None:
    for path, part in subschemas(schema(name)):
        if "pattern" in part and name in CONFIGURATION:
            assert part["patternErrorMessage"], path


def test_they_are_found_beside_the_package_or_in_it(tmp_path: Path) -> None:
    """A checkout has them beside the package, a wheel inside it; the one in the package wins."""
    package = tmp_path / "recon_core"
    shutil.copytree(CHECKOUT / "recon_core", package, ignore=shutil.ignore_patterns("__pycache__", "_schemas"))
    code = (
        "from recon_core import schemas\n"
        "print(schemas.schema_path('task_queue')); print(len(schemas.schema('task_queue')['properties']))"
    )

    def found() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{code}"],
            capture_output=True,
            timeout=60,
            text=True,
            cwd=tmp_path,
            check=False,
        )

    assert "recon-core is installed without its schema 'task_queue'" in found().stderr
    shutil.copytree(CHECKOUT / "schemas", tmp_path / "schemas")
    assert found().stdout.splitlines()[0] == str(tmp_path / "schemas" / "task_queue.schema.json")
    shutil.copytree(CHECKOUT / "schemas", package / "_schemas")
    path, keys = found().stdout.splitlines()
    assert path == str(package / "_schemas" / "task_queue.schema.json")
    assert int(keys) == len(schema("task_queue")["properties"])


def test_the_wheel_carries_them_where_they_are_looked_for() -> None:
    import tomllib

    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"]["schemas"] == "recon_core/_schemas"
    assert schema_path("snapshot").parent.name in ("schemas", "_schemas")


TASK = {
    "id": "task_5f2c9a0b1d3e",
    "priority": "CRITICAL",
    "status": "pending",
    "collect_by": "2025-01-15T12:00:00Z",
    "source": "acme",
    "data_type": "play_by_play",
    "season": "2024-25",
    "scraper": "acme_scraper",
    "missing_files": 1,
    "estimated_time_minutes": 2,
    "items": [
        {
            "item": "acme/play_by_play/401705001",
            "verdict": "missing",
            "target_key": "acme_play_by_play/401705001.json",
            "found_key": None,
            "fields": {"game_id": "401705001", "date": "2025-01-14", "home": "LAL", "away": "BOS"},
            "first_seen": "2025-01-15T12:00:00Z",
            "rule": "recent-required",
            "reason": "due 2025-01-15T11:30Z; no object under 2 keys; listed 2025-01-15T12:00Z",
        }
    ],
}
SCOPE = {"sources": ["acme"], "seasons": ["2023-24", "2024-25"], "sample_rate": None, "complete": True}
NONE_OF_EACH = {"critical": 0, "high": 0, "medium": 0, "low": 0}
QUEUE = {
    "schema_version": 1,
    "cycle_id": "cycle_x",
    "as_of": "2025-01-15T12:00:00Z",
    "lake": "s3://bucket",
    "scope": SCOPE,
    "total_tasks": 1,
    "total_gaps": 1,
    "by_priority": {"critical": 1, "high": 0, "medium": 0, "low": 0},
    "deferred": {"tasks": 0, "gaps": 0},
    "unverified": [
        {"item": "acme/box_scores/1", "since": "2025-01-14T12:00:00.5Z", "reason": "acme_box_scores/ denied"}
    ],
    "tasks": [TASK],
}
HOLE = {"start": "a", "end": None, "state": "denied", "error": "AccessDenied"}
REPORT = {
    "schema_version": 1,
    "cycle_id": "cycle_x",
    "as_of": "2025-01-15T12:00:00Z",
    "lake": "s3://bucket",
    "scope": SCOPE,
    "scan": {
        "snapshot_id": "s1",
        "mode": "listing",
        "evidence_at": "2025-01-15T12:00:00Z",
        "started_at": "2025-01-15T12:00:00Z",
        "finished_at": "2025-01-15T12:00:00Z",
        "seconds": 1.5,
        "usd": 0.00001,
        "requests": 2,
        "objects": 3,
        "bytes": 4,
        "from_cache": False,
        "ranges": {"listed": 1, "denied": 1, "sampled_out": 0},
        "holes": [HOLE],
    },
    "steps": [{"name": "scan", "seconds": 0.25, "target_seconds": None, "ok": True}],
    "coverage": [
        {
            "source": "acme",
            "data_type": "play_by_play",
            "season": "2024-25",
            "expected": 3,
            "present": 1,
            "missing": 1,
            "stale": 0,
            "undersized": 0,
            "not_due": 0,
            "excused": 0,
            "waived": 0,
            "unknown": 1,
            "completeness": 0.5,
            "ci95": None,
            "bounds": [0.3333, 0.6667],
            "completeness_threshold": 0.95,
            "required": True,
        }
    ],
    "unknown": {"total": 1, "required_due": 1, "by_reason": {"denied": 1}},
    "gaps": {
        "total": 1,
        "by_priority": {"critical": 1, "high": 0, "medium": 0, "low": 0},
        "by_verdict": {"missing": 1, "stale": 0, "undersized": 0},
    },
    "tasks": {
        "total": 1,
        "by_priority": {"critical": 1, "high": 0, "medium": 0, "low": 0},
        "deferred": {"tasks": 0, "gaps": 0},
        "withheld": {"tasks": 0, "gaps": 0},
        "refused": [{"source": "acme", "data_type": "days", "reason": "loss"}],
        "unverified": 1,
    },
    "objects": {
        "total": 3,
        "items": 1,
        "duplicate": 0,
        "out_of_scope": 0,
        "orphan": 0,
        "unrecognised": 2,
        "shapes": [{"shape": "raw/{digits}.json", "objects": 2, "example": "raw/1.json"}],
    },
    "losses": [{"source": "acme", "data_type": "days", "lost": 1, "known": 2, "shape": "d/{digits}.json"}],
    "changes": {"new": 1, "closed": 0, "reopened": 0},
    "conflicts": [],
    "runs": [
        {
            "source": "acme",
            "data_type": "days",
            "season": "2024-25",
            "first": "2025-01-01",
            "last": "2025-01-03",
            "days": 2,
            "items": 3,
        }
    ],
    "failures": [{"source": None, "distribution": "recon-x", "version": "1", "hook": None, "message": "import failed"}],
    "warnings": ["slow"],
    "exit_code": 2,
}
SNAPSHOT = {
    "schema_version": 1,
    "id": "s1",
    "lake": "s3://bucket",
    "mode": "listing",
    "evidence_at": "2025-01-15T12:00:00Z",
    "simulated": True,
    "started_at": "2025-01-15T12:00:00Z",
    "finished_at": "2025-01-15T12:00:00Z",
    "requests": 2,
    "objects": 3,
    "bytes": 4,
    "ranges": [{**HOLE, "evidence_at": "2025-01-15T12:00:00Z"}],
    "warnings": [],
    "report": {
        "manifest": "s3://reports/inv/bucket/daily/2025-01-15T01-00Z/manifest.json",
        "started_at": "2025-01-15T01:00:00Z",
        "created_at": "2025-01-15T02:00:00Z",
        "files": 1,
        "bytes": 2,
    },
}
SUMS = {"objects": 1, "bytes_before": 2, "bytes_after": 3, "same_content": 0}
SIDE = {
    "id": "s1",
    "mode": "listing",
    "evidence_at": "2025-01-15T12:00:00Z",
    "simulated": True,
    "objects": 3,
    "bytes": 4,
}
CHANGES = ("vanished", "appeared", "changed", "unseen_now", "unseen_before")
DIFF = {
    "schema_version": 1,
    "lake": "s3://bucket",
    "before": SIDE,
    "after": SIDE,
    "not_compared": None,
    "totals": {**dict.fromkeys(CHANGES, SUMS), "unchanged": 2},
    "datasets": [{"source": "acme", "data_type": "days", **dict.fromkeys(CHANGES, 1)}],
    "total_groups": 1,
    "groups": [
        {"change": "vanished", "source": None, "data_type": None, "shape": "x", **SUMS, "examples": ["x1", "x2"]}
    ],
    "warnings": ["slow"],
}
ESTIMATE = {
    "schema_version": 1,
    "as_of": "2025-01-15T12:00:00Z",
    "lake": "s3://bucket",
    "objects": {"number": 3, "basis": "last_snapshot", "as_of": "2025-01-15T12:00:00Z"},
    "expected_items": 2,
    "due_items": 1,
    "timing": {"seconds_per_request": 0.1, "basis": "assumed"},
    "modes": [
        {
            **{"mode": "listing", "rate": None, "ranges": 1, "requests": 1, "seconds": 0.1, "usd": 0.000005},
            **{"proves": "all", "unknown_items": 1, "unknown_because": "denied"},
        }
    ],
    "configured": "listing",
    "cheapest": "listing",
}
LAST_RUN = {
    "schema_version": 1,
    "command": "run",
    "as_of": "2025-01-15T12:00:00Z",
    "started_at": "2025-01-15T12:00:00Z",
    "finished_at": None,
    "exit_code": None,
    "cycle_id": None,
    "error": None,
    "pid": 1,
}
GAME = {
    "game_id": "0022400061",
    "season": "2024-25",
    "season_type": "regular",
    "date": "2024-10-22",
    "start_utc": None,
    "home": "BOS",
    "away": "NYK",
    "status": "final",
    "league": None,
    "ordinal": "1",
    "alt_ids": "a;b",
    "unavailable": "play_by_play",
}
ADOPTED = {
    "schema_version": 1,
    "items": [
        {
            "item": "acme/days/2025-01-14",
            "source": "acme",
            "data_type": "days",
            "season": "2024-25",
            "values": ["2025-01-14"],
            "date": "2025-01-14",
            "final_at": "2025-01-15T12:00:00Z",
            "origin": "theirs.csv",
        }
    ],
}
MANIFEST = {
    "sourceBucket": "lake",
    "destinationBucket": "arn:aws:s3:::reports",
    "version": "2016-11-30",
    "creationTimestamp": "1736942400000",
    "fileFormat": "CSV",
    "fileSchema": "Bucket, Key, Size",
    "files": [{"key": "inv/lake/daily/data/x.csv.gz", "size": 3, "MD5checksum": "0123456789abcdef0123456789abcdef"}],
}

DOCUMENTS: dict[str, dict[str, Any]] = {
    "adopted": ADOPTED,
    "inventory_manifest": MANIFEST,
    "task_queue": QUEUE,
    "cycle_report": REPORT,
    "snapshot": SNAPSHOT,
    "handover": {
        "schema_version": 1,
        "report": REPORT,
        "empty": [["acme", "days"]],
        "expected_by": "0" * 64,
        "unseen": [["acme", None, None, "plugin failed"]],
        "files": {"coverage.parquet": "0a"},
    },
    "snapshot_diff": DIFF,
    "scan_estimate": ESTIMATE,
    "last_run": LAST_RUN,
    "schedule": GAME,
    "reconciliation_config": {"lake": {"url": "s3://bucket"}},
    "data_inventory": {"expected_coverage": {"acme": None}},
}


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_a_document_of_each_kind(name: str) -> None:
    validate_document(name, DOCUMENTS[name])


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def test_a_dataset_that_nobody_could_enumerate() -> None:
    row = {**REPORT["coverage"][0], "expected": None, "unknown": None, "completeness": None, "bounds": None}
    validate_document("cycle_report", {**REPORT, "coverage": [row]})


def test_reports_of_steps_alone_and_of_the_history() -> None:
    generated, detected = ("tasks",), ("tasks", "gaps", "changes")
    analyzed = (*detected, "coverage", "unknown", "objects", "losses")
    for names in (generated, detected, analyzed, (*analyzed, "scan")):
        validate_document("cycle_report", without(REPORT, *names))
    small = {**without(REPORT, "conflicts"), "objects": without(REPORT["objects"], "shapes")}
    validate_document("cycle_report", small)


@pytest.mark.parametrize("name", ["scan", "coverage", "unknown", "objects", "losses", "changes", "gaps"])
def test_a_report_has_everything_up_to_its_last_step(name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}' is a dependency of"):
        validate_document("cycle_report", without(REPORT, name))


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def changed(document: dict[str, Any], path: tuple[str | int, ...], *, drop: bool) -> dict[str, Any]:
    other = copy.deepcopy(document)
    parent: Any = other
    for part in path[:-1]:
        parent = parent[part]
    if drop:
        del parent[path[-1]]
    else:
        parent[path[-1]] = {"not": ["expected", "here"]}
    return other


FREE = {("tasks", 0, "items", 0, "fields"), ("unknown", "by_reason")}
OPTIONAL = {"cycle_report": {("scan", "holes"), ("objects", "shapes"), ("conflicts",), ("runs",), ("tasks",)}}


WRITTEN = ("adopted", "task_queue", "cycle_report", "snapshot", "snapshot_diff", "scan_estimate", "last_run")


@pytest.mark.parametrize("name", WRITTEN)
def test_no_key_of_an_output_may_be_absent_or_of_another_kind(name: str) -> None:
    document = DOCUMENTS[name]
    for path in places(document):
        with pytest.raises(ValueError, match=f"^{name}"):
            validate_document(name, changed(document, path, drop=False))
        if path[:-1] in FREE or path in OPTIONAL.get(name, ()) or isinstance(path[-1], int):
            validate_document(name, changed(document, path, drop=True))
        else:
            with pytest.raises(ValueError, match=r"is a required property|is a dependency of"):
                validate_document(name, changed(document, path, drop=True))


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("task_queue", {"as_of": "2025-01-15T12:00:00+00:00"}, "task_queue.as_of: "),
        ("task_queue", {"as_of": "2025-01-15T12:00:00Z\n"}, "task_queue.as_of: "),
        ("task_queue", {"schema_version": 2}, "task_queue.schema_version: 1 was expected"),
        ("task_queue", {"total_tasks": -1}, "-1 is less than the minimum of 0"),
        ("task_queue", {"total_tasks": 1.0}, "1.0 is not of type 'integer'"),
        ("task_queue", {"total_tasks": True}, "True is not of type 'integer'"),
        ("task_queue", {"tasks": [{**TASK, "items": []}]}, "task_queue.tasks\\[0\\].items: "),
        ("task_queue", {"tasks": [{**TASK, "estimated_time_minutes": float("inf")}]}, "is not of type 'number'"),
        ("cycle_report", {"exit_code": 3}, "3 is not one of \\[0, 2\\]"),
        ("cycle_report", {"extra": 1}, "'extra' was unexpected"),
        ("schedule", {"status": "over"}, "'over' is not one of"),
        ("schedule", {"ordinal": "0"}, "'0' does not match"),
    ],
)
def test_what_a_document_may_not_say(name: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        validate_document(name, {**DOCUMENTS[name], **change})


def test_the_example_of_the_queue_is_json_as_it_is_written() -> None:
    validate_document("task_queue", json.loads(json.dumps(QUEUE)))
    assert schemas.validator("task_queue") is schemas.validator("task_queue")

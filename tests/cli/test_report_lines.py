"""The sentences of a report, from reports of which one thing is known."""

from __future__ import annotations

from typing import Any

from recon_core.cli.render.explanation import explanation_blocks
from recon_core.cli.render.plain import plain_lines
from recon_core.cli.render.report import report_blocks


def row(name: str, **fields: Any) -> dict[str, Any]:
    counts = dict.fromkeys(("present", "missing", "stale", "undersized", "unknown", "waived"), 0)
    fixed = {"source": "toy", "data_type": name, "season": "2024", "required": True, "bounds": None, "ci95": None}
    return {**fixed, **counts, "completeness": 1.0, "completeness_threshold": 0.95, **fields}


def text(**parts: Any) -> str:
    report: dict[str, Any] = {
        "as_of": "2024-06-20T12:00:00Z",
        "lake": "file:///lake",
        "scope": {"sources": ["toy"], "seasons": ["2024"], "sample_rate": None, "complete": True},
        "steps": [],
        "conflicts": [],
        "failures": [],
        "warnings": [],
        **parts,
    }
    return "\n".join(plain_lines(report_blocks(report)))


def tasks(**parts: Any) -> dict[str, Any]:
    none = {"tasks": 0, "gaps": 0}
    return {"total": 0, "by_priority": {}, "deferred": none, "withheld": none, "refused": [], "unverified": 0, **parts}


NARROWED = {"sources": ["toy"], "seasons": ["2024"], "sample_rate": None, "complete": False}
SCAN: dict[str, Any] = {
    "objects": 0,
    "bytes": 0,
    "from_cache": False,
    "evidence_at": "2024-06-20T12:00:00Z",
    "holes": [],
    "ranges": {"denied": 0, "sampled_out": 0},
}
CHANGES = {"new": 0, "closed": 1, "reopened": 0}


def test_only_what_is_below_its_threshold_or_unknown_is_incomplete() -> None:
    found = text(
        coverage=[
            row("low", completeness=0.9, missing=10),
            row("enough", completeness=0.96, missing=4),
            row("unsure", unknown=2),
            row("untold", unknown=None, completeness=None),
            row("later", completeness=None),
        ]
    )
    listed = found.partition("Incomplete datasets:\n")[2]
    for name, shown in {"low": True, "enough": False, "unsure": True, "untold": True, "later": False}.items():
        assert (f"toy/{name} " in listed) is shown, name
    assert "1 dataset and season is complete: as much as is wanted" in listed
    assert "4 gaps among what is wanting to 100 %" in listed
    assert "1 dataset and season has nothing due yet" in listed
    assert "waived" not in listed


def test_waived_items_are_counted() -> None:
    found = text(coverage=[row("low", completeness=0.9, waived=3), row("high", waived=2)])
    assert "5 items are waived" in found


def test_a_slow_step_and_withheld_tasks_are_no_blindness() -> None:
    slow = "scan took 9.0 s, longer than targets.scan (1 s) in config/reconciliation_config.yaml"
    step = {"name": "scan", "seconds": 9.0, "target_seconds": 1.0, "ok": False}
    refused = [{"source": "toy", "data_type": "days", "reason": reason} for reason in ("loss", "empty")]
    found = text(steps=[step], warnings=[slow], tasks=tasks(withheld={"tasks": 1, "gaps": 2}, refused=refused[:1]))
    assert "Nothing: all that was asked for was seen." in found
    warned = found.partition("Warnings:\n")[2]
    assert slow in warned
    assert "1 task for 2 gaps withheld: a dataset of which a large share vanished at once is more likely" in warned
    both = text(tasks=tasks(withheld={"tasks": 1, "gaps": 2}, refused=refused))
    assert "the lake holds not one file is and a dataset of which a large share vanished at once is more" in both
    assert "Nothing: all" not in text(warnings=["no object lies below the prefix 'x': check lake.prefixes"])


def test_a_narrowed_run_claims_nothing_of_what_it_left_out() -> None:
    narrowed = text(scope=NARROWED, changes=CHANGES, tasks=tasks(unverified=7))
    assert "7 earlier gaps lie outside this run's filters." in narrowed
    assert "neither proved nor refuted" not in narrowed
    whole = text(changes=CHANGES, tasks=tasks(unverified=7))
    assert "7 gaps of the last queue could not be verified." in whole.partition("What changed:\n")[2]


def test_what_to_do_about_the_unknown_and_an_empty_lake() -> None:
    unknown = {"total": 2, "required_due": 2, "by_reason": {"not scanned": 2}}
    assert "lake.prefixes" in text(unknown=unknown).partition("What to do next:\n")[2]
    refused = [{"source": "toy", "data_type": "days", "reason": "empty"}]
    counts = tasks(withheld={"tasks": 1, "gaps": 2}, refused=refused)
    assert "--unrecognised" in text(tasks=counts).partition("What to do next:\n")[2]
    empty = text(scan=SCAN, tasks=counts).partition("What to do next:\n")[2]
    assert "the lake is empty: is lake.url right?" in empty
    assert "--unrecognised" not in empty


def test_lost_files_are_told_of_even_where_they_are_few() -> None:
    losses = [{"source": "toy", "data_type": f"t{n}", "lost": 1 + n, "known": 9, "shape": "x"} for n in range(12)]
    found = text(changes=CHANGES, losses=losses).partition("What changed:\n")[2]
    assert "1 item of toy/t0 that had a file when last seen is missing now, of 9." in found
    assert "10 items of toy/t9 that had a file when last seen are missing now, of 9." in found
    assert "t10" not in found
    assert "2 more datasets lost files." in found


def test_an_explanation_says_why_there_is_no_task() -> None:
    item = {
        **{"item": "toy/games/g1", "verdict": "missing", "waived_verdict": None, "line": 1, "meaning": "m"},
        **{"reason": None, "source": "toy", "data_type": "games", "season": "2024", "required": True, "task": None},
        "derived": False,
        "expectation": {"game": None, "games": None, "due_at": None, "schedule": None, "adopted": None},
        "evidence": {
            **{"candidates": [], "prefixes": [], "found_key": None, "further": []},
            **{"snapshot_id": "s", "evidence_at": "t"},
        },
        "gap": {"priority": "HIGH", "rule": "r", "age_days": 1.0, "first_seen": "t", "available_from": []},
    }
    found = {"as_of": "t", "lake": "l", "object": None, "items": [item], "games": []}

    def told(counts: dict[str, Any] | None) -> str:
        return "\n".join(plain_lines(explanation_blocks(found, counts)))

    assert "Its task is withheld" in told(tasks(withheld={"tasks": 1, "gaps": 2}))
    assert "Its task is deferred by" in told(tasks(deferred={"tasks": 1, "gaps": 2}))
    assert "deferred or withheld" in told(None)


def test_denied_ranges_of_one_cause_are_one_line() -> None:
    def hole(start: str, end: str | None, error: str, state: str = "denied") -> dict[str, Any]:
        return {"start": start, "end": end, "state": state, "error": error}

    holes = [
        hole("a/", "a/5", "a/ is secret"),
        hole("a/5", "a0", "a/ is secret"),
        hole("b", None, "b is, too"),
        hole("c", "d", "a sample", "sampled_out"),
    ]
    lines = text(scan={**SCAN, "holes": holes}).splitlines()
    assert "- Keys from a/ up to a/5 and 1 more range: denied: a/ is secret" in lines
    assert "- Keys from b to the end: denied: b is, too" in lines
    assert len([line for line in lines if "denied" in line]) == 2
    many = [hole(f"{n:02}", f"{n:02}/", f"cause {n // 2}") for n in range(24)]
    lines = text(scan={**SCAN, "holes": many}).splitlines()
    assert len([line for line in lines if line.startswith("- Keys from ")]) == 10
    assert "- 4 more key ranges were denied" in lines

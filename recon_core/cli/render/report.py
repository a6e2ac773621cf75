"""The result of a cycle, in the order in which a reader needs it: what it could not see, what changed, the gaps by
priority, the incomplete datasets, what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recon_core.cli.render.blocks import Block, Bullets, Cell, Code, Column, Heading, Line, Style, Table
from recon_core.cli.render.numbers import count, dollars, percent, size, zero_dimmed

__all__ = ["PRIORITY_STYLES", "report_blocks", "runs_table", "scope_line", "unseen"]

PRIORITY_STYLES: Mapping[str, Style | None] = {"critical": "bad", "high": "warn", "medium": None, "low": "dim"}

_LISTED = 10

_COUNTS = {"present": 5, "missing": 0, "stale": 3, "undersized": 4, "unknown": 0}
"""The counts of a dataset, and in which order they give way on a narrow terminal: never what is missing or unknown."""

_REASONS = {
    "schedule": "the schedule was not pulled since the game was to end, so it may have been postponed",
    "denied": "the lake denies the keys under which they may lie",
    "not scanned": "the keys under which they may lie are not among those that are scanned",
    "sampled out": "the sample left out their keys, or the copies that tell how large theirs should be",
    "evidence too old": "the snapshot is older than the time from which on their absence is a gap",
    "unreadable": "the container in which they may lie could not be read: the warnings say which and why",
    "no size or time": "the inventory report does not tell how large or how new their copies are",
    "plugin failed": "their source's plugin failed",
    "no key": "their ids do not fit the key templates, so no file of them could be recognised",
}

_REFUSED = {
    "empty": "a dataset of which the lake holds not one file is",
    "loss": "a dataset of which a large share vanished at once is",
}
"""What the guards refuse, by their reasons."""


def report_blocks(report: Mapping[str, Any], *, next_steps: bool = True) -> Iterator[Block]:
    """A report, as far as its steps went. Parts that no step has made are left out."""
    yield Line(f"As of {report['as_of']}: {report['lake']}, {scope_line(report)}", "strong")
    if report.get("scan"):
        yield Line(_scan_line(report["scan"]), "dim")
    yield from _not_seen(report)
    warnings = list(_warnings(report))
    if warnings:
        yield Heading("Warnings")
        yield Bullets(warnings)
    if report.get("changes"):
        yield Heading("What changed")
        yield Line(_changes(report["changes"]))
        yield from _losses(report)
        yield from _unverified(report)
    if report.get("gaps"):
        yield from _gaps(report)
    if report.get("coverage"):
        yield from _datasets(report)
    if report.get("runs"):
        yield Heading("Stretches of days without any data")
        yield runs_table(report["runs"][:_LISTED])
    if next_steps:
        yield from _next(report)


def runs_table(runs: Sequence[Mapping[str, Any]]) -> Table:
    """Stretches of days on which not one file of a data type has data."""
    columns = [Column("dataset"), Column("season", drop=1), Column("first"), Column("last")]
    columns += [Column("days", right=True), Column("files", right=True)]
    return Table(
        columns,
        [
            [
                Cell(f"{run['source']}/{run['data_type']}", "code"),
                run["season"],
                run["first"],
                run["last"],
                f"{run['days']:,}",
                f"{run['items']:,}",
            ]
            for run in runs
        ],
    )


def scope_line(report: Mapping[str, Any]) -> str:
    """``acme, 2023-24 and 2024-25``, and that it is not all where it is not."""
    scope = report["scope"]
    text = f"{_and(scope['sources']) or 'no source'}, {_and(scope['seasons']) or 'no season'}"
    if scope["sample_rate"] is not None:
        return f"{text} (a sample, rate {scope['sample_rate']:g}: not all that the workspace expects)"
    return text if scope["complete"] else f"{text} (narrowed: not all that the workspace expects)"


def _whole(report: Mapping[str, Any]) -> bool:
    """Whether the run was to look at all that the workspace expects, if only at a sample of it."""
    return bool(report["scope"]["complete"] or report["scope"]["sample_rate"] is not None)


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _scan_line(scan: Mapping[str, Any]) -> str:
    made = "Read from an inventory report" if scan.get("mode") == "inventory_report" else "Scanned"
    origin = "Snapshot from the cache" if scan["from_cache"] else made
    cost = "" if scan.get("usd") is None else f"; {count(scan['requests'], 'request')}, {dollars(scan['usd'])} USD"
    part = " in the sampled key ranges" if scan["ranges"]["sampled_out"] else ""
    seen = f"{count(scan['objects'], 'object')}{part}, {size(scan['bytes'])}"
    return f"{origin}: {seen}, evidence of {scan['evidence_at']}{cost}"


def _denied(report: Mapping[str, Any]) -> Iterator[Cell]:
    """The key ranges that were denied: one line for those with one cause, as a prefix may be asked for in parts."""
    by_cause: dict[str, list[Mapping[str, Any]]] = {}
    for hole in (report.get("scan") or {}).get("holes", []):
        if hole["state"] == "denied":
            by_cause.setdefault(hole["error"], []).append(hole)
    causes = list(by_cause.items())
    for error, (first, *others) in causes[:_LISTED]:
        upto = f" up to {first['end']}" if first["end"] is not None else " to the end"
        more = f" and {count(len(others), 'more range')}" if others else ""
        yield Cell(f"Keys from {first['start'] or 'the beginning'}{upto}{more}: denied: {error}", "bad")
    if len(causes) > _LISTED:
        left = sum(len(holes) for _, holes in causes[_LISTED:])
        yield Cell(f"{count(left, 'more key range was', 'more key ranges were')} denied", "bad")


def unseen(report: Mapping[str, Any]) -> Iterator[Cell]:
    """Everything for which the report cannot speak, a line each: failures first, then ranges, reasons, warnings."""
    for failure in report["failures"]:
        source = failure["source"] or "a source"
        hook = f" {failure['hook']}:" if failure["hook"] else ""
        yield Cell(
            f"{source} is unknown, its plugin failed ({failure['distribution']} {failure['version']}):{hook} "
            f"{failure['message']}",
            "bad",
        )
    yield from _denied(report)
    unknown = report.get("unknown")
    if unknown and unknown["total"]:
        for reason, number in sorted(unknown["by_reason"].items(), key=lambda pair: (-pair[1], pair[0])):
            yield Cell(f"{count(number, 'item is', 'items are')} unknown: {_REASONS.get(reason, reason)}", "warn")
        yield Cell(f"{count(unknown['required_due'], 'unknown item is', 'unknown items are')} required and due", "warn")
    tasks = report.get("tasks")
    if tasks and tasks["unverified"] and _whole(report):
        yield Cell(
            f"{count(tasks['unverified'], 'earlier gap')} could be neither proved nor refuted: still in the queue as "
            "unverified",
            "warn",
        )
    conflicts = report.get("conflicts") or []
    for conflict in conflicts[:_LISTED]:
        yield Cell(f"{conflict['source']} {conflict['season']}: schedules disagree: {conflict['message']}", "warn")
    if len(conflicts) > _LISTED:
        yield Cell(f"{len(conflicts) - _LISTED:,} more conflicts between schedules", "warn")
    for warning in report["warnings"]:
        if _about_seeing(report, warning):
            yield Cell(warning, "warn")


def _about_seeing(report: Mapping[str, Any], warning: str) -> bool:
    """Whether a warning tells of something that was not seen; in doubt it does."""
    slow = any(not step["ok"] and warning.startswith(f"{step['name']} took ") for step in report["steps"])
    return not slow and "its tasks are withheld:" not in warning


def _warnings(report: Mapping[str, Any]) -> Iterator[Cell]:
    """What a reader should know though all was seen: withheld tasks, steps slower than their targets."""
    tasks = report.get("tasks")
    if tasks and tasks["withheld"]["tasks"]:
        withheld = tasks["withheld"]
        why = " and ".join(_REFUSED[reason] for reason in _REFUSED if reason in _refusals(tasks))
        yield Cell(
            f"{count(withheld['tasks'], 'task')} for {count(withheld['gaps'], 'gap')} withheld: {why} more likely "
            "misconfigured than lost",
            "bad",
        )
    for warning in report["warnings"]:
        if not _about_seeing(report, warning):
            yield Cell(warning, "warn")


def _refusals(tasks: Mapping[str, Any]) -> set[str]:
    """Why tasks are withheld: the reasons of the guards."""
    return {one["reason"] for one in tasks.get("refused", ())}


def _losses(report: Mapping[str, Any]) -> Iterator[Line]:
    """Which datasets lost files, whether or not so many that a guard refused."""
    losses = report.get("losses") or ()
    for row in losses[:_LISTED]:
        items = count(row["lost"], "item of", "items of")
        verb = "is" if row["lost"] == 1 else "are"
        yield Line(
            f"{items} {row['source']}/{row['data_type']} that had a file when last seen {verb} missing now, "
            f"of {row['known']:,}.",
            "warn",
        )
    if len(losses) > _LISTED:
        yield Line(f"{count(len(losses) - _LISTED, 'more dataset')} lost files.", "warn")


def _not_seen(report: Mapping[str, Any]) -> Iterator[Block]:
    yield Heading("What it could not see")
    found = list(unseen(report))
    if found:
        yield Bullets(found)
    else:
        yield Line("Nothing: all that was asked for was seen.", "good")


def _unverified(report: Mapping[str, Any]) -> Iterator[Line]:
    """What became of the earlier gaps of which this run proves nothing."""
    number = (report.get("tasks") or {"unverified": 0})["unverified"]
    if not number:
        return
    if _whole(report):
        yield Line(f"{count(number, 'gap')} of the last queue could not be verified.", "warn")
    else:
        also = ", or are unknown" if (report.get("unknown") or {"total": 0})["total"] else ""
        verb = "lies" if number == 1 else "lie"
        yield Line(f"{count(number, 'earlier gap')} {verb} outside this run's filters{also}.", "dim")


def _changes(changes: Mapping[str, int]) -> str:
    if not any(changes.values()):
        return "Nothing since the last queue."
    return f"{count(changes['new'], 'new gap')}, {changes['closed']:,} closed, {changes['reopened']:,} reopened."


def _gaps(report: Mapping[str, Any]) -> Iterator[Block]:
    gaps, tasks = report["gaps"], report.get("tasks")
    yield Heading("Gaps by priority")
    if not gaps["total"]:
        yield Line("No gap is proved.", "good" if not (report.get("unknown") or {}).get("total") else None)
        return
    columns = [Column("priority"), Column("gaps", right=True)]
    if tasks:
        columns.append(Column("tasks", right=True))
    rows = []
    for name, style in PRIORITY_STYLES.items():
        number = gaps["by_priority"][name]
        row = [Cell(name.upper(), style if number else "dim"), zero_dimmed(number)]
        if tasks:
            row.append(zero_dimmed(tasks["by_priority"][name]))
        rows.append(row)
    total = [Cell("total", "strong"), Cell(f"{gaps['total']:,}", "strong")]
    if tasks:
        total.append(Cell(f"{tasks['total']:,}", "strong"))
    yield Table(columns, [*rows, total])
    verdicts = ", ".join(f"{number:,} {name}" for name, number in gaps["by_verdict"].items() if number)
    yield Line(f"Of these {verdicts}.")
    if tasks and tasks["deferred"]["tasks"]:
        deferred = tasks["deferred"]
        yield Line(
            f"{count(deferred['tasks'], 'task')} for {count(deferred['gaps'], 'gap')} deferred by the limits of "
            "task_queue.",
            "warn",
        )


def _datasets(report: Mapping[str, Any]) -> Iterator[Block]:
    yield Heading("Incomplete datasets")
    rows = [row for row in report["coverage"] if _incomplete(row)]
    rows.sort(key=lambda row: (not row["required"], row["completeness"] is not None, row["completeness"] or 0.0))
    others = [row for row in report["coverage"] if not _incomplete(row)]
    if rows:
        columns = [Column("dataset"), Column("season"), Column("complete", right=True)]
        columns.append(Column("wanted", right=True, drop=1))
        columns += [Column(name, right=True, drop=drop) for name, drop in _COUNTS.items()]
        columns.append(Column("waived", right=True, optional=True, drop=2))
        yield Table(
            columns, [[*_dataset(row), *(_number(row[name]) for name in _COUNTS), _waived(row)] for row in rows]
        )
    complete = sum(row["completeness"] is not None for row in others)
    if complete:
        gaps = sum(row["missing"] + row["stale"] + row["undersized"] for row in others)
        yield Line(
            f"{count(complete, 'dataset and season is', 'datasets and seasons are')} complete: as much as is wanted, "
            "and nothing unknown" + (f"; {count(gaps, 'gap')} among what is wanting to 100 %." if gaps else ".")
        )
    if len(others) > complete:
        yield Line(
            f"{count(len(others) - complete, 'dataset and season has', 'datasets and seasons have')} nothing due yet."
        )
    waived = sum(row["waived"] for row in report["coverage"])
    if waived:
        yield Line(f"{count(waived, 'item is', 'items are')} waived, and so neither gaps nor counted as complete.")


def _incomplete(row: Mapping[str, Any]) -> bool:
    """Below what is wanted, or not known."""
    known = row["completeness"]
    return row["unknown"] != 0 or (known is not None and known < row["completeness_threshold"])


def _number(number: int | None) -> Cell | None:
    """A count; ``None`` where nobody could say what should exist."""
    return Cell("not known", "warn") if number is None else zero_dimmed(number)


def _waived(row: Mapping[str, Any]) -> str | None:
    return f"{row['waived']:,}" if row["waived"] else None


def _dataset(row: Mapping[str, Any]) -> list[str | Cell]:
    interval = row["bounds"] or row["ci95"]
    value, wanted = row["completeness"], row["completeness_threshold"]
    text = percent(value)
    if interval:
        text += f" ({percent(interval[0])[:-2]}–{percent(interval[1])[:-2]})"
    style: Style | None = "bad" if value is not None and value < wanted else None
    name = f"{row['source']}/{row['data_type']}" + ("" if row["required"] else " (optional)")
    return [name, row["season"], Cell(text, style), percent(wanted)]


def _next(report: Mapping[str, Any]) -> Iterator[Block]:
    steps = list(next_commands(report))
    if steps:
        yield Heading("What to do next")
        yield Code(steps)


def next_commands(report: Mapping[str, Any]) -> Iterator[str]:
    """The commands that help most with what the report says."""
    if report["failures"]:
        yield "recon plugins check                # what is wrong with the plugin"
    reasons = (report.get("unknown") or {}).get("by_reason", {})
    if (report.get("scan") or {"ranges": {"denied": 0}})["ranges"]["denied"] or "unreadable" in reasons:
        yield "recon doctor                       # which permission the credentials lack"
    if "schedule" in reasons:
        yield "recon schedules pull               # so that games since the last pull are proved"
    if "not scanned" in reasons:
        yield "recon scan --show                  # what is scanned: widen lake.prefixes to see the rest"
    if "evidence too old" in reasons:
        yield "recon run                          # without --use-cache, so that the lake is listed anew"
    tasks = report.get("tasks")
    if (report.get("scan") or {"objects": 1})["objects"] == 0:
        yield "recon doctor                       # the lake is empty: is lake.url right?"
    elif tasks and "empty" in _refusals(tasks):
        yield "recon objects --unrecognised       # what the lake holds instead"
    if tasks and "loss" in _refusals(tasks):
        yield "recon scan --show --diff           # which keys vanished between the last two scans"
    gaps = report.get("gaps")
    if gaps and gaps["total"]:
        first = next(name for name in PRIORITY_STYLES if gaps["by_priority"][name])
        yield f"recon gaps --priority {first:<12} # the most pressing ones, with their reasons"
        yield "recon tasks                        # the queue that closes them"
        yield "recon explain ITEM                 # the evidence for one of them"
    if report.get("coverage") and gaps is None:
        yield "recon detect                       # the gaps in what was analyzed"
    elif gaps is not None and not tasks:
        yield "recon generate                     # the task queue for these gaps"

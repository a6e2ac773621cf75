"""A snapshot, and the difference between two, as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from recon_core.cli.render.blocks import Block, Bullets, Cell, Code, Column, Heading, Line, Style, Table, more
from recon_core.cli.render.numbers import ago, count, dollars, size, span, zero_dimmed
from recon_core.times import format_utc, parse_utc

if TYPE_CHECKING:
    from recon_core.snapshot import Snapshot

__all__ = ["diff_blocks", "snapshot_blocks"]

_STATES: Mapping[str, Style] = {"listed": "good", "denied": "bad"}
_CHANGES: Mapping[str, tuple[str, Style | None]] = {
    "vanished": ("vanished", "bad"),
    "appeared": ("appeared", "good"),
    "changed": ("changed", "warn"),
    "unseen_now": ("not seen now", "dim"),
    "unseen_before": ("not seen before", "dim"),
}


def snapshot_blocks(snapshot: Snapshot, *, now: datetime, kept: bool, limit: int | None) -> Iterator[Block]:
    """What a scan saw and what it could not see; ``kept`` tells whether a step can go on from it."""
    from recon_core.engine.evidence import partition

    yield Line(f"{count(snapshot.objects, 'object')}, {size(snapshot.bytes)} in {snapshot.lake}", "strong")
    simulated = " (made with --now: it serves only runs with --now)" if snapshot.simulated else ""
    yield Line(
        f"Evidence of {format_utc(snapshot.evidence_at)}, {ago(now - snapshot.evidence_at)}{simulated}; "
        f"snapshot {snapshot.id}"
    )
    usd = snapshot.usd
    yield Line(
        f"By {snapshot.mode.replace('_', ' ')}, in {span(snapshot.finished_at - snapshot.started_at)} with "
        f"{count(snapshot.requests, 'request')}" + ("" if usd is None else f", {dollars(usd)} USD at S3's list prices"),
        "dim",
    )
    if snapshot.report is not None:
        made = f"{count(snapshot.report.files, 'file')}, {size(snapshot.report.bytes)}"
        if snapshot.report.rows is not None:
            made += f", {count(snapshot.report.rows, 'row')}"
        yield Line(f"Of the report {snapshot.report.manifest} ({made})", "dim")
    stretches = partition(snapshot.ranges)
    holes = [found for found in stretches if found.state != "listed"]
    yield Heading("Key ranges")
    if holes:
        states = ", ".join(
            f"{sum(found.state == state for found in holes):,} {state}"
            for state in dict.fromkeys(found.state for found in holes)
        )
        yield Line(f"{len(stretches) - len(holes):,} listed, {states}. What lies in a hole is unknown.", "warn")
    else:
        yield Line("All keys were listed: what is not in the snapshot was not in the lake.", "good")
    shown_rows = stretches if limit is None else stretches[:limit]
    yield Table(
        [
            Column("state"),
            Column("from"),
            Column("up to"),
            Column("evidence", optional=True),
            Column("error", optional=True),
        ],
        [
            [
                Cell(found.state, _STATES.get(found.state, "warn")),
                Cell(found.start, "code") if found.start else "the first key",
                "the last key" if found.end is None else Cell(found.end, "code"),
                # Only a range of another time needs saying so.
                None
                if found.evidence_at in (None, snapshot.evidence_at)
                else format_utc(found.evidence_at or snapshot.evidence_at),
                found.error or None,
            ]
            for found in shown_rows
        ],
    )
    yield from more(len(stretches), len(shown_rows))
    if snapshot.warnings:
        yield Heading("Warnings")
        yield Bullets([Cell(warning, "warn") for warning in snapshot.warnings])
    if kept:
        yield Heading("What to do next")
        yield Code(["recon analyze                      # verdicts from this snapshot"])
    else:
        yield Line("The snapshot was not kept.", "dim")


def diff_blocks(diff: Mapping[str, Any]) -> Iterator[Block]:
    """What appeared, vanished and changed, and of what that is not known."""
    after, before = diff["after"], diff["before"]
    if before is None:
        yield Line(f"{count(after['objects'], 'object')} in {diff['lake']}, as of {after['evidence_at']}", "strong")
        yield Line(f"Nothing to compare with: {diff['not_compared']}", "warn")
        return
    totals = diff["totals"]
    numbers = ", ".join(f"{totals[name]['objects']:,} {name}" for name in ("vanished", "appeared", "changed"))
    yield Line(f"{numbers}, {count(totals['unchanged'], 'object')} as before in {diff['lake']}", "strong")
    apart = parse_utc(after["evidence_at"]) - parse_utc(before["evidence_at"])
    yield Line(f"From {_side(before)} to {_side(after)}: {span(apart)}", "dim")
    if totals["changed"]["same_content"]:
        same = totals["changed"]["same_content"]
        yield Line(
            f"{count(same, 'changed object has', 'changed objects have')} the same content, written again.", "dim"
        )
    yield from _not_known(totals)
    if diff["datasets"]:
        yield Heading("By dataset")
        yield Table(
            [
                Column("dataset"),
                *(
                    Column(title, right=True, optional=name.startswith("unseen"))
                    for name, (title, _) in _CHANGES.items()
                ),
            ],
            [
                [
                    _dataset(row),
                    *(
                        None if name.startswith("unseen") and not row[name] else zero_dimmed(row[name])
                        for name in _CHANGES
                    ),
                ]
                for row in diff["datasets"]
            ],
        )
        yield Heading("By shape of key")
        yield Table(
            [
                *(Column("change"), Column("objects", right=True), Column("size", right=True, drop=1)),
                *(Column("dataset", drop=2), Column("shape"), Column("example")),
            ],
            [
                [
                    Cell(*_CHANGES[group["change"]]),
                    f"{group['objects']:,}",
                    size(group["bytes_before" if group["change"] in ("vanished", "unseen_now") else "bytes_after"]),
                    _dataset(group),
                    Cell(group["shape"], "code"),
                    Cell(group["examples"][0], "code"),
                ]
                for group in diff["groups"]
            ],
        )
        yield from more(diff["total_groups"], len(diff["groups"]))
    if diff["warnings"]:
        yield Heading("Warnings")
        yield Bullets([Cell(warning, "warn") for warning in diff["warnings"]])
    if totals["vanished"]["objects"]:
        yield Heading("What to do next")
        yield Code(["recon run --use-cache              # which items that leaves missing"])


def _not_known(totals: Mapping[str, Any]) -> Iterator[Block]:
    now, before = totals["unseen_now"]["objects"], totals["unseen_before"]["objects"]
    if now:
        verb = "lies" if now == 1 else "lie"
        yield Line(
            f"{count(now, 'object')} of the earlier snapshot {verb} where the later one listed nothing: whether still "
            "there is not known.",
            "warn",
        )
    if before:
        verb = "lies" if before == 1 else "lie"
        yield Line(
            f"{count(before, 'object')} of the later snapshot {verb} where the earlier one listed nothing: whether new "
            "is not known.",
            "warn",
        )


def _side(head: Mapping[str, Any]) -> str:
    return f"{head['evidence_at']}{' (made with --now)' if head['simulated'] else ''}"


def _dataset(row: Mapping[str, Any]) -> str:
    return "nobody's" if row["source"] is None else f"{row['source']}/{row['data_type']}"

"""What ``recon schedules compare`` found, as a JSON document and as tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from recon_core.agreement import CompareReport, Total
from recon_core.cli.render.blocks import Block, Bullets, Cell, Column, Heading, Line, Table, more
from recon_core.cli.render.numbers import count, zero_dimmed

__all__ = ["compare_blocks", "compare_document"]

_COUNTS = ("agreed", "only_first", "only_second", "moved", "swapped", "disputed")


def compare_document(report: CompareReport) -> dict[str, Any]:
    """The report as JSON holds it."""
    return {
        "pairs": [asdict(pair) for pair in report.pairs],
        "totals": [asdict(total) for total in report.totals],
        "total": report.total,
        "shown": len(report.differences),
        "differences": list(report.differences),
        "warnings": list(report.warnings),
        "problems": list(report.problems),
    }


def compare_blocks(report: CompareReport) -> Iterator[Block]:
    """First what is left out, then the numbers, then the differences one by one."""
    if report.problems or report.warnings:
        yield Heading("What could not be compared")
        yield Bullets([*(Cell(line, "bad") for line in report.problems), *(Cell(w, "warn") for w in report.warnings)])
    yield Heading("Agreement")
    if report.pairs:
        columns = [Column("season"), Column("first"), Column("second"), Column("agreed", right=True)]
        columns += [Column("only in first", right=True), Column("only in second", right=True)]
        columns += [Column(name, right=True) for name in ("moved", "swapped", "status")]
        yield Table(
            columns,
            [
                [pair.season, pair.first, pair.second, *(zero_dimmed(getattr(pair, name)) for name in _COUNTS)]
                for pair in report.pairs
            ],
        )
        yield Line(
            "Moved and swapped games are among those that only one has. Games of types that are not expected of a "
            "source do not count as lacking there.",
            "dim",
        )
    else:
        yield Line("Nothing to compare: no two sources of one league have a stored schedule of the same time.", "warn")
    if report.totals:
        yield Heading("Against known totals")
        columns = [Column("source"), Column("season"), Column("type"), Column("games", right=True)]
        columns += [Column("known", right=True), Column("difference", right=True), Column("known from")]
        yield Table(columns, [_total(total) for total in report.totals])
    if report.pairs:
        yield Heading("Differences")
        if not report.total:
            yield Line("None: the schedules agree on every game that is expected of both.", "good")
            return
        yield Table(
            [Column("source"), Column("season"), Column("kind"), Column("what it says")],
            [[one["source"], one["season"], one["kind"], one["message"]] for one in report.differences],
        )
        yield from more(report.total, len(report.differences))


def _total(total: Total) -> list[str | Cell | None]:
    return [
        *(total.source, total.season, total.season_type, f"{total.games:,}", f"{total.known:,}"),
        *(_difference(total), total.told_by),
    ]


def _difference(total: Total) -> Cell:
    """Games without a type may be those that seem to be lacking, and before its end a season need not have them all."""
    off = total.games - total.known
    if off == 0:
        return Cell("0", "good")
    if off > 0:
        return Cell(f"{off:+,}", "bad")
    untyped = f"{count(total.untyped, 'game')} without a type"
    at_best = off + total.untyped
    if at_best >= 0:
        return Cell(untyped, "warn")
    numbers = f"{off:+,} to {at_best:+,}" if total.untyped else f"{off:+,}"
    numbers += "" if total.over else " so far"
    return Cell(f"{numbers}, {untyped}" if total.untyped else numbers, "bad" if total.over else "warn")

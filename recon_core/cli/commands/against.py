"""``recon gaps --against``: another tool's list of missing files, held against the last cycle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.cli.session import Session, open_workspace

if TYPE_CHECKING:
    from recon_core.cli.render.blocks import Block, Style

__all__ = ["hold_against"]

_MEANINGS: Mapping[str, tuple[Style, str]] = {
    "agrees": ("bad", "gaps that recon proved too"),
    "unexpected": ("warn", "absent, as claimed, but of nothing that recon expects"),
    "undecided": ("warn", "not to be decided by what was seen"),
    "disproved": ("good", "no gaps: the evidence says otherwise"),
}


def hold_against(file: Path, adopt: bool, workspace: Path | None, limit: int | None, session: Session) -> None:
    """Compare, adopt if that is asked for, and show the answers; raises ReconError."""
    from recon_core.against import adopt as take_over
    from recon_core.against import compare, read_claims
    from recon_core.cli.results import read_step_report
    from recon_core.config import load_inventory
    from recon_core.kept import load_snapshot
    from recon_core.plan import build_plan
    from recon_core.plugins import load_registry
    from recon_core.times import parse_utc

    claims = read_claims(file)
    ws = open_workspace(workspace)
    report = read_step_report(ws, "analysis")
    plan = build_plan(load_inventory(ws), load_registry(), parse_utc(report["as_of"]))
    snapshot = load_snapshot(ws)
    answers = compare(ws, claims, report["lake"], plan, snapshot)
    added = take_over(ws, answers, file.name, snapshot.evidence_at) if adopt else []
    rows = [answer.row() for answer in answers]
    counts = Counter(row["answer"] for row in rows)
    document = {
        "cycle_id": report["cycle_id"],
        "as_of": report["as_of"],
        "lake": report["lake"],
        "file": str(file),
        "claims": len(claims),
        "answers": {name: counts[name] for name in _MEANINGS},
        "rows": rows,
        "adopted": [one.item for one in added],
    }
    session.emit(document, lambda: _blocks(document, adopt, session.limit(limit)))


def _blocks(document: Mapping[str, Any], adopt: bool, limit: int | None) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Cell, Column, Line, Table, more
    from recon_core.cli.render.numbers import count

    claims = count(document["claims"], "claim")
    yield Line(f"{claims} of {document['file']} against {document['lake']} as of {document['as_of']}", "strong")
    answers = [(name, number) for name, number in document["answers"].items() if number]
    yield Table(
        [Column("answer"), Column("files", right=True), Column("meaning")],
        [[Cell(name, _MEANINGS[name][0]), f"{number:,}", _MEANINGS[name][1]] for name, number in answers],
    )
    order = list(_MEANINGS)
    rows = sorted(document["rows"], key=lambda row: order.index(row["answer"]))
    shown = rows if limit is None else rows[:limit]
    columns = [Column("answer"), Column("claim"), Column("at", drop=1), Column("item", drop=2)]
    yield Table(
        [*columns, Column("evidence", below=True)],
        [
            [
                Cell(row["answer"], _MEANINGS[row["answer"]][0]),
                Cell(row["claim"], "code"),
                row["place"],
                None if row["item"] is None else Cell(row["item"], "code"),
                row["evidence"],
            ]
            for row in shown
        ],
    )
    yield from more(len(rows), len(shown))
    if adopt:
        adopted = count(len(document["adopted"]), "file")
        yield Line(f"{adopted} adopted in inventory/adopted.json: the next run expects them.", "strong")
    elif document["answers"]["unexpected"]:
        yield Line("`--adopt` makes the next run expect what is absent and was not expected.", "dim")

"""``recon objects``: what else lies in the lake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

if TYPE_CHECKING:
    from recon_core.cli.render.blocks import Block
    from recon_core.engine.outputs import Rows

__all__ = ["objects"]


class Kind(StrEnum):
    """What an object is that is no item's best copy."""

    duplicate = "duplicate"
    out_of_scope = "out_of_scope"
    orphan = "orphan"
    unrecognised = "unrecognised"


@examples(
    "recon objects --unrecognised           # which layouts nobody knows",
    "recon objects --kind orphan            # files of games that no schedule has",
)
def objects(
    workspace: o.WorkspaceOption = None,
    unrecognised: Annotated[
        bool,
        typer.Option(
            "--unrecognised", rich_help_panel=o.SCOPE, help="Group the objects that nobody recognises by their shape."
        ),
    ] = False,
    kind: Annotated[
        list[Kind] | None,
        typer.Option(
            metavar="|".join(Kind),
            show_default=False,
            rich_help_panel=o.SCOPE,
            help="Only this kind; may be repeated.",
        ),
    ] = None,
    source: o.Sources = None,
    data_type: o.DataTypes = None,
    limit: o.Limit = None,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """List what else lies in the lake: duplicates, strays, the unrecognised.

    These are the objects that are no item's best copy. Reads the files of the last cycle: neither the lake nor the
    network is asked.
    """
    from recon_core.api.errors import UsageError
    from recon_core.cli.results import check_filters, read_step_report
    from recon_core.cli.session import begin, open_workspace
    from recon_core.engine.outputs import Selection, key_shapes, select_objects

    session = begin(output, verbose, quiet, log_format)
    if unrecognised and (kind or source or data_type):
        raise UsageError("--unrecognised groups what belongs to no source: leave --kind, --source and --data-type out")
    ws = open_workspace(workspace)
    report = read_step_report(ws, "analysis")
    if unrecognised:
        shapes = key_shapes(ws, session.limit(limit))
        session.emit(_document(report, "shapes", shapes), lambda: _shape_blocks(report, shapes))
        return
    check_filters(report, source=source, data_type=data_type)
    found = select_objects(
        ws,
        Selection(
            sources=source or (),
            data_types=data_type or (),
            kinds=[one.value for one in kind or ()],
            limit=session.limit(limit),
        ),
    )
    session.emit(_document(report, "objects", found), lambda: _blocks(report, found))


def _document(report: Mapping[str, Any], name: str, found: Rows) -> dict[str, Any]:
    head = {key: report[key] for key in ("cycle_id", "as_of", "lake")}
    head["sample_rate"] = report["scope"]["sample_rate"]
    return {**head, "total": found.total, "shown": len(found.rows), name: found.rows}


def _blocks(report: Mapping[str, Any], found: Rows) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Cell, Column, Line, Table, more
    from recon_core.cli.render.numbers import count

    kinds = report.get("objects")
    yield Line(f"{count(found.total, 'object')} beside the items' best copies, as of {report['as_of']}", "strong")
    if kinds:
        numbers = ", ".join(f"{kinds[name.value]:,} {name.value}" for name in Kind)
        where = "the whole lake" if report["scope"]["sample_rate"] is None else "the sampled key ranges"
        yield Line(f"In {where}: {count(kinds['items'], 'best copy', 'best copies')}, {numbers}.", "dim")
    if found.rows:
        columns = [
            Column("kind"),
            Column("key"),
            Column("size", right=True),
            Column("last modified"),
            Column("item", optional=True),
        ]
        yield Table(
            columns,
            [
                [
                    row["kind"],
                    Cell(row["key"], "code"),
                    None if row["size"] is None else f"{row['size']:,}",
                    row["last_modified"],
                    Cell(row["item"], "code") if row["item"] else None,
                ]
                for row in found.rows
            ],
        )
    yield from more(found.total, len(found.rows))


def _shape_blocks(report: Mapping[str, Any], shapes: Rows) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Bullets, Cell, Code, Column, Heading, Line, Table, more
    from recon_core.cli.render.numbers import count, size

    kinds = report.get("objects") or {}
    number = count(kinds.get("unrecognised", 0), "object")
    yield Line(f"{number} in {count(shapes.total, 'shape')} that no installed source recognises", "strong")
    if report["scope"]["sample_rate"] is not None:
        yield Line("Of a sample: the key ranges that it left out may hold more.", "warn")
    if shapes.rows:
        columns = [
            Column("objects", right=True),
            Column("size", right=True),
            Column("oldest", drop=2),
            Column("newest", drop=1),
            Column("shape"),
            Column("example"),
        ]
        yield Table(
            columns,
            [
                [
                    f"{row['objects']:,}",
                    None if row["bytes"] is None else size(row["bytes"]),
                    row["oldest"] and row["oldest"][:10],
                    row["newest"] and row["newest"][:10],
                    Cell(row["shape"], "code"),
                    Cell(row["example"], "code"),
                ]
                for row in shapes.rows
            ],
        )
    yield from more(shapes.total, len(shapes.rows))
    further = [Cell(key, "code") for row in shapes.rows for key in row["examples"][1:]]
    if further:
        yield Heading("Further examples, in the same order")
        yield Bullets(further)
    if shapes.rows:
        yield Heading("What to do next")
        yield Code(["recon explain KEY                  # what recon makes of one of them"])

"""Blocks as aligned plain text, for pipes and logs: no colours, no frames, nothing cut off."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from recon_core.cli.render.blocks import Block, Bullets, Cell, Code, Heading, Line, Table, cell_text, drop_empty
from recon_core.text import shown

__all__ = ["plain_lines"]


def plain_lines(blocks: Iterable[Block]) -> Iterator[str]:
    """The lines of a result, without line ends."""
    before: Block | None = None
    for block in blocks:
        if (
            before is not None
            and not (isinstance(block, Line) and isinstance(before, Line))
            and (not isinstance(before, Heading))
        ):
            yield ""
        yield from _lines(block)
        before = block


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading(text):
            yield f"{shown(text)}:"
        case Line(text):
            yield shown(text)
        case Bullets(items):
            for item in items:
                yield f"- {shown(item.text if isinstance(item, Cell) else item)}"
        case Code(lines):
            for line in lines:
                yield f"  {shown(line)}"
        case Table():
            yield from _table(drop_empty(block))


def _table(table: Table) -> Iterator[str]:
    rows = [[column.name for column in table.columns]]
    rows += [[shown(cell_text(cell)[0]) for cell in row] for row in table.rows]
    widths = [max(_width(row[index]) for row in rows) for index in range(len(table.columns))]
    for row in rows:
        cells = [
            _padded(text, width, column.right) for text, width, column in zip(row, widths, table.columns, strict=True)
        ]
        yield "  ".join(cells).rstrip()


def _padded(text: str, width: int, right: bool) -> str:
    fill = " " * (width - _width(text))
    return fill + text if right else text + fill


def _width(text: str) -> int:
    """How many columns the text takes: wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )

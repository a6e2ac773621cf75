"""Blocks on a terminal, with rich. Text from outside never goes through rich's markup."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from recon_core.cli.render.blocks import Block, Bullets, Cell, Code, Heading, Line, Style, Table, cell_text, drop_empty
from recon_core.text import shown

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

__all__ = ["print_blocks"]

_KEPT_WHOLE = 28

_STYLES: dict[Style, str] = {
    "good": "green",
    "warn": "yellow",
    "bad": "bold red",
    "dim": "dim",
    "strong": "bold",
    "code": "cyan",
}


def print_blocks(blocks: Iterable[Block]) -> None:
    """Write a result to the terminal that stdout is."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=False)
    before: Block | None = None
    for block in blocks:
        close = isinstance(before, Heading) or (isinstance(block, Line) and isinstance(before, Line))
        if before is not None and not close:
            console.print()
        for renderable in _renderables(block):
            console.print(renderable)
        before = block


def _renderables(block: Block) -> Iterable[RenderableType]:
    match block:
        case Heading(text):
            yield _text(text, "strong")
        case Line(text, style):
            yield _text(text, style)
        case Bullets(items):
            for item in items:
                cell = item if isinstance(item, Cell) else Cell(item)
                yield _text("• ", None).append_text(_text(cell.text, cell.style))
        case Code(lines):
            for line in lines:
                yield _text(f"  {line}", "code")
        case Table():
            yield _table(drop_empty(block))


def _table(table: Table) -> RenderableType:
    from rich import box
    from rich.table import Table as RichTable

    drawn = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for place, column in enumerate(table.columns):
        longest = max(len(text) for text in (column.name, *(cell_text(row[place])[0] for row in table.rows)))
        drawn.add_column(
            _text(column.name, None),
            justify="right" if column.right else "left",
            overflow="fold",
            # Where there is little room, sentences and keys are folded and not names and numbers.
            min_width=longest if longest <= _KEPT_WHOLE else None,
        )
    for row in table.rows:
        drawn.add_row(*(_text(*cell_text(cell)) for cell in row))
    return drawn


def _text(text: str, style: Style | None) -> Text:
    from rich.text import Text

    return Text(shown(text), style=_STYLES[style] if style else "", overflow="fold")

"""Blocks on a terminal, with rich. Text from outside never goes through rich's markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from recon_core.cli.render.blocks import (
    Block,
    Bullets,
    Cell,
    Code,
    Heading,
    Line,
    Style,
    Table,
    cell_text,
    drop_empty,
    only,
)
from recon_core.text import shown

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

__all__ = ["print_blocks"]

_KEPT_WHOLE = 28
_GAP = 2

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
        for renderable in _renderables(block, console.width):
            console.print(renderable)
        before = block


def _renderables(block: Block, width: int) -> Iterable[RenderableType]:
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
            yield from _table(drop_empty(block), width)


def _table(table: Table, width: int) -> Iterable[RenderableType]:
    """The table as it fits ``width``: whole if it can be, else in fewer columns, and it says which are wanting."""
    from rich.cells import cell_len

    natural = [
        max(cell_len(shown(text)) for text in (column.name, *(cell_text(row[place])[0] for row in table.rows)))
        for place, column in enumerate(table.columns)
    ]
    kept = list(range(len(table.columns)))
    below: int | None = None

    def too_wide() -> bool:
        return sum(natural[place] for place in kept) + _GAP * (len(kept) - 1) > width

    for place, column in enumerate(table.columns):
        if column.below and too_wide():
            kept.remove(place)
            below = place
    dropped = []
    for place in sorted(kept, key=lambda place: -table.columns[place].drop):
        if table.columns[place].drop and too_wide():
            kept.remove(place)
            dropped.append(table.columns[place].name)
    if below is None:
        yield _drawn(only(table, kept), [natural[place] for place in kept], tight=too_wide())
    else:
        yield from _with_notes(table, kept, below, natural)
    if dropped:
        yield _text(f"No room for: {', '.join(dropped)}. A wider terminal, a pipe or --format json has all.", "dim")


def _drawn(table: Table, natural: Sequence[int], *, tight: bool) -> RenderableType:
    from rich import box
    from rich.table import Table as RichTable

    drawn = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold", show_edge=False)
    # Where all were kept whole, rich would cut off the last: the longest name gives way.
    longest_name = max(
        (size for size, column in zip(natural, table.columns, strict=True) if not column.right), default=0
    )
    for column, longest in zip(table.columns, natural, strict=True):
        folds = longest > _KEPT_WHOLE or (tight and longest == longest_name and not column.right)
        drawn.add_column(
            _text(column.name, None),
            justify="right" if column.right else "left",
            overflow="fold",
            # Where there is little room, sentences and keys are folded and not names and numbers.
            min_width=None if folds else longest,
            no_wrap=not folds,
        )
    for row in table.rows:
        drawn.add_row(*(_text(*cell_text(cell)) for cell in row))
    return drawn


def _with_notes(table: Table, kept: Sequence[int], below: int, natural: Sequence[int]) -> Iterator[RenderableType]:
    """The rows as lines, and under each, indented, what stands in the column ``below``."""
    from rich.padding import Padding

    def line(cells: Sequence[str | Cell | None], style: Style | None = None) -> Text:
        joined = _text("", None)
        for number, (place, cell) in enumerate(zip(kept, cells, strict=True)):
            text, meaning = cell_text(cell)
            part = _text(text, style or meaning)
            fill = " " * (natural[place] - part.cell_len)
            if number:
                joined.append(" " * _GAP)
            if table.columns[place].right:
                joined.append(fill)
            joined.append_text(part)
            if not table.columns[place].right:
                joined.append(fill)
        joined.rstrip()
        return joined

    yield line([table.columns[place].name for place in kept], "strong")
    for row in table.rows:
        yield line([row[place] for place in kept])
        if row[below] is not None and cell_text(row[below])[0] != "-":
            yield Padding(_text(*cell_text(row[below])), (0, 0, 0, 4))


def _text(text: str, style: Style | None) -> Text:
    from rich.text import Text

    return Text(shown(text), style=_STYLES[style] if style else "", overflow="fold")

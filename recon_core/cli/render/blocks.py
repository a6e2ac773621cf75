"""What a result is made of before it is known where it will be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "Block",
    "Bullets",
    "Cell",
    "Code",
    "Column",
    "Heading",
    "Line",
    "Style",
    "Table",
    "cell_text",
    "drop_empty",
    "more",
    "only",
]

Style = Literal["good", "warn", "bad", "dim", "strong", "code"]
"""What a piece of text means. ``code`` is text from outside that is to be shown letter by letter, such as a key."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with a meaning. The text may hold anything: the renderers escape it."""

    text: str
    style: Style | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; numbers stand right, and an optional one is left out where it would be empty.

    Where a terminal is too narrow for the table, a column that may stand ``below`` is put on a line of its own under
    each row, and then those with a ``drop`` are left out, the highest first; without one a column always stays.
    """

    name: str
    right: bool = False
    optional: bool = False
    below: bool = False
    drop: int = 0


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a part of the result."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence on a line of its own."""

    text: str
    style: Style | None = None


@dataclass(frozen=True, slots=True)
class Bullets:
    """Several short sentences."""

    items: Sequence[str | Cell]


@dataclass(frozen=True, slots=True)
class Code:
    """Commands to copy, a line each."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns. ``None`` is shown as a dash."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str | Cell | None]]


def drop_empty(table: Table) -> Table:
    """The table without the optional columns that have nothing to say."""
    kept = [
        place
        for place, column in enumerate(table.columns)
        if not column.optional or any(cell_text(row[place])[0] != "-" for row in table.rows)
    ]
    return only(table, kept)


def only(table: Table, places: Sequence[int]) -> Table:
    """The table with the columns at these places."""
    return Table([table.columns[place] for place in places], [[row[place] for place in places] for row in table.rows])


Block = Heading | Line | Bullets | Code | Table


def cell_text(cell: str | Cell | None) -> tuple[str, Style | None]:
    """The text of a table cell and what it means."""
    if cell is None or cell == "":
        return "-", None
    return (cell.text or "-", cell.style) if isinstance(cell, Cell) else (cell, None)


def more(total: int, seen: int) -> Iterator[Block]:
    """That there is more than what was shown."""
    if seen < total:
        yield Line(f"{total - seen:,} more: --limit 0 shows all.", "dim")

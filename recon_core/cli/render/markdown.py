"""Blocks as GitHub-flavoured Markdown, fit for the job summary of a CI run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from recon_core.cli.render.blocks import Block, Bullets, Cell, Code, Heading, Line, Style, Table, cell_text, drop_empty
from recon_core.text import shown

__all__ = ["markdown_lines"]

_SPECIAL = re.compile(r"[\\`*\[\]|~#@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENTITY = re.compile(r"[\\`*_\[\]|~#@&<>!:]")
_COMMAND = re.compile(r"(`[A-Za-z0-9][A-Za-z0-9 ./:=_-]*`)")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def markdown_lines(blocks: Iterable[Block]) -> Iterator[str]:
    """The lines of a result, without line ends."""
    first = True
    for block in blocks:
        if not first:
            yield ""
        first = False
        match block:
            case Heading(text):
                yield f"## {_escaped(text)}"
            case Line(text, style):
                yield _styled(text, style)
            case Bullets(items):
                for item in items:
                    yield f"- {_styled(item.text, item.style) if isinstance(item, Cell) else _escaped(item)}"
            case Code(lines):
                yield "```sh"
                yield from (shown(line).replace("```", "` ` `") for line in lines)
                yield "```"
            case Table():
                yield from _table(drop_empty(block))


def _table(table: Table) -> Iterator[str]:
    yield _row(_escaped(column.name) for column in table.columns)
    yield _row("---:" if column.right else "---" for column in table.columns)
    for row in table.rows:
        yield _row(_styled(*cell_text(cell)).replace("\n", " ") for cell in row)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _styled(text: str, style: Style | None) -> str:
    if style == "code":
        return _code(shown(text))
    escaped = _escaped(text)
    return f"**{escaped}**" if style in ("bad", "strong") and escaped.strip() else escaped


def _escaped(text: str) -> str:
    """Text as text; what stands in backticks and is plain, such as a command, stays code."""
    parts = _COMMAND.split(shown(text))
    return "".join(part if place % 2 else _plain(part) for place, part in enumerate(parts))


def _plain(text: str) -> str:
    return _SPECIAL.sub(lambda match: "\\" + match.group(), re.sub("[&<>]", lambda m: _HTML[m.group()], text))


def _code(text: str) -> str:
    """A code span whose fence is longer than any run of backticks in the text.

    In a span neither a bar nor a backslash before one can be escaped, so text with either is written as HTML.
    """
    if "|" in text or "\\" in text:
        return f"<code>{_ENTITY.sub(lambda match: f'&#{ord(match.group())};', text)}</code>"
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{space}{text}{space}{fence}"

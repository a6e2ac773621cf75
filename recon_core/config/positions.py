"""Where things stand in a configuration file: lines by path, and the one-line form of everything said about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from recon_core.text import shown

__all__ = ["NodePath", "Positions", "Problem", "path_text", "value_text"]

NodePath = tuple[str | int, ...]
"""Keys and list indexes from the top of a document to a node."""

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")
_CREDENTIALS = re.compile(r"(?<=://)[^/?#\s]*@")
_QUERY = re.compile(r"(?<=://)([^?#\s]*)[?#]\S*")
_LONGEST = 60


def path_text(path: NodePath) -> str:
    """``expected_coverage.acme.seasons[0]``; a key that could be misread is put in quotes."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if _PLAIN_KEY.fullmatch(part) else f'"{_short(part)}"'
            text += f".{name}" if text else name
    return text


def value_text(value: str) -> str:
    """A scalar as a message shows it: escaped, cut, and a URL in it without password and query."""
    return _short(_QUERY.sub(r"\1", _CREDENTIALS.sub("", value)))


def _short(text: str) -> str:
    return shown(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a file: the line (from 1), the path (empty for the whole file), and what would be right."""

    line: int
    path: str
    message: str

    def text(self, label: str) -> str:
        """``config/reconciliation_config.yaml:7: scan.seed: -3 is less than 0``."""
        path = f"{self.path}: " if self.path else ""
        return f"{label}:{self.line}: {path}{self.message}"


@dataclass(frozen=True, slots=True)
class Positions:
    """The lines of a document's nodes; ``label`` is the file's path as messages name it."""

    label: str
    lines: Mapping[NodePath, int] = field(default_factory=dict)

    def line_of(self, path: NodePath) -> int:
        """The line of a node, or of the nearest node above it where it is not written down."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def where(self, path: NodePath) -> str:
        """``inventory/data_inventory.yaml:7: expected_coverage.acme.seasons``."""
        text = path_text(path)
        return f"{self.label}:{self.line_of(path)}: {text}" if text else f"{self.label}:{self.line_of(path)}"

    def problem(self, path: NodePath, message: str) -> Problem:
        return Problem(self.line_of(path), path_text(path), message)

"""YAML read safely: the 1.2 core schema, no tags, no aliases, no duplicate keys, capped in size and depth.

Two readings differ from the core schema on purpose: a number with leading zeros (``0022400061``) is text, because it
is an id; and every mapping key is text. Timestamps do not exist in the core schema and stay text.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recon_core.api.errors import ConfigError
from recon_core.config.positions import NodePath, Positions, Problem, path_text, value_text
from recon_core.text import shown

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Document", "parse", "read_text", "resolve_plain"]

MAX_BYTES = 1 << 20
MAX_DEPTH = 32

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {text: text.lower() == "true" for text in ("true", "True", "TRUE", "false", "False", "FALSE")}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NAN = frozenset({".nan", ".NaN", ".NAN"})
_SURROGATE = re.compile("[\ud800-\udfff]")
# Python refuses to read or write integers of more than 4300 digits; longer ones are infinite, which no key accepts.
_LONGEST_INT = 3000


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file.

    ``data`` is made of dict, list, str, int, float, bool and None (None for a file without content); ``texts`` holds
    the source text of every plain scalar that became something else than text; ``problems`` what is wrong so far.
    """

    data: Any
    positions: Positions
    texts: dict[NodePath, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def resolve_plain(text: str) -> str | int | float | bool | None:
    """What an unquoted scalar means."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text) if len(text) <= _LONGEST_INT else float(text)
    if _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
        return int(text, 0) if len(text) <= _LONGEST_INT else float("inf")
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITY.fullmatch(text):
        return float(text.replace(".", "", 1))
    return float("nan") if text in _NAN else text


def read_text(path: Path, label: str) -> str:
    """The content of a configuration file, without a byte order mark.

    Raises ConfigError when it is absent, no plain file, too large, unreadable or not UTF-8.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigError(f"{label}: is not a file: put a YAML file there, or make one with `recon init`")
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(f"{label}: there is no such file: make one with `recon init`") from None
    except OSError as error:
        raise ConfigError(f"{label}: cannot be read: {shown(error.strerror or error)}") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{label}: is larger than 1 MiB: a configuration file is not meant to hold data")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{label}:{line}: is not UTF-8 text: save the file as UTF-8") from None


def parse(text: str, label: str) -> Document:
    """Read YAML text.

    Raises ConfigError where the text is no YAML or is nested too deeply; what is wrong with single nodes is collected
    in the document's ``problems``.
    """
    import yaml

    # The C parser is some ten times faster; where PyYAML was built without it the other one reads the same language.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Builder(label).build(yaml.parse(text, Loader=loader))
    except yaml.reader.ReaderError as error:
        position = error.position if isinstance(error.position, int) else 0
        raise ConfigError(
            f"{label}:{text.count(chr(10), 0, position) + 1}: a control character that YAML forbids: remove it"
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError(f"{label}:{mark.line + 1 if mark else 1}: {_syntax(error, text)}") from None
    except (ValueError, OverflowError):
        raise ConfigError(f"{label}: an escape such as \\U in double quotes that is no character") from None


def _syntax(error: Any, text: str) -> str:
    problem = str(error.problem or error.context or "it cannot be read")
    mark = error.problem_mark
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "\t" in line[: mark.column + 1 if mark else 0] and "cannot start any token" in problem:
        return "not valid YAML: a tab: indent with spaces"
    if "mapping values are not allowed" in problem:
        return "not valid YAML: an unexpected colon: check the indentation, and quote a text that has ': ' in it"
    return f"not valid YAML: {shown(problem)}"


class _Builder:
    """Turns parser events into plain data, and remembers where everything stood."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._lines: dict[NodePath, int] = {}
        self._texts: dict[NodePath, str] = {}
        self._problems: list[Problem] = []

    def build(self, events: Iterator[Any]) -> Document:
        from yaml import events as kinds

        self._kinds = kinds
        self._events = events
        data = None
        documents = 0
        for event in events:
            if isinstance(event, kinds.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise ConfigError(f"{self._label}:{_line(event)}: a second document: a file has only one")
                data = self._node(next(events), (), 0)
        return Document(data, Positions(self._label, self._lines), self._texts, tuple(self._problems))

    def _report(self, event: Any, path: NodePath, message: str) -> None:
        self._problems.append(Problem(_line(event), path_text(path), message))

    def _node(self, event: Any, path: NodePath, depth: int) -> Any:
        kinds = self._kinds
        self._lines.setdefault(path, _line(event))
        if isinstance(event, kinds.AliasEvent):
            self._report(event, path, "an alias (*): write the value out")
            return None
        if event.anchor is not None:
            self._report(event, path, "an anchor (&): write the value out where it is needed")
        if event.tag is not None:
            self._report(event, path, f"a tag ({shown(event.tag)}): write the plain value")
        if isinstance(event, kinds.ScalarEvent):
            return self._scalar(event, path)
        if depth >= MAX_DEPTH:
            raise ConfigError(f"{self._label}:{_line(event)}: nested more than {MAX_DEPTH} levels deep")
        if isinstance(event, kinds.SequenceStartEvent):
            return self._sequence(path, depth)
        return self._mapping(path, depth)

    def _scalar(self, event: Any, path: NodePath) -> Any:
        text: str = event.value
        if _SURROGATE.search(text):
            self._report(event, path, "an escape that is half a character: write the character itself")
            return ""
        # A tag is a problem already; what it stands on is read as if the tag were not there.
        value = resolve_plain(text) if event.style is None or event.style == "" else text
        if not isinstance(value, str):
            self._texts[path] = text
        return value

    def _sequence(self, path: NodePath, depth: int) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), self._kinds.SequenceEndEvent):
            values.append(self._node(event, (*path, len(values)), depth + 1))
        return values

    def _mapping(self, path: NodePath, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self._events), self._kinds.MappingEndEvent):
            key = self._key(event, path, depth)
            here = (*path, "?" if key is None else key)
            if key is None or key in values:
                if key is not None:
                    first = self._lines[here]
                    self._report(event, here, f"the same key stands on line {first} already: keep one of them")
                self._skip(next(self._events), here, depth)
                continue
            self._lines[here] = _line(event)
            values[key] = self._node(next(self._events), here, depth + 1)
        return values

    def _key(self, event: Any, path: NodePath, depth: int) -> str | None:
        if not isinstance(event, self._kinds.ScalarEvent):
            self._report(event, path, "a key must be plain text")
            self._skip(event, path, depth)
            return None
        if event.anchor is not None or event.tag is not None:
            self._report(event, path, f"a tag or an anchor on the key {value_text(event.value)!r}: write the plain key")
        text: str = event.value
        if (not text and event.style in (None, "")) or _SURROGATE.search(text):
            self._report(event, path, "a key is missing before ':'")
            return None
        return text

    def _skip(self, event: Any, path: NodePath, depth: int) -> None:
        """Read past a node whose place is wrong already; only what is wrong inside it is kept."""
        inner = _Builder(self._label)
        inner._kinds, inner._events = self._kinds, self._events
        inner._node(event, path, depth + 1)
        self._problems += inner._problems


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1

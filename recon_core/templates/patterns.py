r"""Field patterns: the part of regular expressions that RE2 (in DuckDB) and Python read alike.

A pattern is ASCII text made of

- characters that stand for themselves, and ``\`` before a punctuation mark, which then stands for itself;
- ``[abc]``, ``[0-9a-f]``, ``[^/]``: one character (not) of a set; ``\d`` = ``[0-9]``, ``\w`` = ``[0-9A-Za-z_]``, in
  and outside of a set;
- ``(?:...)`` groups and ``|`` between alternatives, none of them empty;
- ``?``, ``*``, ``+``, ``{n}``, ``{n,}``, ``{n,m}`` after a character, set or group that cannot be empty.

It matches as a whole, and never the empty text. There is no ``.`` (it means different things about line ends), no
anchor, no capture, no lazy or possessive quantifier, no look-around, no back-reference and no flag. What is read is
written anew as a regular expression, so that nothing else can slip through.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TypeAlias

from recon_core.api import ConfigError
from recon_core.templates.charset import DIGITS, WORD, CharSet
from recon_core.text import shown

__all__ = ["MAX_POSITIONS", "Choice", "Node", "Repeat", "Sequence", "parse_pattern", "positions", "regex", "width"]

MAX_LENGTH = 500
MAX_DEPTH = 20
MAX_POSITIONS = 1000
"""How many characters a pattern may have once its counted repetitions are written out."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several alternatives."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``part`` at least ``least`` and at most ``most`` times; ``None`` is without limit."""

    part: Node
    least: int
    most: int | None


Node: TypeAlias = CharSet | Sequence | Choice | Repeat


def parse_pattern(text: str) -> Node:
    """The pattern as a tree; raises ConfigError with what is wrong and at which character."""
    parser = _Parser(text)
    node = parser.parse()
    if can_be_empty(node):
        raise parser.error("it matches the empty text, and a field of a key is never empty", at=None)
    if positions(node) > MAX_POSITIONS:
        raise parser.error(f"it stands for more than {MAX_POSITIONS} characters in a row", at=None)
    return node


def can_be_empty(node: Node) -> bool:
    if isinstance(node, Sequence):
        return all(can_be_empty(part) for part in node.parts)
    if isinstance(node, Choice):
        return any(can_be_empty(option) for option in node.options)
    return isinstance(node, Repeat) and node.least == 0


def positions(node: Node) -> int:
    """How many single characters the tree has with every counted repetition written out."""
    if isinstance(node, Sequence):
        return sum(positions(part) for part in node.parts)
    if isinstance(node, Choice):
        return sum(positions(option) for option in node.options)
    if isinstance(node, Repeat):
        return positions(node.part) * max(1, node.least if node.most is None else node.most)
    return 1


def width(node: Node) -> int | None:
    """The length of every text that matches, or None where lengths differ."""
    if isinstance(node, Sequence):
        widths = [width(part) for part in node.parts]
        return None if None in widths else sum(w for w in widths if w is not None)
    if isinstance(node, Choice):
        options = {width(option) for option in node.options}
        return options.pop() if len(options) == 1 else None
    if isinstance(node, Repeat):
        inner = width(node.part)
        return inner * node.least if inner is not None and node.least == node.most else None
    return 1


def regex(node: Node) -> str:
    """The tree as a regular expression for RE2 and Python, without captures; it need not be grouped further."""
    if isinstance(node, Sequence):
        return "".join(regex(part) for part in node.parts)
    if isinstance(node, Choice):
        return f"(?:{'|'.join(regex(option) for option in node.options)})"
    if isinstance(node, Repeat):
        inner = regex(node.part)
        return f"{inner if isinstance(node.part, CharSet | Choice) else f'(?:{inner})'}{_quantifier(node)}"
    return node.regex()


def _quantifier(node: Repeat) -> str:
    match (node.least, node.most):
        case (0, 1):
            return "?"
        case (0, None):
            return "*"
        case (1, None):
            return "+"
        case (least, None):
            return f"{{{least},}}"
        case (least, most):
            return f"{{{least}}}" if least == most else f"{{{least},{most}}}"


def _endless(node: Node) -> bool:
    if isinstance(node, Sequence):
        return any(_endless(part) for part in node.parts)
    if isinstance(node, Choice):
        return any(_endless(option) for option in node.options)
    return isinstance(node, Repeat) and (node.most is None or _endless(node.part))


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def error(self, message: str, at: int | None = -1) -> ConfigError:
        place = "" if at is None else f" at character {(self.at if at < 0 else at) + 1}"
        return ConfigError(f"pattern {shown(self.text)!r}{place}: {message}")

    def parse(self) -> Node:
        if not self.text:
            raise self.error("it is empty; leave it out for any text without a slash", at=None)
        if len(self.text) > MAX_LENGTH:
            raise ConfigError(f"pattern {shown(self.text[:40])!r}…: it is longer than {MAX_LENGTH} characters")
        for index, char in enumerate(self.text):
            if not " " <= char <= "~":
                raise self.error("only printable ASCII characters may be used", at=index)
        node = self.choice(0)
        if self.at < len(self.text):
            raise self.error("this ')' closes nothing; write \\) for the character")
        return node

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def choice(self, depth: int) -> Node:
        options = [self.sequence(depth)]
        while self.peek() == "|":
            self.at += 1
            options.append(self.sequence(depth))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while (char := self.peek()) and char not in "|)":
            parts.append(self.repeated(depth))
        if not parts:
            raise self.error("an alternative or group is empty; write ? after what may be absent")
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self, depth: int) -> Node:
        node = self.atom(depth)
        start = self.at
        bounds = self.bounds()
        if bounds is None:
            return node
        least, most = bounds
        if can_be_empty(node):
            raise self.error("this repeats something that may be empty", at=start)
        if most is None and _endless(node):
            raise self.error("this repeats without limit what is already repeated without limit", at=start)
        if positions(node) * max(1, least if most is None else most) > MAX_POSITIONS:
            raise self.error(f"this stands for more than {MAX_POSITIONS} characters in a row", at=start)
        if self.peek() and self.peek() in "?*+{":
            raise self.error("a second quantifier; lazy and possessive ones are not supported")
        return Repeat(node, least, most)

    def bounds(self) -> tuple[int, int | None] | None:
        simple: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
        char = self.peek()
        if char in simple:
            self.at += 1
            return simple[char]
        if char != "{":
            return None
        start = self.at
        end = self.text.find("}", start)
        inside = self.text[start + 1 : end] if end > 0 else ""
        low, comma, high = inside.partition(",")
        if not (low.isdigit() and (not high or high.isdigit()) and len(low) <= 4 and len(high) <= 4):
            raise self.error("a repetition is written {3}, {3,} or {3,5}; write \\{ for the character", at=start)
        least, most = int(low), (int(high) if high else None) if comma else int(low)
        if most is not None and (most < least or most == 0):
            raise self.error(f"a repetition of {least} to {most} times", at=start)
        self.at = end + 1
        return least, most

    def atom(self, depth: int) -> Node:
        char = self.peek()
        if char == "(":
            return self.group(depth)
        if char == "[":
            return self.charset()
        if char == "\\":
            return self.escape()
        hints = {
            ".": "'.' is not supported (it means different things about line ends); write [^/] for any but a slash",
            "^": "no anchor is needed, a pattern matches as a whole; write \\^ for the character",
            "$": "no anchor is needed, a pattern matches as a whole; write \\$ for the character",
        }
        if char in hints:
            raise self.error(hints[char])
        if char in "?*+{":
            raise self.error(f"nothing stands before {char!r} that could be repeated")
        self.at += 1
        return CharSet(frozenset(char))

    def group(self, depth: int) -> Node:
        start = self.at
        if not self.text.startswith("(?:", start):
            raise self.error("only groups written (?:...) are supported; write \\( for the character")
        if depth >= MAX_DEPTH:
            raise self.error(f"groups are nested more than {MAX_DEPTH} deep")
        self.at += 3
        node = self.choice(depth + 1)
        if self.peek() != ")":
            raise self.error("this group is not closed", at=start)
        self.at += 1
        return node

    def escape(self) -> CharSet:
        char = self.text[self.at + 1 : self.at + 2]
        named = {"d": DIGITS, "w": WORD}.get(char)
        if named is None and (not char or char not in string.punctuation):
            raise self.error(f"'\\{char}' is not supported; of letters only \\d and \\w may follow a backslash")
        self.at += 2
        return named or CharSet(frozenset(char))

    def charset(self) -> CharSet:
        start = self.at
        self.at += 1
        negated = self.peek() == "^"
        self.at += negated
        chars: set[str] = set()
        while (char := self.peek()) != "]":
            if not char:
                raise self.error("this set is not closed", at=start)
            if char == "[":
                raise self.error("write \\[ for a bracket in a set")
            low = self.member()
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.member()
                if len(low.chars) != 1 or len(high.chars) != 1 or min(low.chars) > min(high.chars):
                    raise self.error("this is no range from a lower to a higher character", at=start)
                chars.update(map(chr, range(ord(min(low.chars)), ord(min(high.chars)) + 1)))
            else:
                chars |= low.chars
        if not chars:
            raise self.error("this set is empty", at=start)
        self.at += 1
        return CharSet(frozenset(chars), negated)

    def member(self) -> CharSet:
        if self.peek() == "\\":
            return self.escape()
        char = self.peek()
        self.at += 1
        return CharSet(frozenset(char))

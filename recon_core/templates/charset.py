"""Sets of characters, finite or all but finitely many: what one position of a pattern may be."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ANY_BUT_SLASH", "DIGITS", "WORD", "CharSet", "escape_regex", "readability"]

# Shown first when an example of a set is wanted.
_NICE = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.~!$()*,;:=@+ "


def readability(char: str) -> tuple[int, str]:
    """Sorts easily read characters first."""
    place = _NICE.find(char)
    return (place if place >= 0 else len(_NICE), char)


@dataclass(frozen=True, slots=True)
class CharSet:
    """``chars``, or with ``negated`` every character but these."""

    chars: frozenset[str]
    negated: bool = False

    def __contains__(self, char: str) -> bool:
        return (char in self.chars) != self.negated

    def __and__(self, other: CharSet) -> CharSet:
        if self.negated and other.negated:
            return CharSet(self.chars | other.chars, True)
        if self.negated:
            return CharSet(other.chars - self.chars)
        if other.negated:
            return CharSet(self.chars - other.chars)
        return CharSet(self.chars & other.chars)

    def __bool__(self) -> bool:
        return self.negated or bool(self.chars)

    def example(self) -> str:
        """A character of the set, an easily read one where there is one; the set must not be empty."""
        candidates = (*_NICE, *map(chr, range(0xA1, 0x1000))) if self.negated else sorted(self.chars, key=readability)
        return next(char for char in candidates if char in self)

    def regex(self) -> str:
        """The set as a regular expression that RE2 and Python read alike."""
        if len(self.chars) == 1 and not self.negated:
            return escape_regex(next(iter(self.chars)))
        codes = sorted(ord(char) for char in self.chars)
        parts: list[str] = []
        while codes:
            length = next((i for i in range(1, len(codes)) if codes[i] != codes[0] + i), len(codes))
            first, last = chr(codes[0]), chr(codes[length - 1])
            if length < 3:
                parts.extend(escape_regex(chr(code)) for code in codes[:length])
            else:
                parts.append(f"{escape_regex(first)}-{escape_regex(last)}")
            codes = codes[length:]
        return f"[{'^' if self.negated else ''}{''.join(parts)}]"


def escape_regex(text: str) -> str:
    """The text as a regular expression for just this text, in RE2 and in Python."""
    return "".join(f"\\{c}" if c.isascii() and not c.isalnum() and c not in "_/ " else c for c in text)


DIGITS = CharSet(frozenset("0123456789"))
WORD = CharSet(frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"))
ANY_BUT_SLASH = CharSet(frozenset("/"), True)

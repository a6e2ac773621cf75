"""Random patterns, templates and values, for properties of key templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from recon_core.api import ConfigError
from recon_core.templates import KeyTemplate, escape

CHARACTERS = st.characters(codec="utf-8")
LITERALS = st.one_of(
    st.sampled_from(
        ["/", "_", "-", ".json", "pbp/", "0", "a", "'", "\\", "%", "{", "}}", "é", "😀", " ", "[x]+", "$1"]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=4),
)
_ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "0",
        "_",
        "-",
        "z",
        r"\d",
        r"\w",
        "[0-9]",
        "[a-c]",
        "[^/]",
        "[^/_]",
        r"[\d\-.]",
        r"\.",
        r"\\",
        "[ab]",
    ]
)
_QUANTIFIERS = st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{1,3}", "{2,}", "{0,2}"])
_PLAIN_QUANTIFIERS = st.sampled_from(["", "", "?", "{2}", "{1,2}"])


@st.composite
def patterns(draw: st.DrawFn, depth: int = 2) -> str:
    """The text of a pattern; a few of them are refused (they may be empty, or repeat what may be)."""
    pieces = []
    for _ in range(draw(st.integers(1, 3))):
        if depth and draw(st.integers(0, 4)) == 0:
            options = draw(st.lists(patterns(depth=depth - 1), min_size=1, max_size=3))
            pieces.append(f"(?:{'|'.join(options)}){draw(_PLAIN_QUANTIFIERS)}")
        else:
            pieces.append(draw(_ATOMS) + draw(_QUANTIFIERS))
    return "".join(pieces)


@dataclass(frozen=True)
class Drawn:
    """A template with the patterns that it was compiled with."""

    template: KeyTemplate
    patterns: Mapping[str, str]

    def values(self) -> st.SearchStrategy[dict[str, str]]:
        """Values that the fields may have, dates as ISO text."""
        days = st.dates(date(1000, 1, 1)).map(date.isoformat)
        return st.fixed_dictionaries(
            {
                name: days
                if self.template.is_date(name)
                else st.from_regex(
                    re.compile(self.patterns.get(name, "[^/]+"), re.ASCII), fullmatch=True, alphabet=CHARACTERS
                )
                for name in self.template.fields
            }
        )


_DATES = st.sampled_from(
    [["%Y%m%d"], ["%Y-%m-%d"], ["%Y", "%m", "%d"], ["%Y/%m", "%d"], ["%Y", "%Y%m%d"], ["%d%m%Y"], ["%m", "%Y%%%d"]]
)


@st.composite
def templates(draw: st.DrawFn, literals: st.SearchStrategy[str] = LITERALS) -> Drawn:
    """A template that compiles: refused ones are drawn again."""
    given = draw(st.dictionaries(st.sampled_from(["a", "b", "c"]), patterns(), max_size=3))
    pieces: list[str] = []
    for name in draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3)):
        pieces.append(f"{{{name}}}")
    if draw(st.booleans()):
        for directives in draw(_DATES):
            pieces.insert(draw(st.integers(0, len(pieces))), f"{{day:{directives}}}")
    separated = [escape(draw(literals)) if draw(st.integers(0, 5)) else ""]
    for piece in pieces:
        separated += [piece, escape(draw(literals)) if draw(st.integers(0, 5)) else ""]
    text = "".join(separated)
    try:
        return Drawn(KeyTemplate.compile(text, given), given)
    except ConfigError:
        return draw(templates(literals=literals))

"""Templates of different datasets that claim one key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from recon_core.api import ConfigError
from recon_core.templates.automaton import Automaton, TooIntricate, build, shared_texts
from recon_core.templates.charset import CharSet
from recon_core.templates.grammar import DatePart, Segment
from recon_core.templates.patterns import Sequence as Row
from recon_core.templates.template import KeyTemplate
from recon_core.text import shown

__all__ = ["find_ambiguity"]

# What two templates share as patterns may still fail a rule that patterns cannot say: so many keys are looked at ...
_KEYS = 20
# ... and so many times a value is settled and the search begun again.
_TRIES = 50


def find_ambiguity(templates: Sequence[tuple[str, KeyTemplate]]) -> tuple[str, str, str] | None:
    """Two owners whose templates both match some key, and such a key: ``(owner, other owner, key)``.

    ``templates`` are pairs of owner and template; the templates of one owner may overlap. Raises ConfigError if two
    templates are too intricate to compare.
    """
    for (owner, one), (other_owner, other) in combinations(templates, 2):
        if owner == other_owner:
            continue
        try:
            key = shared_key(one, other)
        except TooIntricate:
            raise ConfigError(
                f"{owner} and {other_owner}: key templates {shown(one.text)!r} and {shown(other.text)!r} are too "
                "intricate to compare; use simpler patterns"
            ) from None
        if key is not None:
            return owner, other_owner, key
    return None


def shared_key(one: KeyTemplate, other: KeyTemplate) -> str | None:
    """A key that both templates match, or None; raises TooIntricate."""
    left, right = one.literal_prefix, other.literal_prefix
    if not (left.startswith(right) or right.startswith(left)):
        return None
    search = _Search(one, other)
    return search.run(one.segments, other.segments)


class _Search:
    """Looks for a key that both templates really match.

    Automata do not know that a field has one value wherever it stands, nor how many days a month has. Where a key
    that they offer fails on that, the field is settled to a value that it has in this key, and the search begun again
    with this value in the place of its pattern.
    """

    def __init__(self, one: KeyTemplate, other: KeyTemplate) -> None:
        self.one = one
        self.other = other
        self.tries = _TRIES
        self.seen: set[tuple[tuple[Segment, ...], tuple[Segment, ...]]] = set()

    def run(self, left: tuple[Segment, ...], right: tuple[Segment, ...]) -> str | None:
        if self.tries <= 0 or (left, right) in self.seen:
            return None
        self.seen.add((left, right))
        self.tries -= 1
        keys = list(shared_texts(_automaton(left), _automaton(right), _KEYS))
        for key in keys:
            if self.one.parse(key) is not None and self.other.parse(key) is not None:
                return key
        for key in keys:
            for settled in _settled(self.one, left, key):
                if (found := self.run(settled, right)) is not None:
                    return found
            for settled in _settled(self.other, right, key):
                if (found := self.run(left, settled)) is not None:
                    return found
        return None


def _automaton(segments: Sequence[Segment]) -> Automaton:
    return build([segment.node for segment in segments])


def _settled(template: KeyTemplate, segments: tuple[Segment, ...], key: str) -> Iterator[tuple[Segment, ...]]:
    """The segments with a field settled on which this key fails, in each of the ways worth trying."""
    occurrences: dict[tuple[str, DatePart | None], list[str]] = {}
    for name, part, text in template.occurrences(key) or ():
        occurrences.setdefault((name, part), []).append(text)
    torn = {field: values for field, values in occurrences.items() if len(set(values)) > 1}
    for (name, part), values in torn.items():
        for value in dict.fromkeys(values):
            yield _settle(segments, name, part, value)
    if not torn and template.parse(key) is None:
        for name in dict.fromkeys(name for name, part in occurrences if part is not None):
            # A leap year; with the year settled, every month and day is among the next keys.
            yield _settle(segments, name, "Y", f"{occurrences[name, 'Y'][0][:2]}04")


def _settle(segments: tuple[Segment, ...], name: str, part: DatePart | None, value: str) -> tuple[Segment, ...]:
    literal = Row(tuple(CharSet(frozenset(char)) for char in value))
    return tuple(
        replace(segment, node=literal) if (segment.name, segment.part) == (name, part) else segment
        for segment in segments
    )

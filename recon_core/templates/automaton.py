"""Small automata over the patterns, to decide questions that a regular expression engine cannot answer.

A template is a row of segments (literals and fields). Its automaton has one state for each character position of each
segment (Glushkov's construction); walking two automata together tells whether they share a text, and walking one
beside itself tells whether a text can be cut into the segments in two ways.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from collections.abc import Sequence as Row
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count, pairwise
from typing import TypeAlias

from recon_core.templates.charset import CharSet, readability
from recon_core.templates.patterns import Choice, Node, Repeat, Sequence

__all__ = ["Automaton", "TooIntricate", "build", "shared_texts", "two_readings"]

Pair: TypeAlias = tuple[int, int]
ENDED: frozenset[Pair] = frozenset({(-1, -1)})

MAX_PAIRS = 200_000
"""How many pairs of states a walk may visit before it gives up."""


class TooIntricate(Exception):  # noqa: N818 (a verdict of the walk, which the callers put into words)
    """The walk met more pairs of states than it may visit."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """``chars`` and ``segment`` by state; ``after[state]`` are the states that may follow; no state accepts first."""

    chars: list[CharSet] = field(default_factory=list)
    segment: list[int] = field(default_factory=list)
    after: list[set[int]] = field(default_factory=list)
    first: set[int] = field(default_factory=set)
    last: set[int] = field(default_factory=set)

    def link(self, sources: set[int], targets: set[int]) -> None:
        for source in sources:
            self.after[source] |= targets


@dataclass(frozen=True, slots=True)
class _Part:
    first: set[int]
    last: set[int]
    empty: bool


def build(segments: Row[Node]) -> Automaton:
    """The automaton of the segments in a row; none of them may match the empty text."""
    automaton = Automaton()
    whole = _in_a_row(automaton, [_add(automaton, node, index) for index, node in enumerate(segments)])
    automaton.first.update(whole.first)
    automaton.last.update(whole.last)
    return automaton


def _add(automaton: Automaton, node: Node, segment: int) -> _Part:
    if isinstance(node, Sequence):
        return _in_a_row(automaton, [_add(automaton, part, segment) for part in node.parts])
    if isinstance(node, Choice):
        options = [_add(automaton, option, segment) for option in node.options]
        return _Part(
            set().union(*(option.first for option in options)),
            set().union(*(option.last for option in options)),
            any(option.empty for option in options),
        )
    if isinstance(node, Repeat):
        return _repeat(automaton, node, segment)
    state = len(automaton.chars)
    automaton.chars.append(node)
    automaton.segment.append(segment)
    automaton.after.append(set())
    return _Part({state}, {state}, False)


def _in_a_row(automaton: Automaton, parts: list[_Part]) -> _Part:
    first: set[int] = set()
    last: set[int] = set()
    empty = True
    for part in parts:
        automaton.link(last, part.first)
        first = first | part.first if empty else first
        last = last | part.last if part.empty else part.last
        empty = empty and part.empty
    return _Part(first, last, empty)


def _repeat(automaton: Automaton, node: Repeat, segment: int) -> _Part:
    # What is repeated is never empty, so a copy can only follow the copy before it.
    written_out = max(1, node.least) if node.most is None else node.most
    copies = [_add(automaton, node.part, segment) for _ in range(written_out)]
    for before, after in pairwise(copies):
        automaton.link(before.last, after.first)
    if node.most is None:
        automaton.link(copies[-1].last, copies[-1].first)
    ends = copies[max(1, node.least) - 1 :]
    return _Part(copies[0].first, set().union(*(copy.last for copy in ends)), node.least == 0)


def two_readings(automaton: Automaton) -> tuple[str, list[int], list[int]] | None:
    """A shortest text that can be cut into the segments in two ways, with each reading's segment of every character.

    Raises TooIntricate.
    """
    State = tuple[int, int, bool]  # noqa: N806
    came: dict[State, State | None] = {}
    queue: deque[State] = deque()

    def visit(left: int, right: int, differ: bool, source: State | None) -> None:
        differ = differ or automaton.segment[left] != automaton.segment[right]
        state = (left, right, differ) if left <= right else (right, left, differ)
        if state not in came and automaton.chars[left] & automaton.chars[right]:
            if len(came) >= MAX_PAIRS:
                raise TooIntricate
            came[state] = source
            queue.append(state)

    for left in sorted(automaton.first):
        for right in sorted(automaton.first):
            visit(left, right, False, None)
    while queue:
        state = queue.popleft()
        left, right, differ = state
        if differ and left in automaton.last and right in automaton.last:
            return _readings(automaton, came, state)
        for after_left in sorted(automaton.after[left]):
            for after_right in sorted(automaton.after[right]):
                visit(after_left, after_right, differ, state)
    return None


def _readings(
    automaton: Automaton, came: dict[tuple[int, int, bool], tuple[int, int, bool] | None], end: tuple[int, int, bool]
) -> tuple[str, list[int], list[int]]:
    """Follow the walk back from its end. Pairs are stored unordered, so each step picks the order that is linked."""
    path: list[tuple[int, int]] = []
    state: tuple[int, int, bool] | None = end
    while state is not None:
        pair = (state[0], state[1])
        if path:
            after = path[-1]
            linked = after[0] in automaton.after[pair[0]] and after[1] in automaton.after[pair[1]]
            pair = pair if linked else (pair[1], pair[0])
        path.append(pair)
        state = came[state]
    path.reverse()
    text = "".join((automaton.chars[a] & automaton.chars[b]).example() for a, b in path)
    return text, [automaton.segment[a] for a, _ in path], [automaton.segment[b] for _, b in path]


def shared_texts(one: Automaton, other: Automaton, limit: int) -> Iterator[str]:
    """Texts that both automata accept, shortest first, at most ``limit``; none at all only if there are none.

    Characters that no set of either automaton tells apart are interchangeable: one of each such class is tried.
    Raises TooIntricate.
    """
    to_end = _distances(one, other)
    classes = _classes([*one.chars, *other.chars])
    # Best first by the length of the shortest text that can still come of it: no path is followed in vain.
    queue: list[tuple[int, int, int, str, frozenset[Pair]]] = []
    tie = count()

    def push(text: str, pairs: frozenset[Pair]) -> None:
        if pairs:
            shortest = len(text) + min(to_end[pair] for pair in pairs)
            heappush(queue, (shortest, -len(text), next(tie), text, pairs))

    push("", frozenset((a, b) for a in one.first for b in other.first if (a, b) in to_end))
    found = 0
    while queue and found < limit:
        *_, text, pairs = heappop(queue)
        if not pairs - ENDED:
            found += 1
            yield text
            continue
        for char in classes:
            now = [(a, b) for a, b in pairs - ENDED if char in one.chars[a] and char in other.chars[b]]
            after = frozenset((x, y) for a, b in now for x in one.after[a] for y in other.after[b] if (x, y) in to_end)
            if any(a in one.last and b in other.last for a, b in now):
                heappush(queue, (len(text) + 1, -len(text) - 1, next(tie), text + char, ENDED))
            push(text + char, after)


def _distances(one: Automaton, other: Automaton) -> dict[Pair, int]:
    """By pair of states that can be reached and can come to an end together: how many characters that takes."""
    before: dict[Pair, list[Pair]] = {}
    queue: deque[Pair] = deque()

    def visit(pair: Pair) -> bool:
        if pair not in before and one.chars[pair[0]] & other.chars[pair[1]]:
            if len(before) >= MAX_PAIRS:
                raise TooIntricate
            before[pair] = []
            queue.append(pair)
        return pair in before

    for a in one.first:
        for b in other.first:
            visit((a, b))
    while queue:
        pair = queue.popleft()
        for a in one.after[pair[0]]:
            for b in other.after[pair[1]]:
                if visit((a, b)):
                    before[a, b].append(pair)
    distance = {pair: 1 for pair in before if pair[0] in one.last and pair[1] in other.last}
    queue.extend(distance)
    while queue:
        pair = queue.popleft()
        for source in before[pair]:
            if source not in distance:
                distance[source] = distance[pair] + 1
                queue.append(source)
    return distance


def _classes(sets: list[CharSet]) -> list[str]:
    """One character of each class of characters that belong to the same sets, easily read ones first."""
    distinct = list(dict.fromkeys(sets))
    named = frozenset(char for chars in distinct for char in chars.chars)
    rest = CharSet(named, True).example()
    found: dict[tuple[bool, ...], str] = {}
    for char in sorted(named | {rest}, key=readability):
        found.setdefault(tuple(char in chars for chars in distinct), char)
    return [char for belongs, char in found.items() if any(belongs)]

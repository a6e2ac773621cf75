"""Spans part the key space: no key is lost and none stands twice, wherever the cuts are."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from recon_core.lake.spans import Span, before, cut, least_prefixes, merged, prefix_spans, within, without
from recon_core.snapshot import KeyRange, prefix_end

E = datetime(2025, 1, 15, 12, tzinfo=UTC)

text = st.text(st.sampled_from("ab/\0\ud7ff\ue000\U0010ffff"), max_size=3)
keys = st.lists(text, max_size=20)


@st.composite
def ranges(draw: st.DrawFn) -> list[KeyRange]:
    """Some ranges that ascend and do not overlap."""
    bounds: list[str | None] = [*sorted(set(draw(keys)))]
    if draw(st.booleans()):
        bounds.append(None)
    pairs = [pair for pair in itertools.pairwise(bounds) if draw(st.booleans())]
    return [
        KeyRange(
            start=start, end=end, state=draw(st.sampled_from(["listed", "sampled_out"])), error=None, evidence_at=E
        )
        for start, end in pairs
        if start is not None
    ]


def holders(spans: list[Span], key: str) -> list[Span]:
    return [span for span in spans if span.holds(key)]


def inside(found: KeyRange, key: str) -> bool:
    return found.start <= key and (found.end is None or key < found.end)


@given(text, keys)
def test_the_end_of_a_prefix_parts_its_keys_from_all_others(prefix: str, some: list[str]) -> None:
    end = prefix_end(prefix)
    for key in some:
        assert (key >= prefix and (end is None or key < end)) == key.startswith(prefix)
    assert end is None or end.encode()


@given(keys, text)
def test_the_fewest_prefixes_cover_the_same_keys(prefixes: list[str], key: str) -> None:
    least = least_prefixes(prefixes)
    assert any(key.startswith(prefix) for prefix in least) == any(key.startswith(prefix) for prefix in prefixes or [""])
    assert least == sorted(least)
    assert not any(one != other and one.startswith(other) for one in least for other in least)
    found = holders(prefix_spans(prefixes), key)
    assert [span.prefix for span in found] == [prefix for prefix in least if key.startswith(prefix)]


@given(keys, keys, keys)
def test_cutting_loses_no_key_and_doubles_none(prefixes: list[str], points: list[str], some: list[str]) -> None:
    whole = prefix_spans(prefixes)
    pieces = cut(whole, points)
    assert pieces == sorted(pieces)
    for key in [*some, *points, *(point + "\0" for point in points)]:
        (expected,) = holders(whole, key) or [None]
        (found,) = holders(pieces, key) or [None]
        assert (expected and expected.prefix) == (found and found.prefix)
    for point in points:
        for span in holders(pieces, point):
            assert span.start == point


@given(keys, text, st.none() | text, text)
def test_a_part_of_the_spans_holds_what_lies_in_both(
    prefixes: list[str], start: str, end: str | None, key: str
) -> None:
    spans = prefix_spans(prefixes)
    found = holders(within(spans, start, end), key)
    wanted = holders(spans, key) if start <= key and (end is None or key < end) else []
    assert [span.prefix for span in found] == [span.prefix for span in wanted]


@given(keys, ranges(), keys)
def test_what_remains_without_some_ranges(prefixes: list[str], taken: list[KeyRange], some: list[str]) -> None:
    spans = prefix_spans(prefixes)
    rest = without(spans, taken)
    for key in [*some, *(found.start for found in taken)]:
        expected = [] if any(inside(found, key) for found in taken) else holders(spans, key)
        assert [span.prefix for span in holders(rest, key)] == [span.prefix for span in expected]


@given(ranges(), st.randoms(), keys)
def test_merged_ranges_say_the_same_with_fewer_words(
    given_ranges: list[KeyRange], chance: object, some: list[str]
) -> None:
    shuffled = sorted(given_ranges, key=lambda found: hash((found.start, str(chance))))
    found = merged(shuffled)
    for one, following in itertools.pairwise(found):
        assert one.end is not None
        assert one.end < following.start or one.state != following.state
    for key in [*some, *(one.start for one in given_ranges)]:
        states = [[one.state for one in some_ranges if inside(one, key)] for some_ranges in (given_ranges, found)]
        assert states[0] == states[1]


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=300))
def test_a_key_before_is_a_legal_key_before(key: str) -> None:
    earlier = before(key)
    assert earlier < key
    assert len(earlier.encode()) <= max(1024, len(key.encode()))
    if key.endswith("\0"):
        assert earlier + "\0" == key

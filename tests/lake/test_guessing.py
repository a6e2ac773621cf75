"""Guesses where to cut: a key between the two, and where keys are like those that were seen, in the middle of them."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from recon_core.lake.guessing import scale_of
from recon_core.snapshot import prefix_end

key = st.text(st.sampled_from("ab0/9.\x00\xe9\U0001f600"), min_size=1, max_size=8)
any_key = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)


@given(st.sets(key | any_key, min_size=2, max_size=12), st.lists(key | any_key, min_size=2, max_size=2))
def test_a_later_key_never_has_a_smaller_number(page: set[str], two: list[str]) -> None:
    scale = scale_of(sorted(page))
    if scale is None:
        return
    one, other = sorted(two)
    assert 0 <= scale.number(one) <= scale.number(other) <= scale.top


@given(st.sets(key | any_key, min_size=2, max_size=12), st.none() | key | any_key)
def test_a_cut_lies_between(page: set[str], end: str | None) -> None:
    ordered = sorted(page)
    scale = scale_of(ordered)
    position = ordered[-1] + "\0"
    cut = scale.cut(position, end) if scale is not None and (end is None or position < end) else None
    if cut is not None:
        assert position < cut[0]
        assert end is None or cut[0] < end
        assert cut[1] >= 2
        cut[0].encode()


def test_the_first_guess_is_where_the_folder_ends() -> None:
    scale = scale_of([f"espn/{400_000_000 + number}.json" for number in range(100)])
    assert scale is not None
    assert scale.cut("espn/400000099.json\0", None) == ("espn0", float("inf"))
    assert scale.cut("espn/400000099.json\0", "espn/9") is not None


def test_further_guesses_double_what_is_reached_and_then_halve_what_is_left() -> None:
    scale = scale_of([f"espn/{400_000_000 + number}.json" for number in range(100)])
    assert scale is not None
    position, ids = "espn/400000099.json\0", []
    while (cut := scale.cut(position, prefix_end("espn/"))) is not None:
        position, _ = cut
        ids.append(int(position[5:14].ljust(9, "0")))
    reaches = [number - 400_000_000 for number in ids]
    assert reaches[0] < 1000
    assert all(one * 2 < other for one, other in itertools.pairwise(reaches[:8]))
    assert max(ids) > 900_000_000


def test_keys_that_tell_nothing_have_no_scale() -> None:
    assert scale_of([]) is None
    assert scale_of(["a"]) is None

"""Guesses where to cut: a key between the two, and where keys are like those that were seen, in the middle of them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_core.lake.guessing import scale_of

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


def number_of(cut: tuple[str, float]) -> int:
    return int(cut[0][5:14].ljust(9, "0")) - 400_000_000


def test_what_lies_further_out_than_keys_are_known_to_reach_is_one_piece_until_a_page_of_it_was_seen() -> None:
    scale, end, reaches = scale_of([f"espn/{400_000_000 + number}.json" for number in range(100)]), "espn0", []
    assert scale is not None
    while (cut := scale.cut(scale.last + "\0", end)) is not None and number_of(cut) < 100_000_000:
        reaches.append(number_of(cut))
        assert scale.cut(cut[0], end) is None
        page = [f"espn/{400_000_000 + reaches[-1] + number}.json" for number in range(100)]
        found = scale_of(page)
        assert found is not None
        scale = found.after(scale, page[-1])
    assert 1000 < reaches[0] < 10_000
    assert all(one * 2 < other for one, other in itertools.pairwise(reaches))


def test_what_is_within_reach_is_halved_down_to_pages() -> None:
    scale = scale_of([f"espn/{400_000_000 + number}.json" for number in range(100)])
    assert scale is not None
    position, end = "espn/400001000.json", "espn/400001800.json"
    cut = scale.cut(position, end)
    assert cut is not None
    assert number_of(cut) == 1400
    assert cut[1] == pytest.approx(8, abs=0.2)
    assert scale.cut(position, "espn/400001190.json") is None


def test_keys_that_tell_nothing_have_no_scale() -> None:
    assert scale_of([]) is None
    assert scale_of(["a"]) is None

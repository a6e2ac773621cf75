"""Where a report is too old, few places are listed afresh: what lies between them is listed only where it is least."""

from __future__ import annotations

from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as st

from recon_core.engine.recheck import _at_most

PAGES = 100_000
MARKS = [f"{number:09}" for number in range(0, PAGES * 1000, 1000)]

Range = tuple[str, str | None]


def place(number: int) -> Range:
    return f"{number:09}", f"{number:09}\0"


def requests(ranges: list[Range]) -> int:
    """One for every page that a range has keys of."""
    return sum(bisect_right(MARKS, end or "~") - bisect_right(MARKS, start) + 1 for start, end in ranges)


def test_one_place_too_many_costs_what_lies_between_two() -> None:
    def costs(number: int) -> int:
        places = [place(round((rank + 0.5) * PAGES * 1000 / number)) for rank in range(number)]
        found = _at_most(places, MARKS, 1000)
        assert len(found) == min(number, 1000)
        return requests(found)

    assert costs(1000) == 1000
    assert costs(1001) <= 1000 + PAGES // 1000 + 1


def test_what_is_joined_has_the_least_between_it() -> None:
    near = [place(number) for number in (5_000_500, 5_003_500, 5_006_500)]
    far = [place(number) for number in (1_000, 90_000_000)]
    assert _at_most(sorted([*near, *far]), MARKS, 3) == [far[0], (near[0][0], near[2][1]), far[1]]


def test_what_lies_on_two_sides_of_a_bound_is_joined_last() -> None:
    places = [place(number) for number in (5_000_500, 5_000_900, 50_000_000)]
    assert _at_most(places, MARKS, 2, [places[1][0]]) == [places[0], (places[1][0], places[2][1])]


@given(st.lists(st.integers(0, PAGES * 1000 - 1), unique=True, max_size=30), st.integers(1, 10))
def test_every_place_stays_in_a_range(numbers: list[int], most: int) -> None:
    places = [place(number) for number in sorted(numbers)]
    found = _at_most(places, MARKS, most)
    assert len(found) == min(len(places), most)
    assert found == sorted(found)
    for key, _ in places:
        assert any(start <= key and (end is None or key < end) for start, end in found)

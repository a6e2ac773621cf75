"""ESPN's calendar: which days it allows to leave out, and when it is not believed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from recon_espn.calendar import Calendar, contradicted, read_calendar, season_days

JANUARY = [date(2025, 1, 1) + timedelta(days=n) for n in range(20)]


def calendar(*days: date, year: int = 2025, starts: date | None = None, ends: date | None = None) -> Calendar:
    return Calendar(end_year=year, days=frozenset(days), starts=starts, ends=ends)


def test_without_a_calendar_every_day_of_the_season_counts(season):
    assert season_days(season, []) == JANUARY


def test_only_days_between_listed_ones_are_left_out(season):
    listed = calendar(date(2025, 1, 5), date(2025, 1, 6), date(2025, 1, 9))
    assert season_days(season, [listed]) == [day for day in JANUARY if day.day not in (7, 8)]


def test_every_calendar_must_leave_a_day_out(season):
    early = calendar(date(2025, 1, 2), date(2025, 1, 6))
    late = calendar(date(2025, 1, 2), date(2025, 1, 4), date(2025, 1, 10))
    assert season_days(season, [early, late]) == [day for day in JANUARY if day.day not in (3, 5)]


def test_the_calendar_of_another_season_says_nothing(season):
    assert season_days(season, [calendar(date(2025, 1, 5), date(2025, 1, 9), year=2024)]) == JANUARY


def test_espns_own_bounds_widen_the_season_within_reason(season):
    wide = calendar(date(2025, 1, 1), starts=date(2024, 12, 30), ends=date(2025, 1, 22))
    days = season_days(season, [wide])
    assert (days[0], days[-1], len(days)) == (date(2024, 12, 30), date(2025, 1, 22), 24)
    absurd = calendar(date(2025, 1, 1), starts=date(1970, 1, 1), ends=date(2999, 1, 1))
    assert season_days(season, [absurd]) == JANUARY


def test_a_listed_day_outside_the_nominal_bounds_is_not_lost(season):
    days = season_days(season, [calendar(date(2025, 1, 1), date(2025, 1, 25))])
    assert date(2025, 1, 25) in days


def test_games_on_a_day_that_is_left_out_contradict_the_calendar(season):
    listed = calendar(date(2025, 1, 5), date(2025, 1, 9))
    assert contradicted(season, [listed], [date(2025, 1, 7)])
    assert not contradicted(season, [listed], [date(2025, 1, 5), date(2025, 1, 1), date(2025, 1, 19)])
    assert not contradicted(season, [], [date(2025, 1, 7)])


def document(**changes):
    league = {
        "season": {"year": 2025},
        "calendarType": "day",
        "calendarIsWhitelist": True,
        "calendarStartDate": "2024-10-01T07:00Z",
        "calendarEndDate": "2025-06-27T06:59Z",
        "calendar": ["2024-10-04T07:00Z", "2025-01-05T08:00Z"],
    }
    return {"leagues": [league | changes]}


def test_days_stand_as_midnight_in_an_american_zone():
    found = read_calendar(document())
    assert found == calendar(date(2024, 10, 4), date(2025, 1, 5), starts=date(2024, 10, 1), ends=date(2025, 6, 27))


def test_a_midnight_in_utc_means_both_days_that_it_can_mean():
    found = read_calendar(document(calendar=["2025-01-05T00:00Z"]))
    assert found is not None
    assert found.days == {date(2025, 1, 4), date(2025, 1, 5)}


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"leagues": []},
        {"leagues": [{}]},
        {"leagues": "none"},
        document(calendarType="list"),
        document(calendarIsWhitelist=False),
        document(calendarIsWhitelist=None),
        document(calendar=[]),
        document(calendar=None),
        document(calendar=["soon"]),
        document(calendar=["2025-01-05T08:00"]),
        document(calendar=[{"startDate": "2025-01-05T08:00Z"}]),
        document(season={"year": "2025"}),
        document(season=None),
        document(calendarEndDate="never"),
    ],
)
def test_what_is_not_beyond_doubt_a_list_of_days_is_no_calendar(broken):
    assert read_calendar(broken) is None

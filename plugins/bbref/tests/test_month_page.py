"""Reading a month's page: every game, or an error that names page and row; never a part, never no game."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recon_bbref.month_page import CutOffError, page_name, parse_page
from recon_bbref.seasons import SEASONS, month_of, months_of

from recon_core.api import ScheduleError

SEASON = next(season for season in SEASONS if season.label == "2023-24")


def read(body: bytes, name: str = "november", season=SEASON):
    month = month_of(season, name)
    return parse_page(body, season, month, "the page")


def test_a_played_game(page, row):
    (game,) = read(page(row("2023-11-03", "POR", "MEM", time="10:00p", note="In-Season Tournament"))).rows
    assert (game.game_id, game.date, game.home, game.away) == ("202311030POR", date(2023, 11, 3), "POR", "MEM")
    assert (game.status, game.boxed, game.remark) == ("final", True, "In-Season Tournament")
    assert game.start_utc == datetime(2023, 11, 4, 2, tzinfo=UTC)  # the clocks were still ahead that night


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7:30p", datetime(2023, 11, 10, 0, 30, tzinfo=UTC)),
        ("7:30 PM", datetime(2023, 11, 10, 0, 30, tzinfo=UTC)),
        ("12:00p", datetime(2023, 11, 9, 17, 0, tzinfo=UTC)),
        ("12:30a", datetime(2023, 11, 9, 5, 30, tzinfo=UTC)),
        ("", None),
    ],
)
def test_start_times_are_eastern(page, row, text, expected):
    (game,) = read(page(row("2023-11-09", time=text))).rows
    assert game.start_utc == expected


@pytest.mark.parametrize(
    ("played", "expected"),
    [
        ({}, "final"),
        ({"points": None}, "scheduled"),
        ({"box": False}, "final"),  # old games whose box score the site does not have
        ({"points": None, "box": True}, "final"),
        ({"points": ("99", "")}, "scheduled"),
        ({"points": None, "note": "Postponed"}, "postponed"),
        ({"points": None, "note": "Cancelled"}, "cancelled"),
        ({"note": "Postponed from Nov 1"}, "final"),
    ],
)
def test_a_game_is_final_if_it_has_points_or_a_box_score(page, row, played, expected):
    # Half a score is none: the link would be there as well.
    given_box = {"box": False} if played.get("points") == ("99", "") else {}
    (game,) = read(page(row("2023-11-09", **{**played, **given_box}))).rows
    assert game.status == expected


def test_repeated_headers_are_no_games_and_the_separator_parts_the_rows(page, row, repeated_header, separator):
    body = page(row("2023-11-01"), repeated_header, row("2023-11-02"), separator, repeated_header, row("2023-11-03"))
    assert [(game.date.day, game.playoffs) for game in read(body).rows] == [(1, False), (2, False), (3, True)]
    assert [game.playoffs for game in read(page(row("2023-11-01"), repeated_header)).rows] == [None]
    assert [game.playoffs for game in read(page(separator, row("2023-11-01"))).rows] == [True]
    one_cell = '<tr class="thead"><td colspan="11">Playoffs</td></tr>'
    assert [game.playoffs for game in read(page(row("2023-11-01"), one_cell, row("2023-11-02"))).rows] == [False, True]


def test_a_whole_page_lists_the_months_of_its_season(page, row):
    months = ["october", "november", "april", "smarch"]
    body = page(row("2023-11-01"), months=months, whole=True) + b'<a href="/leagues/NBA_2023_games-may.html">May</a>'
    assert [month.name for month in read(body).months] == ["october", "november", "april"]
    assert read(page(row("2023-11-01"))).months == ()


def test_the_two_octobers_of_2020(page, row, season_of):
    season = season_of("2019-20")
    assert read(page(row("2019-10-22")), "october-2019", season).rows[0].date == date(2019, 10, 22)
    assert read(page(row("2020-10-11")), "october-2020", season).rows[0].date == date(2020, 10, 11)
    with pytest.raises(ScheduleError, match=r"not of the month of this page, october-2020 \(2020-10\)"):
        read(page(row("2019-10-22")), "october-2020", season)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "the page: empty, expected the schedule of november"),
        (b" \n\t ", "the page: empty"),
        (b"<!DOCTYPE html><html><title>Just a moment...</title></html>", "no table 'schedule' in it"),
        (b'<table id="standings"></table>', "no table 'schedule' in it"),
        (b'<table id="schedule"><tbody><tr><th', "broken off within the schedule of november"),
        (b'<table id="schedule"><thead></thead><tbody></tbody></table>', "no game in the schedule of november"),
        (b"\xff\xfe\x00", "no table 'schedule' in it"),
    ],
)
def test_a_page_without_games_is_an_error_that_names_it(body, told):
    with pytest.raises(CutOffError) as caught:
        read(body)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wherever_a_page_is_cut_within_its_table_it_is_an_error(page, row, repeated_header):
    body = page(*(row(f"2023-11-{day:02d}") for day in range(1, 9)), repeated_header, row("2023-11-20"))
    end = body.index(b"</table")
    for length in (0, 10, *range(body.index(b"<table"), end, 97), end):
        with pytest.raises(CutOffError, match="the page: "):
            read(body[:length])
    assert len(read(body[: end + len(b"</table>")]).rows) == 9


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"game_id": "401704627"}, "row 2: the id '401704627' is no date and team"),
        ({"game_id": "202311010BOS"}, "row 2: game 202311010BOS stands under 2023-11-01 at ATL"),
        ({"text": "Thu, Nov 2, 2023"}, "row 2: game 202311010ATL stands under 2023-11-02 at ATL"),
        ({"text": "soon"}, "row 2: 'soon' is no date"),
        ({"text": "Wed, Nov 31, 2023"}, "row 2: day is out of range for month"),
        ({"time": "noon"}, "row 2: 'noon' is no start time"),
        ({"away": "ATL"}, "row 2: game 202311010ATL: ATL plays itself"),
        ({"away": "at\x1b[2J"}, "row 2: no team code in the column visitor_team_name"),
    ],
)
def test_a_row_that_contradicts_itself_fails_the_page(page, row, changed, told):
    with pytest.raises(ScheduleError) as caught:
        read(page(row("2023-11-01", **changed)))
    message = str(caught.value)
    assert message.startswith(f"the page: {told}")
    assert message.endswith("look for a newer recon-bbref")
    assert message.isprintable()


def test_a_game_of_another_month_fails_the_page(page, row):
    with pytest.raises(ScheduleError, match=r"row 3: game 202312010ATL is not of the month of this page, november"):
        read(page(row("2023-11-01"), row("2023-12-01")))


def test_a_link_to_another_games_box_score_fails_the_page(page, row):
    body = page(row("2023-11-01")).replace(b"/boxscores/202311010ATL", b"/boxscores/202311010BOS")
    with pytest.raises(ScheduleError, match="leads to the box score of 202311010BOS"):
        read(body)


def test_a_team_without_a_link_is_told_by_the_sort_key(page, row):
    body = page(row("2023-11-01", "GSW", "NOP")).replace(b'<a href="/teams/NOP/2024.html">The NOP</a>', b"The NOP")
    assert read(body).rows[0].away == "NOP"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_mangled_page_is_read_or_refused_and_never_crashes(page, row, repeated_header, data):
    full = page(row("2023-11-01"), repeated_header, row("2023-11-02", points=None, time=""), whole=True)
    start, length = data.draw(st.integers(0, len(full))), data.draw(st.integers(0, 200))
    body = full[:start] + data.draw(st.binary(max_size=40)) + full[start + length :]
    problem, rows = "", ()
    try:
        rows = read(body).rows
    except ScheduleError as error:
        problem = str(error)
    assert rows or (problem.startswith("the page: ") and problem.isprintable())


def test_page_names():
    def names(label):
        season = next(season for season in SEASONS if season.label == label)
        return [page_name(season, month) for month in months_of(season)]

    assert names("1946-47")[0] == "BAA_1947_games-november.html"
    assert names("1949-50")[0] == "NBA_1950_games-october.html"
    assert [name.rpartition("-")[2] for name in names("1998-99")] == [
        *("february.html", "march.html", "april.html", "may.html", "june.html")
    ]
    assert [name.partition("games-")[2] for name in names("2019-20")] == [
        *("october-2019.html", "november.html", "december.html", "january.html", "february.html", "march.html"),
        *("july.html", "august.html", "september.html", "october-2020.html"),
    ]
    assert names("2020-21")[0] == "NBA_2021_games-december.html"
    assert names("2020-21")[-1] == "NBA_2021_games-july.html"
    assert names("2011-12")[0] == "NBA_2012_games-december.html"


@pytest.mark.parametrize("name", ["smarch", "", "october-", "october-20x9", "october-2018", "october-2019-1"])
def test_other_names_are_no_months(name, season_of):
    assert month_of(season_of("2019-20"), name) is None


def test_every_month_is_found_by_its_name():
    for season in SEASONS:
        assert [month_of(season, month.name) for month in months_of(season)] == months_of(season)

"""A schedule out of the month pages that the lake holds: whole, or a clear refusal."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from recon_bbref.plugin import recon_expected_games
from recon_bbref.seasons import months_of

from recon_core.api import Game, LakeError, ScheduleError

SEASON_START = datetime(2023, 10, 1, 4, tzinfo=UTC)
FOLDER = "basketball_reference/schedules/2024"


@pytest.fixture
def put(lake_context, page, season):
    """Put a month's page into the lake; without rows one with a game on each month's first."""

    def put(name: str, *rows: str, folder: str = FOLDER, months=()) -> str:
        key = f"{folder}/NBA_2024_games-{name}.html"
        lake_context.lake[key] = page(*rows, months=months)
        return key

    return put


@pytest.fixture
def fill(put, row, season):
    """A page for each month of the season, with a game on its first day."""

    def fill() -> None:
        for month in months_of(season):
            put(month.name, row(f"{month.first}"))

    return fill


@pytest.fixture
def pull(lake_context, season):
    return lambda: list(recon_expected_games(season, lake_context))


def test_games_come_from_all_pages(fill, pull):
    fill()
    assert [f"{game.date:%m}" for game in pull()] == ["10", "11", "12", "01", "02", "03", "04", "05", "06"]


def test_nothing_is_asked_of_the_network(fill, pull, lake_context):
    lake_context.given["base_url"] = "http://127.0.0.1:9"
    fill()
    assert len(pull()) == 9


def test_rows_claim_no_later_time_than_a_page_proves(fill, put, pull, row):
    fill()
    put("november", row("2023-11-01", points=None))
    assert {game.pulled_at for game in pull()} == {SEASON_START}


def test_a_pull_from_the_site_after_it_asks_for_every_page(fill, pull, site, context, season, page, row):
    fill()
    context.stored = pull()
    site.pages["NBA_2024_games-october.html"] = page(row("2023-10-01"), months=["october"])
    recon_expected_games(season, context)
    assert site.asked == ["NBA_2024_games-october.html"]


def test_pages_of_other_seasons_and_other_names_are_not_read(fill, pull, lake_context):
    fill()
    lake_context.lake["basketball_reference/schedules/2023/NBA_2023_games-october.html"] = b"not read"
    lake_context.lake[f"{FOLDER}/NBA_2024_games-smarch.html"] = b"not read"
    lake_context.lake[f"{FOLDER}/BAA_2024_games-october.html"] = b"not read"
    assert len(pull()) == 9


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty, expected the schedule of february"),
        (b"<html>", "no table 'schedule' in it"),
        (b'<table id="schedule"><tr><td>', "broken off within the schedule of february"),
        (b'<table id="schedule"></table>', "no game in the schedule of february"),
    ],
)
def test_a_page_that_was_saved_empty_fails_the_pull_and_is_named_and_counted(fill, pull, lake_context, body, told):
    fill()
    for name in ("february", "march"):
        lake_context.lake[f"{FOLDER}/NBA_2024_games-{name}.html"] = body
    with pytest.raises(ScheduleError) as caught:
        pull()
    message = str(caught.value)
    assert message.startswith(f"lake object {FOLDER}/NBA_2024_games-february.html: {told}")
    assert "2 of 9 months of 2023-24 have no readable page, so their games are not known" in message
    assert message.isprintable()
    # It is not a matter of gaps: a file that is there and says nothing is never passed over.
    lake_context.given["lake_gaps"] = True
    with pytest.raises(ScheduleError, match="2 of 9 months"):
        pull()


def test_a_good_copy_makes_up_for_an_empty_one_of_another_layout(fill, put, pull, lake_context, row):
    fill()
    pages = "{league_code}_{end_year}_games-{month}.html"
    lake_context.key_templates = {"schedule_pages": [f"{FOLDER}/{pages}", f"old/{pages}"]}
    put("february", row("2024-02-01"), folder="old")
    lake_context.lake[f"{FOLDER}/NBA_2024_games-february.html"] = b""
    assert len(pull()) == 9


def test_a_file_that_is_too_large_is_not_parsed(fill, pull, lake_context):
    fill()
    lake_context.given["max_body_bytes"] = 100
    with pytest.raises(ScheduleError, match=r"more than 100 bytes \(option max_body_bytes\)"):
        pull()


def test_a_lake_without_pages_is_no_season_without_games(pull, lake_context):
    lake_context.lake["basketball_reference/schedules/2023/NBA_2023_games-october.html"] = b"x"
    with pytest.raises(ScheduleError, match=r"no month page of 2023-24 \(data type schedule_pages\)"):
        pull()


def test_a_lake_that_cannot_be_read_passes_its_own_error_on(fill, pull, lake_context):
    fill()
    lake_context.denied.add(f"{FOLDER}/NBA_2024_games-may.html")
    with pytest.raises(LakeError, match="access denied"):
        pull()


def test_months_that_have_begun_and_have_no_page_are_refused(put, pull, lake_context, row):
    lake_context.now = datetime(2024, 1, 20, tzinfo=UTC)
    put("october", row("2023-10-24"))
    with pytest.raises(ScheduleError, match=r"no page of november, a month of 2023-24, 3 such months in all"):
        pull()
    lake_context.given["lake_gaps"] = True
    assert len(pull()) == 1
    lake_context.given["lake_gaps"] = False
    for name, day in (("november", "2023-11-01"), ("december", "2023-12-01"), ("january", "2024-01-01")):
        put(name, row(day))
    assert len(pull()) == 4


def test_a_page_that_lists_the_months_says_which_there_must_be(put, pull, row):
    put("december", row("2023-12-01"), months=["december", "january"])
    with pytest.raises(ScheduleError, match=r"no page of january, a month of 2023-24, 1 such months in all"):
        pull()
    put("january", row("2024-01-01"))
    assert len(pull()) == 2


def stored(game_id: str, status: str, pulled: datetime | None) -> Game:
    day = datetime.strptime(game_id[:8], "%Y%m%d").replace(tzinfo=UTC).date()
    return Game(game_id=game_id, season="2023-24", date=day, status=status, pulled_at=pulled)


def test_stored_rows_stay_where_the_lake_knows_less(put, pull, lake_context, row):
    lake_context.given["lake_gaps"] = True
    later = datetime(2023, 12, 20, tzinfo=UTC)
    put(
        "november",
        row("2023-11-01", points=None),
        row("2023-11-02"),
        row("2023-11-03", points=None),
        row("2023-11-04", points=None),
    )
    lake_context.stored = [
        stored("202311010ATL", "final", later),  # the lake's page is older
        stored("202311020ATL", "scheduled", later),  # final wins
        stored("202311030ATL", "postponed", later),  # pulled later than any page is known to be
        stored("202311040ATL", "tbd", None),  # imported: the lake's row counts
        stored("202311050ATL", "postponed", later),  # moved: on no page any more
        stored("202311060ATL", "final", later),  # gone from a month that has a page
        stored("202312010ATL", "final", later),  # of a month without a page
    ]
    assert {
        game.game_id[6:8] if game.date.month == 11 else "dec": (game.status, game.pulled_at) for game in pull()
    } == {
        "01": ("final", later),
        "02": ("final", SEASON_START),
        "03": ("postponed", later),
        "04": ("scheduled", SEASON_START),
        "05": ("postponed", later),
        "dec": ("final", later),
    }


def test_no_lake_page_proves_that_a_box_score_will_not_come(fill, put, pull, row):
    fill()
    put("november", row("2023-11-01", box=False))
    assert {game.unavailable for game in pull()} == {()}


def test_progress_counts_the_months(fill, pull, lake_context):
    fill()
    pull()
    assert lake_context.steps[-1] == (9, 9, "month pages of 2023-24")


def test_the_same_lake_gives_the_same_games(fill, pull, lake_context):
    fill()
    first = pull()
    lake_context.stored = first
    assert pull() == first
    assert [game.date for game in first] == sorted(game.date for game in first)
    assert first[0].date == date(2023, 10, 1)

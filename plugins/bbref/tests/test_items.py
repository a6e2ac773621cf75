"""What a season should have beside its games, and when that cannot be told."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from recon_bbref.plugin import recon_expected_items
from recon_bbref.source import SOURCE

from recon_core.api import Game, Items, LakeError, Undetermined

NOW = datetime(2024, 7, 10, 12, tzinfo=UTC)
# Eastern midnight after 30 June, and time for a game.
SEASON_OVER = datetime(2024, 7, 1, 7, tzinfo=UTC)


def game(day: str, home: str = "ATL", away: str = "BOS", status: str = "final") -> Game:
    start = datetime.fromisoformat(f"{day}T23:30Z")
    return Game(
        game_id=f"{start:%Y%m%d}0{home}",
        season="2023-24",
        date=start.date(),
        status=status,
        start_utc=start,
        home=home,
        away=away,
    )


PLAYED = [
    *(game("2023-10-24"), game("2023-10-31", "BRK"), game("2023-11-10"), game("2023-12-01")),
    *(game(f"2024-{month:02d}-05") for month in range(1, 6)),
    game("2024-06-17", "BOS", "DAL"),
]
MONTHS = ["october", "november", "december", "january", "february", "march", "april", "may", "june"]


@pytest.fixture
def ask(context, season):
    """The one answer for a data type."""
    context.now = NOW
    context.stored = PLAYED
    context.key_templates = {"rosters": ["new/rosters/{end_year}.json", "old/rosters/{end_year}.json"]}

    def ask(data_type: str) -> Items | Undetermined:
        spec = next(spec for spec in SOURCE.datasets if spec.data_type == data_type)
        (answer,) = recon_expected_items(spec, season, context)
        assert isinstance(answer, Undetermined) or set(answer.columns) == set(spec.grain)
        return answer

    return ask


def test_a_page_for_every_month_with_games_complete_when_its_last_game_is(ask):
    answer = ask("schedule_pages")
    assert answer.columns == {"season": ["2023-24"] * 9, "month": MONTHS}
    times = [f"{moment:%m-%d %H:%M}" for moment in answer.times]
    assert (times[:3], times[-1]) == (["11-01 02:30", "11-11 02:30", "12-02 02:30"], "06-18 02:30")


def test_a_schedule_that_lost_a_month_does_not_hide_its_page(ask, context):
    context.stored = [one for one in PLAYED if one.date.month != 2]
    assert ask("schedule_pages").reason == (
        "the stored schedule of 2023-24 has no game in february, between months with games: "
        "run `recon schedules pull bbref --season 2023-24 --refresh`"
    )


def test_a_month_under_way_is_complete_at_its_end(ask, context):
    context.now = datetime(2023, 12, 10, tzinfo=UTC)
    context.stored = [*PLAYED[:4], game("2023-12-25", status="scheduled"), game("2024-01-02", status="scheduled")]
    answer = ask("schedule_pages")
    assert answer.columns["month"] == ["october", "november", "december"]
    assert answer.times[2] == datetime(2024, 1, 1, 8, tzinfo=UTC)


def test_the_two_octobers_of_2020_have_a_page_each(context, season_of):
    season = season_of("2019-20")
    context.now = NOW
    played = (
        "2019-10",
        "2019-11",
        "2019-12",
        "2020-01",
        "2020-02",
        "2020-03",
        "2020-07",
        "2020-08",
        "2020-09",
        "2020-10",
    )
    context.stored = [game(f"{month}-05") for month in played]
    (answer,) = recon_expected_items(SOURCE.datasets[3], season, context)
    assert answer.columns["month"] == [
        *("october-2019", "november", "december", "january", "february", "march"),
        *("july", "august", "september", "october-2020"),
    ]


def test_pages_of_the_teams_that_the_stored_schedule_names(ask):
    answer = ask("team_pages")
    assert answer.columns == {"season": ["2023-24"] * 4, "team": ["ATL", "BOS", "BRK", "DAL"]}
    assert set(answer.times) == {datetime(2024, 6, 18, 2, 30, tzinfo=UTC)}


@pytest.mark.parametrize("data_type", ["team_pages", "rosters"])
def test_what_a_season_makes_is_complete_when_it_is_over(ask, context, data_type):
    context.now = datetime(2024, 6, 20, tzinfo=UTC)  # the champion is known, but a season may last to the end of June
    assert set(ask(data_type).times) == {SEASON_OVER}


@pytest.mark.parametrize("data_type", ["schedule_pages", "team_pages", "rosters"])
def test_without_a_stored_schedule_nothing_can_be_told(ask, context, data_type):
    context.stored = [game("2023-10-24", status="cancelled")]
    told = ask(data_type)
    assert told.reason == ("no schedule of 2023-24 is stored: run `recon schedules pull bbref --season 2023-24`")


@pytest.mark.parametrize(
    ("data_type", "what"), [("schedule_pages", "january"), ("team_pages", "the season"), ("rosters", "the season")]
)
def test_a_schedule_that_is_older_than_what_it_should_tell(ask, context, data_type, what):
    context.stored = [one for one in PLAYED if one.date.month != 1] + [game("2024-01-15", status="scheduled")]
    assert ask(data_type).reason.startswith(f"the stored schedule of 2023-24 was pulled before {what} was over: run ")


def test_a_game_that_was_called_off_asks_for_no_page(ask, context):
    context.stored = [*PLAYED[:-1], game("2024-06-15", status="postponed"), game("2024-06-17", status="tbd")]
    assert ask("schedule_pages").columns["month"] == MONTHS[:-1]


@pytest.mark.parametrize(
    "roster",
    [
        ["jamesle01", "doncilu01", "jamesle01"],
        [{"player_id": "jamesle01", "team": "LAL"}, {"player_id": "doncilu01"}],
        {"players": ["jamesle01", "doncilu01"]},
    ],
)
def test_players_are_those_of_the_roster_in_the_lake(ask, context, roster):
    context.lake["new/rosters/2024.json"] = json.dumps(roster).encode()
    answer = ask("player_logs")
    assert answer.columns == {"season": ["2023-24"] * 2, "player": ["doncilu01", "jamesle01"]}
    assert set(answer.times) == {datetime(2024, 6, 18, 2, 30, tzinfo=UTC)}


def test_a_roster_of_an_older_layout_is_read_as_well(ask, context):
    context.lake["new/rosters/2024.json"] = b""
    context.lake["old/rosters/2024.json"] = b'["jamesle01"]'
    assert ask("player_logs").columns["player"] == ["jamesle01"]


def test_a_roster_of_before_the_seasons_end_names_no_season(ask, context):
    """Who was signed later is not in it: without him, the others' logs would look complete."""
    context.lake["new/rosters/2024.json"] = b'["jamesle01"]'
    context.written["new/rosters/2024.json"] = datetime(2023, 11, 1, tzinfo=UTC)
    assert ask("player_logs").reason == (
        "lake object new/rosters/2024.json: written 2023-11-01, before the season was over on 2024-06-18, so that "
        "players may be absent: fetch the roster again; old/rosters/2024.json: there is no such object"
    )
    # The moment at which the last game ended, from which on the roster's own item is no longer stale.
    context.written["new/rosters/2024.json"] = datetime(2024, 6, 18, 2, 30, tzinfo=UTC)
    assert ask("player_logs").columns["player"] == ["jamesle01"]
    context.written["new/rosters/2024.json"] = datetime(2024, 6, 18, 2, 29, tzinfo=UTC)
    context.lake["old/rosters/2024.json"] = b'["doncilu01"]'
    assert ask("player_logs").columns["player"] == ["doncilu01"]


def test_while_the_season_goes_on_any_roster_will_do(ask, context):
    context.now = datetime(2024, 6, 30, tzinfo=UTC)
    context.lake["new/rosters/2024.json"] = b'["jamesle01"]'
    context.written["new/rosters/2024.json"] = datetime(2023, 11, 1, tzinfo=UTC)
    answer = ask("player_logs")
    assert (answer.columns["player"], list(answer.times)) == (["jamesle01"], [SEASON_OVER])


def test_a_roster_that_is_not_there_is_named(ask):
    assert ask("player_logs").reason == (
        "new/rosters/2024.json: there is no such object; old/rosters/2024.json: there is no such object"
    )


def test_a_roster_that_is_refused_is_named(ask, context):
    context.denied |= {"new/rosters/2024.json", "old/rosters/2024.json"}
    with pytest.raises(LakeError):
        context.read("new/rosters/2024.json")
    assert "new/rosters/2024.json: access denied" in ask("player_logs").reason


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"{}", b"null", b"3", b"[3]", b'[""]', b'["LeBron James"]', b'[{"name": "x"}]', b"\xff"),
        *(b"[" * 100_000, b'["jamesle01", "a\\u001b[2J"]', '["jamesle٠1"]'.encode()),
    ],
)
def test_a_roster_that_cannot_be_understood_tells_nothing_rather_than_a_part(ask, context, body):
    context.lake["new/rosters/2024.json"] = body
    reason = ask("player_logs").reason
    assert "lake object new/rosters/2024.json: no list of players (" in reason
    assert reason.isprintable()

"""``schedules pull``: what is stored, skipped, refused and failed, and that no game is lost without a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.league import SEASONS, League, game, inventory_of, registry_of

from recon_core.api import ConfigError, Context, Game, LakeError, Season, UsageError
from recon_core.config import Inventory, SourceCoverage
from recon_core.plugins import PluginFailure, Registry
from recon_core.schedules.outcome import PullOutcome, PullReport, PullRequest
from recon_core.schedules.pull import pull
from recon_core.schedules.store import load_games, load_schedule, save_games
from recon_core.workspace import Workspace

NOW = datetime(2025, 1, 15, 12, tzinfo=UTC)
WANTED = inventory_of(league=("2024-25",))
# The last local day of 2024-25 ends at 2025-06-21T04:00Z.
SETTLED = datetime(2025, 6, 28, 4, tzinfo=UTC)


def season_of(*games: Game) -> Any:
    return lambda season, context: list(games)


class Puller:
    """Pulls from one league into one workspace."""

    def __init__(self, ws: Workspace, league: League) -> None:
        self.ws = ws
        self.league = league

    def __call__(self, *games: Game, now: datetime = NOW, **request: Any) -> PullOutcome:
        """Pull a season in which the league has these games."""
        self.league.answer = season_of(*games)
        (outcome,) = self.report(now=now, **request).outcomes
        return outcome

    def report(self, now: datetime = NOW, inventory: Inventory = WANTED, **request: Any) -> PullReport:
        return pull(self.ws, registry_of(self.league), inventory, PullRequest(now=now, **request))

    @property
    def file(self) -> Path:
        return self.ws.schedule_file("league", "2024-25")

    def games(self) -> list[Game]:
        return load_games(self.file)


@pytest.fixture
def puller(ws: Workspace) -> Puller:
    return Puller(ws, League())


def test_what_the_plugin_says_is_stored_with_the_time_of_the_pull(puller: Puller) -> None:
    earlier = NOW - timedelta(days=9)
    outcome = puller(game(1, pulled_at=earlier), game(2, "scheduled"), game(3, "postponed"))
    assert outcome.state == "stored"
    assert outcome.file == puller.file
    assert (outcome.games, dict(outcome.by_status)) == (3, {"final": 1, "postponed": 1, "scheduled": 1})
    assert (outcome.changes.new, outcome.exit_code, outcome.error) == (3, 0, None)
    assert [one.pulled_at for one in puller.games()] == [earlier, NOW, NOW]
    assert load_schedule(puller.file).pulled_at == NOW


def test_changes_are_counted(puller: Puller) -> None:
    puller(game(1, "scheduled"), game(2, "scheduled"), game(3, "tbd"))
    moved = game(2, "scheduled", day=SEASONS[2].starts + timedelta(days=40))
    changes = puller(game(1), moved, game(4, "scheduled")).changes
    assert (changes.new, changes.status_changed, changes.moved, changes.gone) == (1, 1, 1, 1)
    assert changes.vanished == ()


@pytest.mark.parametrize("status", ["scheduled", "in_progress", "final", "postponed", "cancelled"])
def test_a_stored_game_that_vanished_is_refused_and_named(puller: Puller, status: Any) -> None:
    puller(game(1), game(2, status))
    before = puller.file.read_bytes()
    outcome = puller(game(1), game(3))
    assert outcome.state == "refused"
    assert outcome.exit_code == 2
    assert str(outcome.error) == (
        "league 2024-25: 1 stored game is not in what was pulled: 2400002 (2024-10-03 BBB @ AAA); the stored schedule "
        "is unchanged; if they are really gone, run it again with --force"
    )
    assert [one.game_id for one in outcome.changes.vanished] == ["2400002"]
    assert puller.file.read_bytes() == before
    forced = puller(game(1), game(3), force=True)
    assert (forced.state, forced.changes.gone) == ("stored", 1)
    assert [one.game_id for one in puller.games()] == ["2400001", "2400003"]


def test_tbd_games_may_vanish(puller: Puller) -> None:
    puller(game(1), game(2, "tbd"))
    assert puller(game(1)).state == "stored"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (game(2), game(3, alt_ids=("2400002",))),
        (game(2, alt_ids=("2400003",)), game(3)),
        (game(2, alt_ids=("x",)), game(3, alt_ids=("x",))),
    ],
)
def test_a_game_under_another_of_its_ids_has_not_vanished(puller: Puller, old: Game, new: Game) -> None:
    puller(game(1), old)
    outcome = puller(game(1), new)
    assert outcome.state == "stored"
    assert (outcome.changes.new, outcome.changes.gone) == (0, 0)


def test_nothing_found_within_a_season_is_refused(puller: Puller) -> None:
    outcome = puller()
    assert outcome.state == "refused"
    assert "0 games were found of a season that began on 2024-10-01" in str(outcome.error)
    assert not puller.file.exists()
    assert puller(force=True).state == "stored"
    assert puller.games() == []


def test_nothing_found_before_a_season_is_no_failure_and_no_schedule(puller: Puller) -> None:
    outcome = puller(now=datetime(2024, 8, 1, tzinfo=UTC))
    assert (outcome.state, outcome.exit_code) == ("skipped", 0)
    assert outcome.note == "the source has no games of it yet; the season begins on 2024-10-01"
    assert not puller.file.exists()


def test_a_finished_season_is_not_pulled_again(puller: Puller) -> None:
    games = (game(1), game(2, "cancelled"), game(3, "postponed"))
    puller(*games, now=SETTLED)
    puller.league.contexts.clear()
    outcome = puller(now=SETTLED + timedelta(days=400))
    assert outcome.state == "skipped"
    assert "--refresh" in outcome.note
    assert (outcome.games, outcome.by_status["final"]) == (3, 1)
    assert puller.league.contexts == []
    assert puller(*games, now=SETTLED, refresh=True).state == "stored"
    assert puller(*games, now=SETTLED, force=True).state == "stored"


@pytest.mark.parametrize(
    ("games", "pulled_at"),
    [
        ((game(1), game(2, "scheduled")), SETTLED),
        ((game(1), game(2, "tbd")), SETTLED),
        ((game(1),), SETTLED - timedelta(microseconds=1)),
        ((game(1),), None),
    ],
    ids=["one to come", "one tbd", "pulled before the end", "imported without a time"],
)
def test_a_season_that_may_lack_something_is_pulled_again(
    puller: Puller, games: tuple[Game, ...], pulled_at: datetime | None
) -> None:
    save_games(puller.file, games, pulled_at)
    assert puller(*games, now=SETTLED + timedelta(days=1)).state == "stored"


def test_the_context_says_what_is_known(puller: Puller) -> None:
    puller(game(1), game(2, "scheduled"))
    puller(game(1), game(2), options=("rate=7",), now=NOW + timedelta(days=1))
    label, context = puller.league.contexts[-1]
    assert label == "2024-25"
    assert context.now == NOW + timedelta(days=1)
    assert context.options == {"rate": 7.0, "league_on": True}
    assert [(one.game_id, one.status, one.pulled_at) for one in context.stored] == [
        ("2400001", "final", NOW),
        ("2400002", "scheduled", NOW),
    ]
    assert context.from_lake is False
    assert context.scratch == puller.ws.cache_dir / "pull" / "league" / "2024-25"


def test_the_inventory_sets_options_and_the_command_line_overrides_them(puller: Puller) -> None:
    coverage = SourceCoverage(name="league", seasons=("2024-25",), options={"rate": 4, "league_on": False})
    puller.league.answer = season_of(game(1))
    puller.report(inventory=Inventory(sources={"league": coverage}), options=("rate=9",))
    assert puller.league.contexts[-1][1].options == {"rate": 9.0, "league_on": False}


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("rat=1", "did you mean 'rate'"),
        ("rate=fast", "'fast' is not a number"),
        ("rate", "expected NAME=VALUE"),
    ],
)
def test_options_that_no_source_has_are_refused_before_anything_is_pulled(
    puller: Puller, option: str, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        puller(game(1), options=(option,))
    assert puller.league.contexts == []


def test_an_option_reaches_the_sources_that_have_it(ws: Workspace) -> None:
    first, second = League(season_of(game(1))), League(season_of(game(2)), name="other")
    wanted = inventory_of(league=("2024-25",), other=("2024-25",))
    pull(ws, registry_of(first, second), wanted, PullRequest(now=NOW, options=("other_on=false",)))
    assert first.contexts[0][1].options == {"rate": 2.5, "league_on": True}
    assert second.contexts[0][1].options == {"rate": 2.5, "other_on": False}


def test_scratch_outlives_a_failure_and_goes_with_success(puller: Puller) -> None:
    seen: list[list[str]] = []

    def answer(season: Season, context: Context) -> Iterator[Game]:
        assert context.scratch is not None
        seen.append(sorted(path.name for path in context.scratch.iterdir()))
        (context.scratch / f"page{len(seen)}").write_text("")
        yield game(1)
        if len(seen) < 3:
            raise KeyboardInterrupt if len(seen) == 2 else ConnectionError("gone")

    puller.league.answer = answer
    (failed,) = puller.report().outcomes
    assert failed.state == "failed"
    with pytest.raises(KeyboardInterrupt):
        puller.report()
    (done,) = puller.report().outcomes
    assert done.state == "stored"
    assert seen == [[], ["page1"], ["page1", "page2"]]
    assert not (puller.ws.cache_dir / "pull").exists()


def test_refresh_starts_from_nothing(puller: Puller) -> None:
    puller(game(1))
    page = puller.ws.cache_dir / "pull" / "league" / "2024-25" / "page"
    page.parent.mkdir(parents=True)
    page.write_text("")
    there: list[bool] = []

    def answer(season: Season, context: Context) -> list[Game]:
        there.append(page.exists() or bool(context.stored))
        return [game(2)]

    puller.league.answer = answer
    (outcome,) = puller.report(refresh=True).outcomes
    assert there == [False]
    assert outcome.state == "refused"  # what is stored still counts when games vanish


def test_a_failed_plugin_costs_only_its_own_season(ws: Workspace) -> None:
    def answer(season: Season, context: Context) -> Iterable[Game]:
        yield game(1, season=season.label)
        if season.label == "2023-24":
            raise ValueError("page 3 is \x1b[31mred\n")

    league, other = League(answer), League(season_of(game(1)), name="other")
    wanted = inventory_of(league=("2022-23", "2023-24", "2024-25"), other=("2024-25",), broken=("2024-25",))
    failure = PluginFailure(
        distribution="recon-broken", version="3", entry_point="broken", source="broken", hook=None, message="is broken"
    )
    registry = Registry(registry_of(league, other).plugins, (failure,))
    report = pull(ws, registry, wanted, PullRequest(now=NOW))
    assert [(one.source, one.season, one.state) for one in report.outcomes] == [
        ("broken", "", "failed"),
        ("league", "2022-23", "stored"),
        ("league", "2023-24", "failed"),
        ("league", "2024-25", "stored"),
        ("other", "2024-25", "stored"),
    ]
    told = str(report.outcomes[2].error)
    assert told.startswith(
        "recon-league 1.0: recon_expected_games failed for season 2023-24: ValueError: page 3 is \\x1b"
    )
    assert "\n" not in told
    assert "recon-broken 3: is broken" in str(report.outcomes[0].error)
    assert report.exit_code == 2


def test_the_lakes_and_the_networks_errors_keep_their_exit_code(puller: Puller) -> None:
    def answer(season: Season, context: Context) -> Iterable[Game]:
        raise LakeError("the bucket is gone")

    puller.league.answer = answer
    report = puller.report()
    assert (report.outcomes[0].state, report.exit_code) == ("failed", 3)
    assert "the bucket is gone" in str(report.outcomes[0].error)


@pytest.mark.parametrize(
    ("games", "told"),
    [
        ((game(1), game(1)), "2400001"),
        ((game(1, season="2023-24"),), "season '2023-24'"),
        ((game(1, home="A "),), "whose home 'A ' has blanks at its ends"),
        ((replace(game(1), status="done"),), "status"),
        ((replace(game(1), start_utc=datetime(2024, 10, 2)),), "without a time zone"),  # noqa: DTZ001
        (("game",), "Game"),
    ],
)
def test_a_plugin_that_breaks_its_contract_stores_nothing(puller: Puller, games: tuple[Any, ...], told: str) -> None:
    puller(game(5))
    before = puller.file.read_bytes()
    outcome = puller(*games)
    assert (outcome.state, outcome.exit_code) == ("failed", 2)
    assert told in str(outcome.error)
    assert "recon-league 1.0" in str(outcome.error)
    assert puller.file.read_bytes() == before


def test_a_broken_file_is_mended_by_a_pull_that_says_so(puller: Puller) -> None:
    puller.file.parent.mkdir(parents=True)
    puller.file.write_bytes(b"broken")
    outcome = puller(game(1))
    assert outcome.state == "stored"
    assert outcome.note == "the stored file could not be read, so vanished games could not be looked for"
    assert puller.league.contexts[-1][1].stored == ()
    assert len(puller.games()) == 1


def test_an_id_of_another_stored_season_is_refused(puller: Puller) -> None:
    other = puller.ws.schedule_file("league", "2023-24")
    save_games(other, [replace(game(7), season="2023-24")], None)
    outcome = puller(game(7))
    assert outcome.state == "failed"
    assert "also stands in the stored season 2023-24" in str(outcome.error)
    assert puller(game(8, alt_ids=("2400007",))).state == "failed"
    assert puller(game(8)).state == "stored"


def test_games_out_of_the_lake_are_not_dated_by_the_pull(puller: Puller) -> None:
    seen = NOW - timedelta(days=50)
    outcome = puller(game(1), game(2, "scheduled", pulled_at=seen), from_lake=True)
    assert outcome.state == "stored"
    assert puller.league.contexts[-1][1].from_lake is True
    assert [one.pulled_at for one in puller.games()] == [None, seen]
    assert load_schedule(puller.file).pulled_at is None

    undated = puller(game(1), game(2, "scheduled"), from_lake=True)
    assert undated.state == "failed"
    assert "whose pulled_at is not known" in str(undated.error)


def test_a_season_that_cannot_be_written_fails_and_stays_as_it_was(puller: Puller) -> None:
    puller.file.parent.parent.mkdir(parents=True)
    puller.file.parent.write_text("a file where the folder should be")
    outcome = puller(game(1))
    assert (outcome.state, outcome.exit_code) == ("failed", 3)
    assert "cannot write" in str(outcome.error)


def test_which_seasons_are_pulled(ws: Workspace) -> None:
    league = League(lambda season, context: [game(1, season=season.label)])
    registry = registry_of(league)

    def labels(inventory: Inventory, **request: Any) -> list[str]:
        return [one.season for one in pull(ws, registry, inventory, PullRequest(now=NOW, **request)).outcomes]

    assert labels(inventory_of(league=("current", "previous"))) == ["2023-24", "2024-25"]
    assert labels(WANTED) == ["2024-25"]
    assert labels(WANTED, seasons=("previous", "2022-23")) == ["2022-23", "2023-24"]
    assert labels(Inventory(), sources=("league",)) == ["2023-24", "2024-25"]
    assert labels(Inventory()) == []
    with pytest.raises(ConfigError, match=r"--season: source 'league' has no season '2025-25' \(did you mean"):
        labels(WANTED, seasons=("2025-25",))
    with pytest.raises(ConfigError, match="did you mean 'league'"):
        labels(WANTED, sources=("leage",))


def test_a_season_of_one_of_several_sources(ws: Workspace) -> None:
    class Summer(League):
        def recon_seasons(self) -> tuple[Season, ...]:
            return (replace(SEASONS[2], label="2024"),)

    Summer.recon_seasons.recon_impl = League.recon_seasons.recon_impl
    first = League(lambda season, context: [game(1, season=season.label)])
    second = Summer(lambda season, context: [replace(game(1), season=season.label)], name="summer")
    registry, wanted = registry_of(first, second), inventory_of(league=("2024-25",), summer=("2024",))

    def pairs(*seasons: str) -> list[tuple[str, str]]:
        report = pull(ws, registry, wanted, PullRequest(now=NOW, seasons=seasons))
        return [(one.source, one.season) for one in report.outcomes]

    assert pairs() == [("league", "2024-25"), ("summer", "2024")]
    assert pairs("2024") == [("summer", "2024")]
    assert pairs("current") == [("league", "2024-25"), ("summer", "2024")]
    with pytest.raises(ConfigError, match="has no season '2031'"):
        pairs("2024", "2031")


def test_computed_schedules_are_not_pulled(ws: Workspace) -> None:
    registry = registry_of(League(season_of(game(1))), League(name="daily", schedule="computed"))
    wanted = inventory_of(league=("2024-25",), daily=("2024-25",))
    assert [one.source for one in pull(ws, registry, wanted, PullRequest(now=NOW)).outcomes] == ["league"]
    with pytest.raises(UsageError, match="the schedule of daily is computed by its plugin in every run"):
        pull(ws, registry, wanted, PullRequest(now=NOW, sources=("daily",)))


def test_progress_is_passed_on(ws: Workspace) -> None:
    class Recorded:
        def __init__(self) -> None:
            self.calls: list[tuple[object, ...]] = []

        def step(self, name: str) -> None:
            self.calls.append((name,))

        def update(self, done: int, total: int | None, what: str) -> None:
            self.calls.append((done, total, what))

        def log(self, message: str) -> None:
            self.calls.append((message,))

    def answer(season: Season, context: Context) -> list[Game]:
        context.progress(3, 9, "days")
        return [game(1)]

    progress = Recorded()
    pull(ws, registry_of(League(answer)), WANTED, PullRequest(now=NOW), progress=progress)
    assert progress.calls == [("league 2024-25",), (3, 9, "days")]

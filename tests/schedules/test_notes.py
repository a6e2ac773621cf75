"""What a plugin says of the games that it lacks is kept with them, wherever they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from support.league import League, game, inventory_of, registry_of

from recon_core.api import Game, ScheduleError, Season, hookimpl
from recon_core.plan import build_plan
from recon_core.schedules.importing import import_file
from recon_core.schedules.notes import stored_notes
from recon_core.schedules.outcome import PullOutcome, PullRequest
from recon_core.schedules.pull import pull
from recon_core.schedules.show import show
from recon_core.schedules.store import load_notes, load_schedule, save_games, stored_seasons
from recon_core.workspace import Workspace

NOW = datetime(2025, 1, 15, 12, tzinfo=UTC)
WANTED = inventory_of(league=("2024-25",))
HOSTILE = "\x1b[31mnone\nat \u202eall"


class Noting(League):
    """A league whose plugin notes what ``remarks`` say; an exception in them is raised."""

    def __init__(self, *remarks: Any, **source: Any) -> None:
        super().__init__(lambda season, context: [game(1), game(2)], **source)
        self.remarks = remarks
        self.asked: list[tuple[str, list[str]]] = []

    @hookimpl
    def recon_schedule_notes(self, season: Season, games: Sequence[Game]) -> Iterable[str]:
        self.asked.append((season.label, [one.game_id for one in games]))
        for remark in self.remarks:
            if isinstance(remark, Exception):
                raise remark
            yield remark


def pulled(ws: Workspace, league: League, now: datetime = NOW) -> PullOutcome:
    (outcome,) = pull(ws, registry_of(league), WANTED, PullRequest(now=now)).outcomes
    return outcome


def imported(ws: Workspace, league: League, *rows: str) -> tuple[str, ...]:
    file = ws.root / "games.csv"
    file.write_text("\n".join(["game_id,season,season_type,date,start_utc,home,away,status", *rows]))
    (season,) = import_file(ws, registry_of(league), file, "league", now=NOW)
    return season.notes


ROW = "1,2024-25,regular,2024-11-01,,A,B,final"


def test_notes_of_a_pull_are_kept_and_shown(ws: Workspace) -> None:
    league = Noting("3 games are not listed", "nor is the last day")
    outcome = pulled(ws, league)
    assert outcome.state == "stored"
    assert outcome.notes == ("3 games are not listed", "nor is the last day")
    assert league.asked == [("2024-25", ["2400001", "2400002"])]
    (row,) = show(ws, registry_of(league), WANTED, NOW)
    assert row.notes == outcome.notes
    assert load_notes(ws.schedule_file("league", "2024-25")) == outcome.notes


def test_a_season_that_is_done_with_still_tells_them(ws: Workspace) -> None:
    pulled(ws, Noting("one game is not listed"), datetime(2025, 8, 1, tzinfo=UTC))
    outcome = pulled(ws, Noting("not asked again"), datetime(2025, 9, 1, tzinfo=UTC))
    assert (outcome.state, outcome.notes) == ("skipped", ("one game is not listed",))


def test_the_next_pull_replaces_them(ws: Workspace) -> None:
    pulled(ws, Noting("one game is not listed"))
    assert pulled(ws, Noting()).notes == ()
    assert load_schedule(ws.schedule_file("league", "2024-25")).notes == ()


def test_imported_games_are_looked_at_as_well(ws: Workspace) -> None:
    assert imported(ws, Noting("one game is not listed"), ROW) == ("one game is not listed",)
    assert load_notes(ws.schedule_file("league", "2024-25")) == ("one game is not listed",)


def test_a_plugin_without_the_hook_has_nothing_to_say(ws: Workspace) -> None:
    assert imported(ws, League(), ROW) == ()
    assert b"recon.schedule.notes" not in pq.read_schema(ws.schedule_file("league", "2024-25")).metadata


@pytest.mark.parametrize(
    ("remark", "told"),
    [
        (ZeroDivisionError("no games\x1b"), "ZeroDivisionError: no games\\x1b"),
        (3, "note 2 is 3, expected text"),
        (" ", "note 2 is empty"),
    ],
)
def test_a_plugin_that_fails_at_them_costs_no_games(ws: Workspace, remark: Any, told: str) -> None:
    outcome = pulled(ws, Noting("fine", remark))
    assert (outcome.state, outcome.games, outcome.exit_code) == ("stored", 2, 0)
    (note,) = outcome.notes
    assert note.startswith("what it lacks is not known: recon-league 1.0: recon_schedule_notes ")
    assert told in note


def test_what_a_plugin_says_is_escaped(ws: Workspace) -> None:
    (note,) = pulled(ws, Noting(HOSTILE)).notes
    assert note.isprintable()


def test_a_run_hears_of_the_schedules_on_which_it_rests(ws: Workspace) -> None:
    league = Noting(name="league")
    for label in ("2023-24", "2024-25"):
        file = ws.schedule_file("league", label)
        save_games(file, [game(1, season=label)], NOW, [f"of {label}", HOSTILE])
    plan = build_plan(WANTED, registry_of(league), NOW)
    found = list(stored_notes(plan, {"league": stored_seasons(ws, "league"), "gone": {}}))
    assert found[0] == ("league", "2024-25", "of 2024-25")
    assert [season for _, season, _ in found] == ["2024-25"] * 2
    assert found[1][2].isprintable()


@pytest.mark.parametrize("notes", [b"no json", b"{}", b"[3]"])
def test_damaged_notes_are_a_damaged_file(ws: Workspace, notes: bytes) -> None:
    file = ws.schedule_file("league", "2024-25")
    save_games(file, [game(1)], NOW, ["fine"])
    _with_notes(file, notes)
    for read in (load_notes, load_schedule):
        with pytest.raises(ScheduleError, match=r"cannot be read .*recon schedules pull league --season 2024-25"):
            read(file)


def _with_notes(file: Path, notes: bytes) -> None:
    table = pq.read_table(file, partitioning=None)
    metadata = {**(table.schema.metadata or {}), b"recon.schedule.notes": notes}
    pq.write_table(table.replace_schema_metadata(metadata), file)


def test_a_file_that_is_gone_says_so(ws: Workspace) -> None:
    with pytest.raises(ScheduleError, match="cannot be read"):
        load_notes(ws.schedule_file("league", "2024-25"))

"""``schedules show``: what is stored, and what is wanted and not there, with the command."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from support.league import League, game, inventory_of, registry_of

from recon_core.api import ScheduleError
from recon_core.config import Inventory
from recon_core.plugins import Registry
from recon_core.schedules.show import ScheduleRow, show
from recon_core.schedules.store import save_games
from recon_core.workspace import Workspace

NOW = datetime(2025, 1, 15, 12, tzinfo=UTC)
PULLED = NOW - timedelta(hours=1)
WANTED = inventory_of(league=("current", "previous"))


def rows(
    ws: Workspace, inventory: Inventory = WANTED, registry: Registry | None = None, **which: Any
) -> list[ScheduleRow]:
    return list(show(ws, registry or registry_of(League()), inventory, NOW, **which))


def test_a_stored_season_is_summed_up(ws: Workspace) -> None:
    file = ws.schedule_file("league", "2024-25")
    earlier = PULLED - timedelta(days=3)
    save_games(file, [game(1, pulled_at=earlier), game(2), game(9, "tbd", season_type=None)], PULLED)
    (row,) = rows(ws, inventory_of(league=("current",)))
    assert row == ScheduleRow(
        source="league",
        season="2024-25",
        file=file,
        games=3,
        by_status={"final": 2, "tbd": 1},
        by_type={"": 1, "regular": 2},
        first=date(2024, 10, 2),
        last=date(2024, 10, 10),
        pulled_oldest=earlier,
        pulled_newest=PULLED,
    )


def test_a_wanted_season_that_is_not_stored_names_the_command(ws: Workspace) -> None:
    save_games(ws.schedule_file("league", "2022-23"), [game(1, season="2022-23")], None)
    found = rows(ws)
    assert [(row.season, row.games, row.problem) for row in found] == [
        ("2022-23", 1, None),
        ("2023-24", 0, "not stored: run `recon schedules pull league --season 2023-24`"),
        ("2024-25", 0, "not stored: run `recon schedules pull league --season 2024-25`"),
    ]
    assert found[0].pulled_newest is None
    assert found[1].file is None


def test_a_broken_file_is_a_row_with_its_problem(ws: Workspace) -> None:
    file = ws.schedule_file("league", "2024-25")
    file.parent.mkdir(parents=True)
    file.write_bytes(b"broken")
    (row,) = rows(ws, inventory_of(league=("current",)))
    assert (row.file, row.games) == (file, 0)
    assert row.problem is not None
    assert "`recon schedules pull league --season 2024-25`" in row.problem


def test_sources_and_seasons_are_chosen(ws: Workspace) -> None:
    save_games(ws.schedule_file("other", "2024-25"), [game(1)], None)
    registry = registry_of(League(), League(name="daily", schedule="computed"))

    def pairs(**which: Any) -> list[tuple[str, str]]:
        return [(row.source, row.season) for row in rows(ws, WANTED, registry, **which)]

    assert pairs() == [("league", "2023-24"), ("league", "2024-25"), ("other", "2024-25")]
    assert pairs(sources=("other",)) == [("other", "2024-25")]
    assert pairs(seasons=("previous",)) == [("league", "2023-24")]
    assert pairs(seasons=("2024-25",)) == [("league", "2024-25"), ("other", "2024-25")]
    with pytest.raises(ScheduleError, match=r"no schedule of 'leage' is stored or wanted \(did you mean 'league'\?\)"):
        pairs(sources=("leage",))
    with pytest.raises(ScheduleError, match="no schedule of season '2025-26' is stored or wanted"):
        pairs(seasons=("2025-26",))


def test_nothing_stored_and_nothing_wanted(ws: Workspace) -> None:
    assert rows(ws, Inventory()) == []

"""Stored schedules: what is saved is what is loaded, the bytes depend on the games alone, and damage is named."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.league import game

from recon_core.api import Game, ScheduleError, Status
from recon_core.schedules.store import (
    check_schedule,
    load_games,
    load_schedule,
    require_schedules,
    save_games,
    save_schedules,
    stored_seasons,
)
from recon_core.workspace import Workspace

LABEL = "2024-25"
PULLED = datetime(2025, 1, 15, 12, 0, 0, 123456, tzinfo=UTC)

texts = (
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)
moments = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@st.composite
def seasons(draw: st.DrawFn) -> list[Game]:
    ids = draw(st.lists(texts, unique=True, max_size=24))
    games = []
    while ids:
        own, *others = [ids.pop() for _ in range(min(len(ids), draw(st.integers(1, 3))))]
        status: Status = draw(st.sampled_from(get_args(Status)))
        closed = status in ("final", "postponed", "cancelled")
        games.append(
            Game(
                game_id=own,
                season=LABEL,
                date=draw(st.dates(min_value=date(1900, 1, 1))),
                status=status,
                season_type=draw(st.none() | texts),
                start_utc=draw(st.none() | moments),
                home=draw(st.none() | texts),
                away=draw(st.none() | texts),
                league=draw(st.none() | texts),
                ordinal=draw(st.integers(1, 2**31 - 1)),
                alt_ids=tuple(sorted(others)),
                final_at=draw(st.none() | moments),
                pulled_at=draw(st.none() | moments if closed else moments),
            )
        )
    return games


def by_id(games: list[Game]) -> dict[str, Game]:
    return {one.game_id: one for one in games}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(games=seasons(), pulled_at=st.none() | moments, shuffle=st.randoms(use_true_random=False))
def test_what_is_saved_is_what_is_loaded(
    tmp_path: Path, games: list[Game], pulled_at: datetime | None, shuffle: random.Random
) -> None:
    path = tmp_path / "league" / f"{LABEL}.parquet"
    save_games(path, games, pulled_at)
    first = path.read_bytes()
    loaded = load_schedule(path)

    assert loaded.pulled_at == pulled_at
    expected = [replace(one, pulled_at=one.pulled_at or pulled_at) for one in games]
    assert by_id(list(loaded.games)) == by_id(expected)
    assert len(loaded.games) == len(games)

    shuffle.shuffle(games)
    save_games(path, games, pulled_at)
    assert path.read_bytes() == first
    save_games(path, loaded.games, pulled_at)
    assert path.read_bytes() == first


def test_the_order_is_date_then_start_then_id(tmp_path: Path) -> None:
    day = date(2024, 11, 1)
    late = datetime(2024, 11, 2, 3, tzinfo=UTC)
    games = [
        game(9, day=day, start_utc=None),
        game(8, day=day, start_utc=late),
        game(7, day=day, start_utc=late),
        game(6, day=day),
        game(5, day=day + timedelta(days=1), start_utc=late - timedelta(hours=6)),
    ]
    path = tmp_path / f"{LABEL}.parquet"
    save_games(path, games, None)
    assert [one.game_id for one in load_games(path)] == ["2400006", "2400007", "2400008", "2400009", "2400005"]


def test_rows_keep_the_time_of_their_own_pull(tmp_path: Path) -> None:
    earlier = PULLED - timedelta(days=30)
    path = tmp_path / f"{LABEL}.parquet"
    save_games(path, [game(1, pulled_at=earlier), game(2, "scheduled")], PULLED)
    assert [one.pulled_at for one in load_games(path)] == [earlier, PULLED]
    assert load_schedule(path).pulled_at == PULLED


def test_the_columns_are_as_documented(tmp_path: Path) -> None:
    path = tmp_path / f"{LABEL}.parquet"
    save_games(path, [game(1)], PULLED)
    schema = pq.read_schema(path)
    assert {field.name: str(field.type) for field in schema} == {
        "game_id": "string",
        "season": "string",
        "season_type": "string",
        "date": "date32[day]",
        "start_utc": "timestamp[us]",
        "home": "string",
        "away": "string",
        "status": "string",
        "league": "string",
        "ordinal": "int32",
        "alt_ids": "list<element: string>",
        "final_at": "timestamp[us]",
        "pulled_at": "timestamp[us]",
        "unavailable": "list<element: string>",
    }
    assert schema.metadata[b"recon.schedule.schema_version"] == b"1"


@pytest.mark.parametrize(
    ("games", "told"),
    [
        ([game(1), game(1)], "has the id 2400001 twice"),
        ([game(1), game(2, alt_ids=("2400001",))], "has the id 2400001 twice (alt_ids of 2400002)"),
        ([game(1, alt_ids=("x",)), game(2, alt_ids=("x",))], "has the id x twice"),
        ([game(1, alt_ids=("2400001",))], "has the id 2400001 twice"),
        ([game(1, season="2023-24")], "of season '2023-24'"),
        ([replace(game(1), status="Final")], "status 'Final' is not one of scheduled"),
        ([game(1, "scheduled")], "pulled_at is not known"),
        ([game(1, home="AAA ")], "home 'AAA ' has blanks at its ends"),
        ([game(1, away="A\nB")], "away 'A\\nB' has a control character"),
        ([game(1, ordinal=0)], "ordinal 0"),
        ([game(1, alt_ids=("",))], "alt_ids has an empty id"),
    ],
)
def test_games_that_contradict_each_other_are_not_stored(tmp_path: Path, games: list[Game], told: str) -> None:
    path = tmp_path / f"{LABEL}.parquet"
    save_games(path, [game(3)], PULLED)
    before = path.read_bytes()
    with pytest.raises(ScheduleError) as caught:
        save_games(path, games, None)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before


def rewritten(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    pq.write_table(change(pq.read_table(path, partitioning=None)), path)


def recast(name: str, kind: Any) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        index = table.schema.get_field_index(name)
        return table.set_column(index, name, table.column(name).cast(kind))

    return change


def revalued(name: str, value: Any) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        index = table.schema.get_field_index(name)
        field = pa.field(name, table.schema.field(name).type)
        return table.set_column(index, field, pa.array([value] * table.num_rows, field.type))

    return change


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda path: path.write_bytes(b""), "cannot be read"),
        (lambda path: path.write_bytes(b"not parquet at all"), "cannot be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:-20]), "cannot be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:200]), "cannot be read"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read"),
        (lambda path: rewritten(path, lambda t: t.drop_columns(["status"])), "lacks the column status"),
        (
            lambda path: rewritten(path, lambda t: t.append_column("note", t.column("home"))),
            "that no schedule has: note",
        ),
        (lambda path: rewritten(path, recast("game_id", pa.int64())), "game_id as int64, not string"),
        (lambda path: rewritten(path, recast("date", pa.timestamp("us"))), "date as timestamp[us], not date32[day]"),
        (lambda path: rewritten(path, recast("start_utc", pa.timestamp("us", "UTC"))), "start_utc as timestamp"),
        (lambda path: rewritten(path, lambda t: t.replace_schema_metadata({})), "has schema version '', not '1'"),
        (lambda path: rewritten(path, revalued("status", "done")), "status 'done' is not one of"),
        (lambda path: rewritten(path, revalued("game_id", "1")), "has the id 1 twice"),
        (lambda path: rewritten(path, revalued("season", "2023-24")), "of season '2023-24'"),
        (lambda path: rewritten(path, revalued("date", None)), "column date has a null"),
        (lambda path: rewritten(path, revalued("alt_ids", [None])), "column alt_ids has a null"),
        (lambda path: rewritten(path, revalued("unavailable", None)), "column unavailable has a null"),
        (lambda path: rewritten(path, revalued("unavailable", ["a/b"])), "'a/b' is no name of a data type"),
    ],
)
def test_a_damaged_file_is_named_with_the_command_that_mends_it(
    tmp_path: Path, damage: Callable[[Path], object], told: str
) -> None:
    path = tmp_path / "league" / f"{LABEL}.parquet"
    save_games(path, [game(number) for number in range(40)], PULLED)
    damage(path)
    with pytest.raises(ScheduleError) as caught:
        load_games(path)
    message = str(caught.value)
    assert told in message
    assert str(path) in message
    assert "`recon schedules pull league --season 2024-25`" in message
    assert "\n" not in message


def test_what_the_source_does_not_have_is_kept_and_an_older_file_says_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "league" / f"{LABEL}.parquet"
    save_games(path, [game(1, unavailable=("b", "a")), game(2)], PULLED)
    assert [one.unavailable for one in load_games(path)] == [("a", "b"), ()]
    rewritten(path, lambda table: table.drop_columns(["unavailable"]))
    check_schedule(path)
    assert [one.unavailable for one in load_games(path)] == [(), ()]


def test_a_flipped_bit_in_the_data_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "league" / f"{LABEL}.parquet"
    save_games(path, [game(number) for number in range(40)], PULLED)
    whole, expected = path.read_bytes(), load_games(path)
    footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    noticed = 0
    for at in range(4, footer, 5):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        try:
            assert load_games(path) == expected, f"byte {at}"
        except ScheduleError:
            noticed += 1
    assert noticed > 50


def test_an_absent_file_is_named_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(ScheduleError) as caught:
        load_games(tmp_path / "league" / "2024-25.parquet")
    assert "no stored schedule" in str(caught.value)
    assert "`recon schedules pull league --season 2024-25`" in str(caught.value)


def test_stored_seasons_are_found_by_label(ws: Workspace) -> None:
    assert stored_seasons(ws, "league") == {}
    folder = ws.schedules_dir / "league"
    save_schedules(folder, {"2023-24": [game(1, season="2023-24")], "2024-25": [game(1)]}, PULLED)
    (folder / ".2024-25.parquet.x.tmp").write_bytes(b"")
    (folder / "notes.txt").write_text("")
    assert stored_seasons(ws, "league") == {
        "2023-24": folder / "2023-24.parquet",
        "2024-25": folder / "2024-25.parquet",
    }


def test_several_seasons_are_stored_together_or_not_at_all(ws: Workspace) -> None:
    folder = ws.schedules_dir / "league"
    save_schedules(folder, {"2023-24": [game(1, season="2023-24")]}, PULLED)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ScheduleError):
        save_schedules(folder, {"2023-24": [game(2, season="2023-24")], "2024-25": [game(1), game(1)]}, PULLED)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_every_wanted_season_without_a_schedule_is_named_with_its_command(ws: Workspace) -> None:
    folder = ws.schedules_dir / "league"
    save_schedules(folder, {"2023-24": [game(1, season="2023-24")]}, PULLED)
    assert require_schedules(ws, {"league": ["2023-24"]}) == {"league": {"2023-24": folder / "2023-24.parquet"}}
    with pytest.raises(ScheduleError) as caught:
        require_schedules(ws, {"league": ["2022-23", "2023-24", "2024-25"], "other": ["2024"]})
    assert str(caught.value) == (
        "no stored schedule of league 2022-23, 2024-25; other 2024: run "
        "`recon schedules pull league --season 2022-23 --season 2024-25` and `recon schedules pull other --season 2024`"
    )

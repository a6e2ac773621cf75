"""Items that only the plugin can name: lists that lie in the lake, grains that it claims, keys that tell a season by
its year. What must come out is worked out here by hand."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.fake_distributions import Site

from recon_core.plugins import load_registry
from recon_core.testing import ToyLake

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TAKEN = NOW - timedelta(hours=1)

# A choir's season is over at its last concert. Its members stand in a list that lies in the lake; its sections
# (sopranos, basses) are the plugin's own, although games would give a grain of that name.
CHOIR = """
from datetime import date, datetime, timezone

from recon_core.api import *


def concert(month, day):
    return datetime(2026, month, day, 20, tzinfo=timezone.utc)


@hookimpl
def recon_source():
    return Source(
        name="choir",
        api_version=1,
        title="A choir",
        timezone="UTC",
        datasets=(
            DatasetSpec(data_type="lists", grain=("season",), key_templates=("lists/{end_year}.txt",), enumerated=True),
            DatasetSpec(
                data_type="voices", grain=("season", "member"), key_templates=("voices/{end_year}/{member}.flac",)
            ),
            DatasetSpec(
                data_type="scores",
                grain=("season", "team"),
                key_templates=("scores/{end_year}/{team}.pdf",),
                enumerated=True,
                freshness_days=30,
            ),
        ),
    )


@hookimpl
def recon_seasons():
    return [
        Season(label=f"{year - 1}-{year % 100}", starts=date(year - 1, 9, 1), ends=date(year, 6, 30),
               fields={"end_year": str(year)})
        for year in (2025, 2026)
    ]


@hookimpl
def recon_expected_items(dataset, season, context):
    if dataset.data_type == "lists":
        yield Items(columns={"season": [season.label]}, times=[concert(1, 10)])
    elif dataset.data_type == "voices":
        (key,) = context.candidate_keys("lists", {"season": season.label, **season.fields})
        members = context.read(key).decode().split()
        yield Items(
            columns={"season": [season.label] * len(members), "member": members}, times=[concert(1, 10)] * len(members)
        )
    else:
        # Concerts in January, February and April add to the score of the sopranos, one in January to the other.
        rows = [("soprano", concert(1, 10)), ("soprano", concert(2, 20)), ("soprano", concert(4, 1)),
                ("bass", concert(1, 10))]
        yield Items(
            columns={"season": [season.label] * len(rows), "team": [name for name, _ in rows]},
            times=[moment for _, moment in rows],
        )
"""


@pytest.fixture
def world(tmp_path: Path, site: Site) -> ToyLake:
    site.install_module("choir", CHOIR)
    world = ToyLake(tmp_path / "workspace", now=NOW, taken=TAKEN)
    world.expect(
        "  choir:\n    seasons: [2025-26]\n    prefix: raw/\n"
        "    data_types: {lists: {allow_empty: true}, voices: {allow_empty: true}, scores: {}}\n"
    )
    world.put("raw/lists/2026.txt")
    for name in ("soprano", "bass"):
        world.put(f"raw/scores/2026/{name}.pdf")
    return world


def write_list(world: ToyLake, text: str) -> None:
    path = world.lake / "raw/lists/2026.txt"
    path.write_text(text)
    os.utime(path, (TAKEN.timestamp(), TAKEN.timestamp()))


def rows_of(world: ToyLake) -> dict[str, tuple[str, str]]:
    return {row["item"]: (row["verdict"], row["target_key"]) for row in world.rows("coverage")}


def summary(report: Any, data_type: str) -> Any:
    (row,) = [row for row in report["coverage"] if row["data_type"] == data_type]
    return row


def test_members_come_from_the_list_in_the_lake(site: Site, world: ToyLake) -> None:
    write_list(world, "anna bert")
    world.put("raw/voices/2026/anna.flac")
    with site.active():
        result = world.run()
    assert result.exit_code == 0
    assert rows_of(world) == {
        "choir/lists/2025-26": ("present", "raw/lists/2026.txt"),
        "choir/voices/2025-26/anna": ("present", "raw/voices/2026/anna.flac"),
        "choir/voices/2025-26/bert": ("missing", "raw/voices/2026/bert.flac"),
        "choir/scores/2025-26/bass": ("present", "raw/scores/2026/bass.pdf"),
        "choir/scores/2025-26/soprano": ("present", "raw/scores/2026/soprano.pdf"),
    }


def test_a_list_that_is_not_there_leaves_its_items_untold_and_nothing_else(site: Site, world: ToyLake) -> None:
    world.remove("raw/lists/2026.txt")
    world.put("raw/voices/2026/anna.flac")
    with site.active():
        result = world.run()
    assert result.exit_code == 0
    assert result.report["failures"] == []
    assert (summary(result.report, "voices")["expected"], summary(result.report, "voices")["unknown"]) == (None, None)
    assert rows_of(world) == {
        "choir/lists/2025-26": ("missing", "raw/lists/2026.txt"),
        "choir/scores/2025-26/bass": ("present", "raw/scores/2026/bass.pdf"),
        "choir/scores/2025-26/soprano": ("present", "raw/scores/2026/soprano.pdf"),
    }
    (warning,) = [text for text in result.report["warnings"] if "voices" in text]
    assert warning.startswith("choir/voices 2025-26: what should exist is not determined: ")
    assert "raw/lists/2026.txt" in warning
    # What nobody can name is not nobody's.
    assert [(row["key"], row["kind"], row["item"]) for row in world.rows("objects")] == [
        ("raw/voices/2026/anna.flac", "out_of_scope", "choir/voices/2025-26/anna")
    ]


def test_earlier_gaps_of_what_cannot_be_told_now_stand_as_unverified(site: Site, world: ToyLake) -> None:
    write_list(world, "anna")
    with site.active():
        world.run()
        assert [row["item"] for row in world.rows("gaps")] == ["choir/voices/2025-26/anna"]
        world.remove("raw/lists/2026.txt")
        result = world.run()
    assert result.queue is not None
    (row,) = json.loads(result.queue)["unverified"]
    assert row["item"] == "choir/voices/2025-26/anna"
    assert "raw/lists/2026.txt" in row["reason"]


def test_the_list_can_be_read_where_only_its_members_are_asked_for(site: Site, world: ToyLake) -> None:
    write_list(world, "anna")
    world.expect("  choir:\n    seasons: [2025-26]\n    prefix: raw/\n    data_types: {voices: {}}\n")
    with site.active():
        world.run()
    assert list(rows_of(world)) == ["choir/voices/2025-26/anna"]


@pytest.mark.parametrize(
    ("taken", "verdict"),
    [
        # Something was added in February, so the copy of January is too old; the concert in April is to come.
        (datetime(2026, 1, 15, tzinfo=UTC), "stale"),
        (datetime(2026, 2, 20, 21, tzinfo=UTC), "present"),
    ],
)
def test_an_item_of_several_rows_is_due_by_the_first_and_settled_by_the_last(
    site: Site, world: ToyLake, taken: datetime, verdict: str
) -> None:
    write_list(world, "")
    world.put("raw/scores/2026/soprano.pdf", taken=taken)
    world.put("raw/scores/2026/bass.pdf", taken=datetime(2026, 1, 15, tzinfo=UTC))
    world.expect(
        "  choir:\n    seasons: [2025-26]\n    prefix: raw/\n    data_types: {scores: {freshness_days: 5}, lists: {}}\n"
    )
    with site.active():
        world.run()
    scores = {row["item"]: row for row in world.rows("coverage") if row["data_type"] == "scores"}
    soprano = scores["choir/scores/2025-26/soprano"]
    assert scores["choir/scores/2025-26/bass"]["verdict"] == "present"
    assert soprano["verdict"] == verdict
    assert [f"{soprano[name]}" for name in ("due_at", "settled_at")] == ["2026-01-11 02:00:00", "2026-04-01 20:00:00"]


def test_a_key_tells_its_season_by_the_year_alone(site: Site, world: ToyLake) -> None:
    write_list(world, "")
    for year in (2025, 2026, 2099):
        world.put(f"raw/scores/{year}/tenor.pdf")
    world.expect("  choir:\n    seasons: [2024-25, 2025-26]\n    prefix: raw/\n    data_types: {scores: {}}\n")
    with site.active():
        world.run()
    stray = {row["key"]: (row["kind"], row["item"]) for row in world.rows("objects") if "tenor" in row["key"]}
    assert stray == {
        "raw/scores/2025/tenor.pdf": ("orphan", "choir/scores/2024-25/tenor"),
        "raw/scores/2026/tenor.pdf": ("orphan", "choir/scores/2025-26/tenor"),
        "raw/scores/2099/tenor.pdf": ("orphan", "choir/scores/2099/tenor"),
    }


WRONG = """
    if dataset.data_type == "voices":
        {}
        return
"""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "yield Items(columns={'season': ['2024-25'], 'member': ['a']}, times=[concert(1, 1)])",
            "has '2024-25', not 2025",
        ),
        ("context.candidate_keys('lists', {})", "asked for a key of 'lists': "),
        (
            "context.candidate_keys('list', {})",
            "asked for the keys of 'list', which has no key templates (did you mean",
        ),
        ("raise ValueError('the list is in Latin')", "ValueError: the list is in Latin"),
    ],
)
def test_a_wrong_answer_costs_the_source(site: Site, world: ToyLake, line: str, told: str) -> None:
    text = CHOIR.replace("context):\n", "context):\n" + WRONG.format(line), 1)
    (site.folder / "recon_choir.py").write_text(text)
    with site.active():
        result = world.run()
    assert result.exit_code == 2
    (failure,) = result.report["failures"]
    assert told in failure["message"]


def test_a_field_that_two_seasons_share_tells_no_season(site: Site) -> None:
    site.install_module("choir", CHOIR.replace('fields={"end_year": str(year)}', 'fields={"end_year": "2026"}'))
    with site.active():
        (failure,) = load_registry(site.entry_points()).failures
    assert "key template 'lists/{end_year}.txt' of dataset lists lacks 'season'" in failure.message


@pytest.mark.parametrize(
    ("dataset", "told"),
    [
        ('grain=("game_id",), key_templates=("a/{game_id}",)', "is enumerated, but a game is its item"),
        (
            'grain=("date",), every_day=True, key_templates=("a/{date}",)',
            "is enumerated, but every_day names its items",
        ),
    ],
)
def test_what_games_or_days_name_cannot_be_enumerated(site: Site, dataset: str, told: str) -> None:
    more = f'DatasetSpec(data_type="more", enumerated=True, {dataset}),\n            DatasetSpec(data_type="lists"'
    site.install_module("choir", CHOIR.replace('DatasetSpec(data_type="lists"', more))
    with site.active():
        assert told in load_registry(site.entry_points()).failures[0].message

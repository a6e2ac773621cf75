from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from support.command_line import HOSTILE, NOW, Inside, put
from support.fake_distributions import ARCHIVE, Site

from recon_core.text import shown


def explained(recon: Inside, asked: str, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = recon("explain", asked, *more, "--format", "json").json()
    return found


@pytest.mark.parametrize(
    ("game", "verdict", "line"),
    [
        ("g8", "excused", 1),
        ("g7", "not_due", 2),
        ("g1", "present", 3),
        ("g6", "unknown", 4),
        ("g2", "missing", 5),
        ("g3", "undersized", 5),
        ("g4", "stale", 5),
    ],
)
def test_each_verdict_names_the_line_that_held_and_why(done: Inside, game: str, verdict: str, line: int) -> None:
    (item,) = explained(done, f"toy/games/{game}")["items"]
    assert (item["verdict"], item["line"]) == (verdict, line)
    assert item["reason"]
    assert (item["gap"] is None) == (line != 5)
    text = done("explain", f"toy/games/{game}").out
    assert f"Verdict: {verdict}\n" in text
    assert f"line {line} of the verdicts" in text
    assert item["reason"] in text


def test_a_gap_tells_expectation_evidence_rule_and_task(done: Inside) -> None:
    (item,) = explained(done, "toy/games/g5")["items"]
    assert item["expectation"]["game"]["status"] == "final"
    assert item["expectation"]["due_at"] == "2024-06-18T03:00:00Z"
    assert item["expectation"]["schedule"] == {
        "file": "inventory/schedules/toy/2024.parquet",
        "games": 9,
        "pulled_at": "2024-06-18T00:00:00Z",
    }
    assert [(one["key"], one["present"], one["state"]) for one in item["evidence"]["candidates"]] == [
        ("toy/games/g5.json", False, "listed"),
        ("old/g5.json", False, "listed"),
    ]
    assert item["evidence"]["candidates"][0]["evidence_at"] == NOW
    assert (item["gap"]["priority"], item["gap"]["rule"]) == ("CRITICAL", "recent-required")
    queue = json.loads((done.folder / "inventory/gaps.json").read_text())
    assert item["task"]["id"] == queue["tasks"][0]["id"]
    text = done("explain", "toy/games/g5").out
    assert "CRITICAL by rule recent-required" in text
    assert queue["tasks"][0]["id"] in text


def test_an_id_explains_every_data_type_that_has_it(done: Inside) -> None:
    assert [item["item"] for item in explained(done, "g1")["items"]] == ["toy/games/g1"]
    (day,) = explained(done, "2024-06-03")["items"]
    assert day["item"] == "toy/days/2024-06-03"
    assert day["expectation"]["games"] == {"final": 1}


@pytest.mark.parametrize("asked", ["x9", "toy/games/g9", "old/x9.json", "toy/games/x9.json"])
def test_an_alternative_id_leads_to_its_game(done: Inside, asked: str) -> None:
    (item,) = explained(done, asked)["items"]
    assert item["item"] == "toy/games/g9"
    assert [one["key"] for one in item["evidence"]["candidates"] if one["present"]] == ["old/x9.json"]
    assert len(item["evidence"]["candidates"]) == 4
    assert item["evidence"]["found_key"] == "old/x9.json"


def test_a_key_is_told_for_what_it_is(done: Inside) -> None:
    lake = (done.folder / "lake").as_uri()
    for key, words in {
        "toy/games/g1.json": "It is the best copy of toy/games/g1.",
        f"{lake}/toy/games/g1.json": "It is the best copy of toy/games/g1.",
        "old/g1.json": "A further copy of toy/games/g1",
        "toy/games/g2.json": "Not in the snapshot.",
        "toy/games/nobody.json": "Recognised as toy/games/nobody",
        "toy/games/never.json": "Recognised as toy/games/never, which nothing expects.",
        HOSTILE: "No installed source recognises it",
    }.items():
        text = done("explain", key).out
        assert words in text
        assert f"Key {shown(key.removeprefix(lake + '/'))}:" in text
    (item,) = explained(done, "old/g1.json")["items"]
    assert [one["key"] for one in item["evidence"]["further"]] == ["old/g1.json"]


def test_what_nobody_knows_comes_with_near_misses(done: Inside) -> None:
    result = done("explain", "toy/games/g55", code=2)
    assert result.out == ""
    assert "did you mean toy/games/g5" in result.err
    assert "did you mean" not in done("explain", "something-else-altogether", code=2).err
    assert "\x1b" not in done("explain", "\x1b[31m", code=2).err


def test_live_lists_the_candidate_keys_now(mine: Inside, template: Path) -> None:
    config = mine.folder / "config/reconciliation_config.yaml"
    config.write_text(f"lake:\n  url: {(mine.folder / 'lake').as_uri()}\n")
    put(mine.folder / "lake", "old/g5.json", 33, "2024-06-20T00:00:00Z")
    put(mine.folder / "lake", "toy/games/g5.json.tmp", 1, "2024-06-20T00:00:00Z")
    (item,) = explained(mine, "toy/games/g5", "--live")["items"]
    first, second = item["evidence"]["candidates"]
    assert first["live"] == {"present": False, "size": None, "last_modified": None, "error": None}
    assert second["present"] is False
    assert second["live"] == {"present": True, "size": 33, "last_modified": "2024-06-20T00:00:00Z", "error": None}
    text = mine("explain", "--live", "toy/games/g5").out
    assert "in the lake now" in text
    assert "33 bytes, 2024-06-20T00:00:00Z" in text


def test_a_waived_item_tells_what_it_would_be(mine: Inside) -> None:
    config = mine.folder / "config/reconciliation_config.yaml"
    waiver = "waivers: [{when: \"verdict = 'stale'\", reason: the scraper was late, expires: 2030-01-01}]\n"
    config.write_text(config.read_text() + waiver)
    mine("run", "--now", NOW)
    (item,) = explained(mine, "toy/games/g4")["items"]
    assert (item["verdict"], item["waived_verdict"], item["line"]) == ("excused", "stale", 5)
    text = mine("explain", "toy/games/g4").out
    assert "Waived; without the waiver stale by line 5" in text
    assert "the scraper was late" in text


def test_keys_that_a_plugin_parses_itself_are_proved_by_their_prefixes(mine: Inside, tmp_path: Path) -> None:
    site = Site(tmp_path / "more")
    site.add(ARCHIVE)
    (mine.folder / "inventory/data_inventory.yaml").write_text("expected_coverage:\n  archive: {seasons: ['2024']}\n")
    here = Inside(mine.folder, mine.environment, site)
    here("run", "--now", NOW, "--accept-empty")
    gap = here("gaps", "--limit", "1", "--format", "json").json()["gaps"][0]
    (item,) = explained(here, gap["item"])["items"]
    assert item["evidence"]["candidates"] == []
    assert [(one["state"], one["evidence_at"]) for one in item["evidence"]["prefixes"]] == [("listed", NOW)]
    assert "anywhere below" in here("explain", gap["item"]).out
    folder = hashlib.sha256(gap["game_id"].encode()).hexdigest()[:2]
    by_key = explained(here, f"archive/scans/{folder}/{gap['game_id']}.pdf")
    assert [one["item"] for one in by_key["items"]] == [gap["item"]]
    assert by_key["object"]["in_snapshot"] is False


def test_values_are_percent_encoded_in_names_and_may_be_typed_as_they_are(mine: Inside) -> None:
    games = mine.folder / "more.csv"
    games.write_text(
        "game_id,season,season_type,date,start_utc,home,away,status\n"
        "é [red]1,2022,regular,2022-06-01,2022-06-01T18:00:00Z,A,B,final\n",
        encoding="utf-8",
    )
    inventory = mine.folder / "inventory/data_inventory.yaml"
    inventory.write_text("expected_coverage:\n  toy:\n    seasons: ['2022']\n    data_types: {games: {}}\n")
    mine("schedules", "import", "more.csv", "--source", "toy")
    mine("run", "--now", NOW)
    name = "toy/games/%C3%A9%20%5Bred%5D1"
    for asked in (name, "toy/games/é [red]1", "é [red]1", "%C3%A9%20%5Bred%5D1", "old/é [red]1.json"):
        (item,) = explained(mine, asked)["items"]
        assert item["item"] == name
    assert "game é [red]1 on 2022-06-01" in mine("explain", name).out

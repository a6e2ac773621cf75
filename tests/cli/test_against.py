"""Another tool's list of missing files against what recon proved, and what is taken over from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.command_line import NOW, Inside, put

from recon_core.against import read_claims
from recon_core.api import ConfigError

LIST = """\
# ids, keys and items, as they come
g1
g2
toy/games/g3.json
toy/games/g4
x9
2024-06-25
toy/games/g8
toy/games/g6
old/other-1.json
weird/none.txt
what-is-this
toy/games/nobody.json
"""


def answers(found: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {row["claim"]: (row["answer"], row["item"]) for row in found["rows"]}


def against(command: Inside, text: str, *options: str, name: str = "claims.txt") -> Any:
    file = command.folder.parent / name
    file.write_text(text, encoding="utf-8")
    return command("gaps", "--against", file, "--format", "json", *options).json()


def test_every_claim_is_answered_by_the_evidence(mine: Inside) -> None:
    found = against(mine, LIST)
    assert answers(found) == {
        "g1": ("disproved", "toy/games/g1"),
        "g2": ("agrees", "toy/games/g2"),
        "toy/games/g3.json": ("agrees", "toy/games/g3"),
        "toy/games/g4": ("agrees", "toy/games/g4"),
        "x9": ("disproved", "toy/games/g9"),
        "2024-06-25": ("disproved", "toy/days/2024-06-25"),
        "toy/games/g8": ("disproved", "toy/games/g8"),
        "toy/games/g6": ("undecided", "toy/games/g6"),
        "old/other-1.json": ("unexpected", "toy/games/other-1"),
        "weird/none.txt": ("undecided", None),
        "what-is-this": ("undecided", None),
        "toy/games/nobody.json": ("disproved", "toy/games/nobody"),
    }
    evidence = {row["claim"]: row["evidence"] for row in found["rows"]}
    assert evidence["g1"] == "20 bytes, last modified 2024-06-02T00:00:00Z, under toy/games/g1.json"
    assert evidence["g2"].startswith("due 2024-06-03T03:00Z; no object under 2 keys")
    assert evidence["2024-06-25"].startswith("due 2024-06-26")
    assert "no plugin knows keys like weird/none.txt" in evidence["weird/none.txt"]
    assert "give its season" in evidence["old/other-1.json"]
    assert found["answers"] == {"agrees": 3, "unexpected": 1, "undecided": 3, "disproved": 5}
    assert (found["claims"], found["as_of"], found["adopted"]) == (12, NOW, [])


def test_a_gap_list_of_recon_is_agreed_with_and_told_in_a_table(mine: Inside) -> None:
    queue = mine.folder / "inventory/gaps.json"
    wanted = {item["item"] for task in json.loads(queue.read_text())["tasks"] for item in task["items"]}
    found = mine("gaps", "--against", queue, "--format", "json").json()
    assert {row["item"] for row in found["rows"] if row["answer"] == "agrees"} == wanted
    assert found["answers"]["agrees"] == len(found["rows"])
    text = mine("gaps", "--against", queue, "--limit", "1").out
    assert "agrees" in text
    assert "4 more: --limit 0 shows all." in text


def test_what_a_denied_range_hides_is_not_decided(mine: Inside) -> None:
    file = mine.folder / "inventory/cache/snapshot.json"
    document = json.loads(file.read_text())
    (whole,) = document["ranges"]
    document["ranges"] = [
        {**whole, "end": "old/"},
        {**whole, "start": "old/", "end": "old0", "state": "denied", "error": "AccessDenied"},
        {**whole, "start": "old0"},
    ]
    file.write_text(json.dumps(document))
    found = against(mine, "toy/games/other-1.json\n")
    assert [(row["answer"], row["evidence"]) for row in found["rows"]] == [("undecided", "denied: AccessDenied")]


def test_what_is_adopted_is_expected_once_and_says_where_it_came_from(mine: Inside) -> None:
    claims = "id,source,data_type,season,date\nnew-1,toy,games,2024,2024-06-10\nnew-2,toy,games,,\ng1,toy,games,,\n"
    assert against(mine, claims, "--adopt", name="theirs.csv")["adopted"] == ["toy/games/new-1"]
    kept = (mine.folder / "inventory/adopted.json").read_bytes()
    assert against(mine, claims, "--adopt", name="theirs.csv")["adopted"] == []
    assert (mine.folder / "inventory/adopted.json").read_bytes() == kept
    before = json.loads((mine.folder / "inventory/cache/cycle.json").read_text())["cycle_id"]
    report = mine("run", "--now", NOW, "--format", "json").json()
    assert report["cycle_id"] != before
    assert report["changes"] == {"new": 1, "closed": 0, "reopened": 0}
    (row,) = [gap for gap in mine("gaps", "--format", "json").json()["gaps"] if gap["game_id"] == "new-1"]
    assert (row["verdict"], row["date"], row["season"]) == ("missing", "2024-06-10", "2024")
    assert row["reason"].endswith("; adopted from theirs.csv")
    # A claim that was adopted is a gap like any other from now on.
    assert answers(against(mine, claims, name="theirs.csv"))["new-1"] == ("agrees", "toy/games/new-1")


def test_what_is_adopted_of_a_day_to_come_is_due_after_it(mine: Inside) -> None:
    claims = "id,source,data_type,season,date\nsoon-1,toy,games,2024,2024-06-21\nold-9,toy,games,2024,2024-06-10\n"
    found = against(mine, claims, "--adopt", name="theirs.csv")
    assert found["adopted"] == ["toy/games/old-9", "toy/games/soon-1"]
    kept = json.loads((mine.folder / "inventory/adopted.json").read_text())["items"]
    # The day ends, a game that began at its end takes 3 h; the past one is due since the listing (6 h of publishing).
    assert [row["final_at"] for row in kept] == ["2024-06-20T06:00:00Z", "2024-06-22T03:00:00Z"]
    mine("run", "--now", NOW)
    (soon,) = mine("explain", "toy/games/soon-1", "--format", "json").json()["items"]
    assert (soon["verdict"], soon["expectation"]["due_at"]) == ("not_due", "2024-06-22T09:00:00Z")


def test_an_explanation_names_where_an_adopted_item_came_from(mine: Inside) -> None:
    against(mine, "id,source,data_type,season\nnew-1,toy,games,2024\n", "--adopt", name="theirs.csv")
    mine("run", "--now", NOW)
    (item,) = mine("explain", "toy/games/new-1", "--format", "json").json()["items"]
    assert item["expectation"]["adopted"] == {"file": "inventory/adopted.json", "origin": "theirs.csv"}
    assert item["expectation"]["schedule"] is None
    page = " ".join(mine("explain", "toy/games/new-1").out.split())
    assert "from inventory/adopted.json: no schedule gives it, it was adopted from theirs.csv" in page
    assert "inventory/schedules" not in page
    (item,) = mine("explain", "toy/games/g1", "--format", "json").json()["items"]
    assert item["expectation"]["adopted"] is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("new-1,toy,games,2024,2025-06-10", "2025-06-10 is outside 2024 (2024-01-01 to 2024-12-31) of toy"),
        ("new-1,toy,games,,2030-06-10", "2030-06-10 is outside every season of toy"),
        ("2024-06-11,toy,days,2023,", "2024-06-11 is outside 2023 (2023-01-01 to 2023-12-31) of toy"),
        ("2024-06-11,toy,days,,2024-06-12", "it is of 2024-06-11, but 2024-06-12 is given beside it"),
        ("foo,toy,days,,", "'foo' is no date: items of it are named like 2025-01-15"),
        ("2024-1-5,toy,days,2024,", "'2024-1-5' is no date"),
        ("20240611,toy,days,2024,", "'20240611' is no date"),
        ("toy/days/foo,,,,", "'foo' is no date"),
        ("toy/days/9999-12-31,,,,", "9999-12-31 is outside every season of toy"),
    ],
)
def test_what_is_of_no_day_of_its_season_is_not_decided(mine: Inside, line: str, words: str) -> None:
    claims = f"id,source,data_type,season,date\n{line}\nnew-2,toy,games,2024,2024-06-10\n"
    found = against(mine, claims, "--adopt", name="theirs.csv")
    assert [row["answer"] for row in found["rows"]] == ["undecided", "unexpected"]
    assert found["rows"][0]["evidence"].startswith(words)
    assert found["adopted"] == ["toy/games/new-2"]


def test_a_game_just_outside_of_a_seasons_nominal_bounds_is_of_the_season_that_is_named(mine: Inside) -> None:
    inventory = mine.folder / "inventory/data_inventory.yaml"
    inventory.write_text(inventory.read_text().replace("'2024'", "'2024', '2025'"))
    found = against(
        mine, "id,source,data_type,season,date\nnew-1,toy,games,2025,2026-01-02\n", "--adopt", name="theirs.csv"
    )
    assert found["adopted"] == ["toy/games/new-1"]


@pytest.mark.parametrize("name", ["toy/games/old%20town", "toy/games/old town", "toy/games/old town.json"])
def test_a_claim_by_name_and_one_by_key_are_one_file(mine: Inside, name: str) -> None:
    """An item's name has its values percent-encoded, its keys have them as they are."""
    found = against(mine, f"item,season\n{name},2024\n", "--adopt", name="theirs.csv")
    assert answers(found) == {name: ("unexpected", "toy/games/old%20town")}
    (kept,) = json.loads((mine.folder / "inventory/adopted.json").read_text())["items"]
    assert (kept["item"], kept["values"]) == ("toy/games/old%20town", ["old town"])


def test_a_schedule_that_gives_an_adopted_item_takes_it_over(mine: Inside) -> None:
    against(mine, "id,source,data_type,season\nlate-1,toy,games,2024\n", "--adopt", name="theirs.csv")
    games = (mine.folder / "games.csv").read_text() + (
        "late-1,2024,regular,2024-06-12,2024-06-12T18:00:00Z,A,B,final,\n"
    )
    (mine.folder / "games.csv").write_text(games)
    mine("schedules", "import", "games.csv", "--source", "toy", "--pulled-at", "2024-06-18T00:00:00Z", "--now", NOW)
    mine("run", "--now", NOW)
    rows = [gap for gap in mine("gaps", "--format", "json").json()["gaps"] if gap["game_id"] == "late-1"]
    assert [(row["home"], row["due_at"]) for row in rows] == [("A", "2024-06-13T03:00:00Z")]
    assert "adopted" not in rows[0]["reason"]


def test_a_game_that_has_an_adopted_id_as_a_further_one_takes_it_over(mine: Inside) -> None:
    claims = "id,source,data_type,season\nlate-1,toy,games,2024\nlate-2,toy,games,2024\n"
    against(mine, claims, "--adopt", name="theirs.csv")
    games = (mine.folder / "games.csv").read_text() + (
        "new-1,2024,regular,2024-06-12,2024-06-12T18:00:00Z,A,B,final,old-1;late-1\n"
    )
    (mine.folder / "games.csv").write_text(games)
    mine("schedules", "import", "games.csv", "--source", "toy", "--pulled-at", "2024-06-18T00:00:00Z", "--now", NOW)
    mine("run", "--now", NOW)
    rows = {gap["game_id"]: gap["reason"] for gap in mine("gaps", "--format", "json").json()["gaps"]}
    # One game, one item: under whichever of its ids its file comes to lie.
    assert "late-1" not in rows
    assert "adopted" not in rows["new-1"]
    assert "adopted" in rows["late-2"]


def test_a_damaged_list_of_adopted_items_stops_a_run(mine: Inside) -> None:
    (mine.folder / "inventory/adopted.json").write_text('{"schema_version": 1}')
    error = mine("run", "--now", NOW, code=2).err
    assert error.startswith("recon: inventory/adopted.json cannot be read (")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--adopt"], "--against FILE"),
        (["--against", "games.csv", "--new"], "leave --new"),
        (["--against", "nowhere.txt"], "nowhere.txt cannot be read: No such file"),
    ],
)
def test_what_cannot_be_asked_is_refused(done: Inside, options: list[str], words: str) -> None:
    assert words in done("gaps", *options, code=2).err


@pytest.mark.parametrize(
    ("name", "text", "claims"),
    [
        ("a.txt", "\ufeff# x\n\n a/b.json \n", [("line 3", "a/b.json", None, None)]),
        ("a.csv", "ID,Source,extra\n 7 ,toy,z\n,,\n", [("line 2", "7", "toy", None)]),
        (
            "a.csv",
            'item,key\n"toy/games/g1",k\n,k2\n',
            [("line 2", "toy/games/g1", None, None), ("line 3", "k2", None, None)],
        ),
        ("a.json", '["g1", 2, "g1"]', [("[0]", "g1", None, None), ("[1]", "2", None, None)]),
        ("a.json", '{"toy": {"games": ["g1"]}}', [("toy.games[0]", "g1", "toy", "games")]),
        ("a.json", '{"missing": [{"game_id": 5, "source": "toy"}]}', [("missing[0]", "5", "toy", None)]),
    ],
)
def test_lists_of_every_form_are_read(
    tmp_path: Path, name: str, text: str, claims: list[tuple[str, str, str | None, str | None]]
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = read_claims(tmp_path / name)
    assert [(claim.place, claim.name, claim.source, claim.data_type) for claim in found] == claims


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"\n# nothing\n", "names no file"),
        ("a.txt", b"g1\n\xff\n", "byte 3 is no UTF-8"),
        ("a.csv", b"game,source\ng1,toy\n", ":1: no column item, key, target_key, game_id or id"),
        ("a.csv", b"id,date\ng1,2024-06-1x\n", "line 2: 2024-06-1x is no date"),
        ("a.csv", b'id,source\n"g1,toy\n', "no CSV"),
        ("a.json", b'["g1",\n]', ":2: no JSON"),
        ("a.json", b"[true]", "[0]: True names no file"),
        ("a.json", b'[{"source": "toy"}, {"id": true}]', "[1]: True names no file"),
        ("a.json", b'{"toy": {"id": false, "item": ["a"]}}', "toy: False names no file"),
        ("a.json", b'["a", ' + b"7" * 5_000 + b"]", "[1]: a number of 5000 digits names no file"),
        ("a.json", b'{"toy": {"games": [{"id": ' + b"7" * 5_000 + b"}]}}", "toy.games[0]: a number of 5000 digits"),
        ("a.json", b'["a", "\\ud800"]', "[1]: \\ud800 names no file: it is no text"),
        ("a.json", b'[{"id": "a", "season": "\\udfff"}]', "[0]: \\udfff names no file: it is no text"),
        ("a.json", b'{"\\ud800": {"games": ["a"]}}', "\\ud800.games[0]: \\ud800 names no file: it is no text"),
        ("a.json", b"[" * 100_000, "no JSON: nested too deep"),
    ],
)
def test_a_list_that_cannot_be_read_says_where(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_claims(tmp_path / name)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_list_from_elsewhere_is_shown_escaped(mine: Inside) -> None:
    put(mine.folder / "x", "hostile.txt", 0, "2024-06-07T00:00:00Z")
    (mine.folder / "x/hostile.txt").write_text("a\x1b[31m[red]b\n")
    text = mine("gaps", "--against", "x/hostile.txt").out
    assert "\x1b" not in text
    assert "[red]b" in text

"""``recon scan``: what the last snapshot saw, and what changed since."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.command_line import NOW, Inside, put

from recon_core.schemas import validate_document

LATER = "2024-06-21T12:00:00Z"
LATEST = "2024-06-22T12:00:00Z"


@pytest.fixture
def own(mine: Inside, template: Path) -> Inside:
    """The workspace with a copy of the lake that a test may change, and no snapshot yet."""
    shutil.copytree(template / "lake", mine.folder / "lake")
    configure(mine, "lake")
    for path in (mine.folder / "inventory/cache").glob("snapshot.*"):
        path.unlink()
    return mine


def configure(mine: Inside, lake: str, prefixes: str = "[]") -> None:
    url = (mine.folder / lake).as_uri()
    config = mine.folder / "config/reconciliation_config.yaml"
    config.write_text(f"lake: {{url: '{url}', prefixes: {prefixes}}}\n")


def change(mine: Inside) -> None:
    """One key vanishes, one appears, one is written again."""
    (mine.folder / "lake/toy/games/g1.json").unlink()
    put(mine.folder / "lake", "toy/games/new.json", 33, "2024-06-21T00:00:00Z")
    put(mine.folder / "lake", "toy/days/20240601.json", 7, "2024-06-21T00:00:00Z")


def counts(diff: dict[str, dict[str, dict[str, int]]]) -> dict[str, int]:
    return {name: found["objects"] for name, found in diff["totals"].items() if isinstance(found, dict)}


NONE = dict.fromkeys(("vanished", "appeared", "changed", "unseen_now", "unseen_before"), 0)
CHANGED = {**NONE, "vanished": 1, "appeared": 1, "changed": 1}


def test_a_scan_says_what_changed_since_the_last_one(own: Inside) -> None:
    first = own("scan", "--diff", "--now", NOW, "--format", "json").json()
    validate_document("snapshot_diff", first)
    assert (first["before"], first["totals"]) == (None, None)
    assert "no earlier snapshot" in first["not_compared"]
    change(own)
    told = own("scan", "--diff", "--now", LATER)
    assert told.out.startswith("1 vanished, 1 appeared, 1 changed, 14 objects as before in file://")
    assert f"From {NOW} (made with --now) to {LATER} (made with --now): 1 day" in told.out
    rows = [line.split() for line in told.out.splitlines() if line.startswith(("vanished", "appeared", "changed"))]
    assert rows == [
        ["vanished", "1", "20", "B", "toy/games", "toy/games/g{digits}.json", "toy/games/g1.json"],
        ["appeared", "1", "33", "B", "toy/games", "toy/games/new.json", "toy/games/new.json"],
        ["changed", "1", "7", "B", "toy/days", "toy/days/{digits}.json", "toy/days/20240601.json"],
    ]
    # The same two, without another scan.
    again = own("scan", "--show", "--diff", "--format", "json").json()
    validate_document("snapshot_diff", again)
    assert counts(again) == CHANGED
    assert [(row["source"], row["data_type"], row["vanished"], row["changed"]) for row in again["datasets"]] == [
        ("toy", "days", 0, 1),
        ("toy", "games", 1, 0),
    ]
    assert counts(own("scan", "--diff", "--now", LATEST, "--format", "json").json()) == NONE
    markdown = own("scan", "--show", "--diff", "--format", "markdown").out
    assert markdown.startswith("**0 vanished, 0 appeared, 0 changed, 16 objects as before in file://")


def test_a_scan_that_is_not_kept_is_compared_with_the_last(own: Inside) -> None:
    own("scan", "--now", NOW)
    change(own)
    before = {path: path.read_bytes() for path in (own.folder / "inventory/cache").glob("snapshot*")}
    assert counts(own("scan", "--diff", "--now", LATER, "--dry-run", "--format", "json").json()) == CHANGED
    assert {path: path.read_bytes() for path in (own.folder / "inventory/cache").glob("snapshot*")} == before
    other = own("scan", "--diff", "--now", LATER, "--lake", (own.folder / "games.csv").parent.as_uri()).out
    assert "Nothing to compare with: the snapshot before this one is of file://" in other
    # A kept scan then sees the same difference.
    assert counts(own("scan", "--diff", "--now", LATER, "--format", "json").json()) == CHANGED


def test_what_lies_in_a_hole_did_not_vanish(own: Inside) -> None:
    own("scan", "--now", NOW)
    configure(own, "lake", "[toy/days/, old/]")
    diff = own("scan", "--diff", "--now", LATER, "--format", "json").json()
    assert counts(diff) == {**NONE, "unseen_now": 6}
    told = own("scan", "--show", "--diff").out
    assert "6 objects of the earlier snapshot lie where the later one listed nothing" in told
    configure(own, "lake")
    told = own("scan", "--diff", "--now", LATEST).out
    assert told.startswith("0 vanished, 0 appeared, 0 changed")
    assert "6 objects of the later snapshot lie where the earlier one listed nothing" in told


def test_a_snapshot_of_another_kind_takes_no_place(own: Inside) -> None:
    """One made with ``--now`` must not stand for the one before a real one; another lake's is not compared."""
    own("scan")
    real = json.loads((own.folder / "inventory/cache/snapshot.json").read_text())
    own("scan", "--now", NOW)
    change(own)
    diff = own("scan", "--diff", "--format", "json").json()
    assert (diff["before"]["id"], counts(diff)) == (real["id"], CHANGED)
    own("scan", "--now", NOW)
    own("scan", "--now", LATER)
    assert "was made with --now" in own("scan", "--diff", "--format", "json").json()["not_compared"]
    assert "was made with --now, and this one was not" in own("scan", "--show", "--diff", code=2).err
    shutil.copytree(own.folder / "lake", own.folder / "other")
    configure(own, "other")
    assert "is of file://" in own("scan", "--diff", "--format", "json").json()["not_compared"]
    assert "scan once more" in own("scan", "--show", "--diff", code=2).err


def test_a_damaged_snapshot_is_not_kept_for_comparison(own: Inside) -> None:
    own("scan", "--now", NOW)
    change(own)
    own("scan", "--now", LATER)
    cache = own.folder / "inventory/cache"
    (cache / "snapshot.json").write_text("{")
    # The one before it is still whole, and so what this scan is compared with.
    assert counts(own("scan", "--diff", "--now", LATEST, "--format", "json").json()) == CHANGED
    (cache / "snapshot.previous.json").write_text("{")
    assert "snapshot.previous.json is damaged" in own("scan", "--show", "--diff", code=2).err
    for path in cache.glob("snapshot.previous.*"):
        path.unlink()
    assert "no earlier snapshot" in own("scan", "--show", "--diff", code=2).err


def test_show_says_what_the_last_scan_saw_without_a_new_one(own: Inside) -> None:
    assert "run `recon scan` first" in own("scan", "--show", code=2).err
    configure(own, "lake", "[toy/, old/]")
    own("scan", "--now", NOW)
    shutil.rmtree(own.folder / "lake")
    told = own("scan", "--show").out
    lines = told.splitlines()
    assert lines[0].startswith("15 objects, ")
    assert lines[1].startswith(f"Evidence of {NOW}, ")
    assert " ago (made with --now: it serves only runs with --now); snapshot snap_" in lines[1]
    assert lines[2].startswith("By listing, in ")
    assert "2 listed, 3 not scanned. What lies in a hole is unknown." in told
    rows = [line.split("  ") for line in lines if line.startswith(("listed", "not scanned"))]
    assert [row[0] for row in rows] == ["not scanned", "listed", "not scanned", "listed", "not scanned"]
    assert "3 more: --limit 0 shows all." in own("scan", "--show", "--limit", "2").out
    validate_document("snapshot", own("scan", "--show", "--format", "json").json())
    assert "| listed | `old/` |" in own("scan", "--show", "--format", "markdown").out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--show", "--diff", "--dry-run"], "--show"),
        (["--show", "--lake", "s3://b"], "--show"),
        (["--show", "--now", NOW], "--show"),
    ],
)
def test_options_that_contradict_each_other(own: Inside, options: list[str], words: str) -> None:
    assert words in own("scan", *options, code=2).err

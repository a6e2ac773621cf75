from __future__ import annotations

import pytest
from support.command_line import NOW, Inside

LATER = "2025-01-01T00:00:00Z"


def pulled(mine: Inside, *more: str, code: int = 0) -> dict[str, str]:
    found = mine("schedules", "pull", "--format", "json", *more, code=code).json()
    assert found["exit_code"] == code
    return {row["season"]: row["state"] for row in found["seasons"]}


def test_show_tells_what_is_stored_and_what_is_wanting(mine: Inside) -> None:
    (mine.folder / "inventory/schedules/toy/2023.parquet").unlink()
    first, second = mine("schedules", "show", "--now", NOW, "--format", "json").json()["seasons"]
    assert (first["season"], first["file"]) == ("2023", None)
    assert "recon schedules pull toy --season 2023" in first["problem"]
    assert (second["season"], second["games"]) == ("2024", 9)
    assert second["by_status"] == {"final": 6, "postponed": 1, "scheduled": 2}
    assert second["pulled_newest"] == "2024-06-18T00:00:00Z"
    text = mine("schedules", "show", "--now", NOW).out
    assert "6 final, 1 postponed, 2 scheduled" in text
    assert "recon schedules pull toy --season 2023" in text


def test_show_lists_games(done: Inside) -> None:
    found = done("schedules", "show", "toy", "--season", "2024", "--games", "--format", "json").json()
    assert (found["total"], found["shown"]) == (9, 9)
    assert found["games"][5]["alt_ids"] == ["x9"]
    text = done("schedules", "show", "--games", "--limit", "1", "--now", NOW).out
    assert "10 more: --limit 0 shows all." in text
    assert "p1" in text
    assert done("schedules", "show", "tyo", code=2).err.startswith("recon: no schedule of")


def test_pull_stores_what_the_sources_say(mine: Inside) -> None:
    for file in (mine.folder / "inventory/schedules/toy").iterdir():
        file.unlink()
    assert pulled(mine, "--now", LATER) == {"2023": "stored", "2024": "stored"}
    text = mine("schedules", "pull", "toy", "--season", "2024", "--now", "2025-02-01T00:00:00Z").out
    assert "6 final" in text
    assert "recon run --dry-run" in text
    assert pulled(mine, "--season", "2024", "--now", "2025-03-01T00:00:00Z") == {"2024": "skipped"}
    again = pulled(mine, "--season", "2024", "--refresh", "-o", "count=7", "--now", "2025-03-01T00:00:00Z")
    assert again == {"2024": "stored"}


def test_what_a_schedule_lacks_is_told_by_pull_import_show_and_run(mine: Inside) -> None:
    told = "the league is said to have had more than [b]one[/b] game"
    mine("schedules", "pull", "--season", "2023", "--force", "-o", "count=1", "--now", LATER)
    (row,) = mine("schedules", "show", "--season", "2023", "--format", "json").json()["seasons"]
    assert row["notes"] == [told]
    games = mine.folder / "games.csv"
    games.write_text("\n".join(line for line in games.read_text().splitlines() if line[:2] in ("ga", "p1")))
    arguments = ["schedules", "import", "games.csv", "--source", "toy", "--force"]
    assert f"- toy 2023: {told}" in mine(*arguments).out
    assert mine(*arguments, "--format", "json").json()["seasons"][0]["notes"] == [told]
    assert f"- toy 2023: {told}" in mine("schedules", "show").out
    pull = ["schedules", "pull", "--season", "2023", "--refresh", "--force", "-o", "count=1", "--now", LATER]
    assert f"- toy 2023: {told}" in mine(*pull).out
    assert mine(*pull, "--format", "json").json()["seasons"][0]["notes"] == [told]
    seen = mine("run", "--now", NOW, "--dry-run").out.split("Gaps by priority")[0]
    assert f"- toy 2023: {told}" in seen
    assert f"toy 2023: {told}" in mine("run", "--now", NOW, "--dry-run", "--format", "json").json()["warnings"]


def test_pull_refuses_that_games_vanish_unless_forced(mine: Inside) -> None:
    done = mine("schedules", "pull", "--season", "2024", "--now", LATER, code=2)
    assert "refused" in done.out
    assert "g1 (2024-06-01 B @ A)" in done.err
    assert "--force" in done.err
    assert pulled(mine, "--season", "2024", "--now", LATER, "--force") == {"2024": "stored"}


def test_a_pull_that_fails_for_one_season_says_so(mine: Inside) -> None:
    done = mine("schedules", "pull", "--now", LATER, "-o", "trouble=the source is down\x1b[31m", code=2)
    assert done.out.count("failed") == 2
    assert "the source is down\\x1b[31m" in done.err
    assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["pull", "toi"], "did you mean 'toy'"),
        (["pull", "--season", "1999"], "1999"),
        (["pull", "-o", "cuont=3"], "did you mean 'count'"),
        (["pull", "-o", "count"], "count"),
        (["pull", "--lake", "file:///x"], "--from-lake"),
        (["import", "absent.csv", "--source", "toy"], "absent.csv"),
        (["import", "games.csv"], "--source"),
        (["import", "games.csv", "--source", "toy"], "--pulled-at"),
        (["import", "games.csv", "--source", "toy", "--pulled-at", "June"], "--pulled-at 'June'"),
        (
            ["import", "games.csv", "--source", "toy", "--pulled-at", "2024-06-18T00:00Z", "--now", "2024-01-01"],
            "future",
        ),
    ],
)
def test_what_cannot_be_pulled_or_imported(done: Inside, options: list[str], words: str) -> None:
    result = done("schedules", *options, code=2)
    assert result.out == ""
    assert words in result.err
    assert result.err.count("\n") == 1


def test_import_tells_what_changed(mine: Inside) -> None:
    games = mine.folder / "games.csv"
    arguments = [
        "schedules",
        "import",
        "games.csv",
        "--source",
        "toy",
        "--pulled-at",
        "2024-06-19T00:00Z",
        "--now",
        NOW,
    ]
    games.write_text(games.read_text().replace("2024-06-18T18:00:00Z,B,C,scheduled", "2024-06-18T18:00:00Z,B,C,final"))
    rows = mine(*arguments, "--format", "json").json()["seasons"]
    assert [(row["season"], row["games"], row["changes"]["status_changed"]) for row in rows] == [
        ("2023", 2, 0),
        ("2024", 9, 1),
    ]
    games.write_text("\n".join(line for line in games.read_text().splitlines() if not line.startswith("g1,")))
    assert "g1 (2024-06-01 B @ A)" in mine(*arguments, code=2).err
    assert "1 gone" in mine(*arguments, "--force").out

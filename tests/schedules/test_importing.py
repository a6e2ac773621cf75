"""``schedules import``: every error has its line, nothing is stored unless all of it is right."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.league import League, game, registry_of

from recon_core.api import ConfigError, Game, RefusedError, ScheduleError, UsageError
from recon_core.plugins import Registry
from recon_core.schedules.importing import ImportedSeason, import_file
from recon_core.schedules.store import load_games, load_schedule, save_games
from recon_core.workspace import Workspace

HEADER = "game_id,season,season_type,date,start_utc,home,away,status"
NOW = datetime(2025, 1, 20, tzinfo=UTC)
PULLED = datetime(2025, 1, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return registry_of(League(), League(name="daily", schedule="computed"))


class Importer:
    """Imports a text as a file of one workspace."""

    def __init__(self, ws: Workspace, registry: Registry) -> None:
        self.ws = ws
        self._registry = registry

    def __call__(
        self,
        content: str | bytes,
        *,
        name: str = "games.csv",
        source: str = "league",
        pulled_at: datetime | None = None,
        force: bool = False,
    ) -> tuple[ImportedSeason, ...]:
        path = self.ws.root / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return import_file(self.ws, self._registry, path, source, now=NOW, pulled_at=pulled_at, force=force)

    def error(self, content: str | bytes, **options: object) -> str:
        """The error's text from the file name on; the workspace must be as it was."""
        before = self.stored()
        with pytest.raises(ScheduleError) as caught:
            self(content, **options)
        assert self.stored() == before
        assert "\n" not in str(caught.value)
        return str(caught.value).replace(f"{self.ws.root}/", "")

    def stored(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.ws.schedules_dir.glob("**/*") if path.is_file()}

    def games(self, season: str = "2024-25") -> list[Game]:
        return load_games(self.ws.schedule_file("league", season))


@pytest.fixture
def importer(ws: Workspace, registry: Registry) -> Importer:
    return Importer(ws, registry)


def rows(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines, ""])


FINAL = "0022400061,2024-25,regular,2024-10-22,2024-10-22T23:30Z,BOS,NYK,final"
OTHER = "0022400062,2024-25,regular,2024-10-22,,LAL,MIN,final"


def test_the_documented_columns_become_games(importer: Importer) -> None:
    (found,) = importer(rows(FINAL, OTHER, "9,2023-24,,2023-11-01,,WSH|?,,cancelled")[:-1])[1:]
    assert (found.season, found.games, dict(found.by_status)) == ("2024-25", 2, {"final": 2})
    assert importer.games() == [
        Game(
            game_id="0022400061",
            season="2024-25",
            season_type="regular",
            date=date(2024, 10, 22),
            start_utc=datetime(2024, 10, 22, 23, 30, tzinfo=UTC),
            home="BOS",
            away="NYK",
            status="final",
        ),
        Game(
            game_id="0022400062",
            season="2024-25",
            season_type="regular",
            date=date(2024, 10, 22),
            home="LAL",
            away="MIN",
            status="final",
        ),
    ]
    assert importer.games("2023-24") == [
        Game(game_id="9", season="2023-24", date=date(2023, 11, 1), home="WSH|?", status="cancelled")
    ]


def test_optional_columns_in_any_order(importer: Importer) -> None:
    header = "status,alt_ids,away,home,ordinal,start_utc,date,season_type,season,league,game_id"
    importer(rows("final,old1;old2,B,A,2,,2024-11-01,regular,2024-25,nba,1", header=header))
    (one,) = importer.games()
    assert (one.league, one.ordinal, one.alt_ids) == ("nba", 2, ("old1", "old2"))


def test_what_the_source_does_not_have(importer: Importer) -> None:
    importer(rows(f"{FINAL},pbp;pbp", f"{OTHER},", header=f"{HEADER},unavailable"))
    assert [one.unavailable for one in importer.games()] == [("pbp",), ()]


def test_optional_columns_may_be_empty(importer: Importer) -> None:
    importer(rows(f"{FINAL},,,", header=f"{HEADER},league,ordinal,alt_ids"))
    (one,) = importer.games()
    assert (one.league, one.ordinal, one.alt_ids) == (None, 1, ())


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + rows(FINAL, OTHER),
        rows(FINAL, OTHER).replace("\n", "\r\n"),
        rows(FINAL, OTHER).replace("\n", "\r"),
        rows(FINAL, OTHER)[:-1],
        "\n\n" + rows(FINAL, "", "", OTHER) + "\n\n",
        rows(*(",".join(f'"{value}"' for value in line.split(",")) for line in (FINAL, OTHER))),
        rows(FINAL.replace("T23:30Z", " 23:30:00.000Z"), OTHER),
        rows(FINAL.replace("T23:30Z", "T19:30-04:00"), OTHER),
    ],
    ids=["bom", "crlf", "cr", "no last newline", "empty lines", "quoted", "seconds", "offset"],
)
def test_spellings_of_the_same_file_store_the_same_bytes(importer: Importer, content: str) -> None:
    importer(rows(FINAL, OTHER))
    expected = importer.stored()
    importer(rows(FINAL), force=True)
    assert importer.stored() != expected
    importer(content)
    assert importer.stored() == expected


def bad(column: str, value: str) -> str:
    values = dict(zip(HEADER.split(","), OTHER.split(","), strict=True)) | {column: value}
    return ",".join(values.values())


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        (
            "status",
            "Final ",
            "'Final ' is not one of scheduled, in_progress, final, postponed, cancelled, tbd (did you",
        ),
        ("status", "FINAL", "(did you mean 'final'?)"),
        ("status", "", "'' is not one of scheduled"),
        ("season", "2024-2025", "source 'league' has no season '2024-2025' (did you mean '2024-25'?)"),
        ("season", "1900-01", "it has 2022-23 to 2024-25"),
        ("season", "", "is empty"),
        ("game_id", "", "is empty"),
        ("game_id", " 1", "' 1' has blanks at its ends"),
        ("game_id", "\x1b[31m", r"'\x1b[31m' has a control character"),
        ("home", "LAL ", "'LAL ' has blanks at its ends"),
        ("date", "22.10.2024", "'22.10.2024' is no date such as 2024-10-22"),
        ("date", "20241022", "is no date such as"),
        ("date", "2024-W43-2", "is no date such as"),
        ("date", "2024-02-30", "'2024-02-30' is no date: day is out of range"),
        ("date", "", "is empty"),
        ("start_utc", "2024-10-22T23:30", "is no time such as 2024-10-22T23:30Z (with its Z: UTC)"),
        ("start_utc", "2024-10-22", "is no time such as"),
        ("start_utc", "2024-10-22T25:30Z", "is no time: hour must be in 0..23"),
        ("start_utc", "0001-01-01T00:00+14:00", "is no time: "),
        ("start_utc", "2025-10-22T23:30Z", "2025-10-22T23:30Z is not near the date 2024-10-22"),
        ("start_utc", "2024-10-24T00:01Z", "is not near the date 2024-10-22"),
    ],
)
def test_an_error_names_file_line_column_and_what_would_be_right(
    importer: Importer, column: str, value: str, told: str
) -> None:
    message = importer.error(rows(FINAL, bad(column, value)))
    assert message.startswith(f"games.csv:3: {column}: ")
    assert told in message
    assert message.endswith("; nothing was stored")


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("ordinal", "0", "'0' is not a number from 1 up"),
        ("ordinal", "two", "'two' is not a number from 1 up"),
        ("alt_ids", "a|b", "'a|b' is not one id: separate ids with ';'"),
        ("alt_ids", "a b", "'a b' is not one id"),
        ("alt_ids", "x;0022400061", "'0022400061' is an id of this game already"),
        ("alt_ids", "x;x", "'x' is an id of this game already"),
        ("unavailable", "pbb", "source 'league' has no data type 'pbb' (did you mean 'pbp'?); it has pbp, days"),
    ],
)
def test_errors_of_optional_columns(importer: Importer, column: str, value: str, told: str) -> None:
    message = importer.error(rows(f"{FINAL},{value}", header=f"{HEADER},{column}"))
    assert message.startswith(f"games.csv:2: {column}: {told}")


def test_lines_are_those_of_the_file(importer: Importer) -> None:
    """A record's line is where it begins: after empty lines, and after a quoted value that spans lines."""
    spanning = '"00224\n00063",2024-25,regular,2024-10-22,,A,B,final'
    message = importer.error("\n" + rows(FINAL, "", "", spanning, bad("status", "no")))
    assert message.startswith("games.csv:6: game_id: '00224\\n00063' has a control character")
    assert "(and 1 more, on line 8)" in message


def test_the_first_error_is_told_and_the_others_are_counted(importer: Importer) -> None:
    wrong = [f"{number}{bad('status', 'no')}" for number in range(9)]
    message = importer.error(rows(FINAL, *wrong))
    assert message.startswith("games.csv:3: status: 'no' is not one of")
    assert "(and 8 more, on lines 4, 5, 6, 7, 8, …)" in message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "games.csv: the file is empty"),
        ("\n \n", "games.csv: the file is empty"),
        (rows(), "games.csv: there is no game in it; an empty schedule is not stored"),
        (FINAL, "games.csv:1: unknown column '0022400061'"),
        (rows(FINAL, header=HEADER.replace("status", "Status")), "unknown column 'Status' (did you mean 'status'?)"),
        (
            rows(FINAL, header=HEADER.replace("game_id", " game_id")),
            "unknown column ' game_id' (did you mean 'game_id'?)",
        ),
        (rows(FINAL + ",x", header=HEADER + ",altids"), "unknown column 'altids' (did you mean 'alt_ids'?)"),
        (rows(FINAL + ",x", header=HEADER + ",status"), "games.csv:1: column status stands there twice"),
        (rows("1,2024-25", header="game_id,season"), "games.csv:1: lacks the columns season_type, date, start_utc"),
        (rows(FINAL).replace(",status", "").replace(",final", ""), "games.csv:1: lacks the column status"),
        (rows(FINAL).replace(",", ";"), "games.csv:1: the columns are not separated by commas"),
        (rows(FINAL, FINAL + ",more"), "games.csv:3: has 9 columns, the header has 8"),
        (rows(FINAL, "1,2"), "games.csv:3: has 2 columns, the header has 8"),
        (rows(FINAL, '"1"2' + FINAL), "games.csv:3: is no CSV row: "),
        (rows(FINAL, '"never closed'), "games.csv:3: is no CSV row: unexpected end of data"),
        (rows(FINAL).encode() + b"\xff" + FINAL.encode(), "games.csv:3: is not UTF-8"),
        (rows(FINAL).encode("utf-16"), "games.csv: is in UTF-16: save it as UTF-8"),
    ],
)
def test_files_that_cannot_be_read(importer: Importer, content: str | bytes, told: str) -> None:
    importer(rows(OTHER))
    assert told in importer.error(content)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((FINAL, OTHER, FINAL), "games.csv:4: game_id: '0022400061' is an id of the game on line 2 already"),
        (
            (FINAL, FINAL.replace("2024-25", "2023-24")),
            "games.csv:3: game_id: '0022400061' is an id of the game on line 2",
        ),
    ],
)
def test_an_id_stands_once_in_a_file(importer: Importer, lines: Sequence[str], told: str) -> None:
    assert told in importer.error(rows(*lines))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_alternative_id_is_no_other_games_id(importer: Importer, order: tuple[int, int]) -> None:
    lines = [f"{FINAL},0022400062", f"{OTHER},"]
    message = importer.error(rows(*(lines[at] for at in order), header=f"{HEADER},alt_ids"))
    line, other = (2, 3) if order == (0, 1) else (3, 2)
    assert message.startswith(f"games.csv:{line}: alt_ids: '0022400062' is an id of the game on line {other} already")


@pytest.mark.parametrize("status", ["scheduled", "in_progress", "tbd"])
def test_a_game_that_is_not_over_needs_the_time_of_the_pull(importer: Importer, status: str) -> None:
    content = rows(FINAL, OTHER.replace("final", status))
    message = importer.error(content)
    assert message.startswith(f"games.csv:3: status: a game that is {status} needs --pulled-at")
    importer(content, pulled_at=PULLED)
    assert {one.pulled_at for one in importer.games()} == {PULLED}
    assert load_schedule(importer.ws.schedule_file("league", "2024-25")).pulled_at == PULLED


def test_games_that_are_over_need_no_time(importer: Importer) -> None:
    importer(rows(FINAL, "2,2024-25,,2024-11-01,,,,postponed", "3,2024-25,,2024-11-01,,,,cancelled"))
    assert {one.pulled_at for one in importer.games()} == {None}
    assert load_schedule(importer.ws.schedule_file("league", "2024-25")).pulled_at is None


def test_a_time_of_pull_in_the_future_would_prove_what_nobody_saw(importer: Importer) -> None:
    with pytest.raises(UsageError, match="--pulled-at 2025-01-20T00:01Z is in the future"):
        importer(rows(FINAL), pulled_at=NOW.replace(minute=1))
    importer(rows(FINAL), pulled_at=NOW)


def test_all_seasons_of_a_file_are_stored_or_none(importer: Importer) -> None:
    older = "1,2023-24,regular,2023-11-01,,A,B,final"
    found = importer(rows(FINAL, older, OTHER))
    assert [(one.season, one.games, one.changes.new) for one in found] == [("2023-24", 1, 1), ("2024-25", 2, 2)]
    # The second file is right for one season and loses games of the other.
    with pytest.raises(RefusedError):
        importer(rows(older.replace("final", "cancelled"), FINAL))
    assert importer.games("2023-24")[0].status == "final"
    assert len(importer.games()) == 2


def test_an_import_that_loses_games_is_refused_and_says_which(importer: Importer) -> None:
    lines = [f"{number},2024-25,regular,2024-11-0{number},,B,A,final" for number in range(1, 7)]
    importer(rows(*lines))
    with pytest.raises(RefusedError) as caught:
        importer(rows(lines[0]))
    assert str(caught.value) == (
        "league 2024-25: 5 stored games are not in games.csv: 2 (2024-11-02 A @ B), 3 (2024-11-03 A @ B), "
        "4 (2024-11-04 A @ B) and 2 more; the stored schedule is unchanged; if they are really gone, run it again with "
        "--force"
    )
    assert len(importer.games()) == 6
    (found,) = importer(rows(lines[0]), force=True)
    assert (found.changes.gone, len(importer.games())) == (5, 1)


def test_tbd_games_and_renamed_games_may_go(importer: Importer) -> None:
    header = f"{HEADER},alt_ids"
    importer(
        rows("1,2024-25,,2024-11-01,,A,B,tbd,", "2,2024-25,,2024-11-02,,A,B,final,", header=header), pulled_at=PULLED
    )
    (found,) = importer(rows("3,2024-25,,2024-11-02,,A,B,final,2", header=header))
    assert (found.changes.new, found.changes.gone) == (0, 1)
    (found,) = importer(rows("2,2024-25,,2024-11-09,,A,B,cancelled,", header=header))
    assert (found.changes.moved, found.changes.status_changed, found.changes.gone) == (1, 1, 0)


def test_an_id_of_another_stored_season_is_refused(importer: Importer) -> None:
    importer(rows(FINAL))
    message = importer.error(rows(FINAL.replace("2024-25", "2023-24")))
    assert message.startswith(
        "league 2023-24: game 0022400061 (2024-10-22 NYK @ BOS) also stands in the stored season 2024-25"
    )


def test_a_broken_stored_file_is_replaced_by_force_only(importer: Importer) -> None:
    file = importer.ws.schedule_file("league", "2024-25")
    file.parent.mkdir(parents=True)
    file.write_bytes(b"broken")
    assert "--force replaces it" in importer.error(rows(FINAL))
    importer(rows(FINAL), force=True)
    assert len(importer.games()) == 1


def test_what_cannot_be_imported_at_all(importer: Importer, registry: Registry) -> None:
    with pytest.raises(ConfigError, match=r"no installed plugin provides source 'leage' \(did you mean 'league'\?\)"):
        importer(rows(FINAL), source="leage")
    with pytest.raises(UsageError, match="the schedule of daily is computed"):
        importer(rows(FINAL), source="daily")
    with pytest.raises(UsageError, match=r"a schedule is imported from a \.csv or a \.parquet file"):
        importer(rows(FINAL), name="games.json")
    with pytest.raises(UsageError, match=r"gone\.csv: cannot be read: No such file"):
        import_file(importer.ws, registry, importer.ws.root / "gone.csv", "league")
    (importer.ws.root / "folder.csv").mkdir()
    with pytest.raises(UsageError, match=r"folder\.csv: cannot be read: Is a directory"):
        import_file(importer.ws, registry, importer.ws.root / "folder.csv", "league")


words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    games=st.lists(
        st.builds(
            lambda number, home, away, status, alt, ordinal: game(
                number, status, home=home, away=away, alt_ids=alt, ordinal=ordinal
            ),
            st.integers(0, 200),
            st.none() | words,
            st.none() | words,
            st.sampled_from(["final", "scheduled", "tbd", "postponed", "in_progress", "cancelled"]),
            st.sampled_from([(), ("a",), ("a", "b")]),
            st.integers(1, 3),
        ),
        min_size=1,
        unique_by=(lambda one: one.game_id),
    )
)
def test_what_is_written_as_csv_is_imported_as_it_was(importer: Importer, games: list[Game]) -> None:
    games = [
        game(
            int(one.game_id[2:]),
            one.status,
            home=one.home,
            away=one.away,
            ordinal=one.ordinal,
            alt_ids=tuple(f"{alias}{one.game_id}" for alias in one.alt_ids),
            pulled_at=PULLED,
        )
        for one in games
    ]
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([*HEADER.split(","), "ordinal", "alt_ids"])
    for one in games:
        writer.writerow(
            [
                *(one.game_id, one.season, one.season_type, one.date.isoformat()),
                one.start_utc.isoformat().replace("+00:00", "Z") if one.start_utc else "",
                *(one.home, one.away, one.status, one.ordinal, ";".join(one.alt_ids)),
            ]
        )
    importer(stream.getvalue(), pulled_at=PULLED, force=True)
    imported = importer.stored()["2024-25.parquet"]
    save_games(importer.ws.root / "expected" / "2024-25.parquet", games, PULLED)
    assert imported == (importer.ws.root / "expected" / "2024-25.parquet").read_bytes()

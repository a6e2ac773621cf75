"""The rows of an inventory report become a snapshot's objects: the same from every format, as Python reads them."""

from __future__ import annotations

import contextlib
import gzip
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pyarrow.parquet as pq
import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.inventory_reports import ALL_COLUMNS, Row, data_file

from recon_core.engine.connection import open_engine
from recon_core.engine.report_rows import ReportFiles, UnreadableReportError, stage_report, write_objects
from recon_core.lake.inventory_report import mended
from recon_core.lake.inventory_report.conversion import orc_as_parquet
from recon_core.snapshot import prefix_end

NOTE = {"a.b": "c"}

FORMATS = ("CSV", "Parquet", "ORC")
ODD_KEYS = (
    *("a/1.json", "a//1", "/lead", "trail/", "a b+c%20d", "%zz", "ü/é", "\U0001f3c0", "a\nb", "a\tb", "a\0b", "."),
    *("raw/", "raw/a", "raw/a/b", "raw/'quoted'", 'raw/"double"', "raw/,comma", "rawer", "inv/x", "z"),
)
MOMENTS = ("2024-06-01T00:00:00.000Z", "2024-06-02T03:04:05.678Z")
ROWS = st.builds(
    Row,
    key=st.sampled_from(ODD_KEYS) | st.text(st.characters(codec="utf-8"), min_size=1, max_size=8),
    size=st.none() | st.integers(0, 2**40),
    modified=st.sampled_from(MOMENTS),
    latest=st.sampled_from((True, True, True, False)),
    deleted=st.sampled_from((False, False, False, True)),
    version=st.sampled_from(("1", "2")),
)

Object = tuple[str, int | None, datetime | None]


@contextlib.contextmanager
def engine(folder: Path) -> Iterator[Any]:
    with open_engine([folder], folder / "spill", memory_limit_mb=256, threads=2) as connection:
        yield connection


def files_of(folder: Path, files: list[list[Row]], file_format: str, columns: tuple[str, ...]) -> ReportFiles:
    paths = []
    for number, rows in enumerate(files):
        path = folder / f"{file_format}{number}"
        path.write_bytes(data_file(rows, file_format, columns))
        paths.append(orc_as_parquet(path)[0] if file_format == "ORC" else path)
    return ReportFiles(paths=tuple(paths), columns=columns if file_format == "CSV" else None)


def objects_of(path: Path) -> list[Object]:
    return [(row["key"], row["size"], row["last_modified"]) for row in pq.read_table(path).to_pylist()]


def expected(rows: list[Row], lake_prefix: str, prefixes: tuple[str, ...], without: str | None) -> list[Object]:
    """What the lake holds: of every key the newest current row, and of equally new ones the largest."""
    held: dict[str, Object] = {}
    for row in rows:
        assert isinstance(row.key, str)
        key = row.key.removeprefix(lake_prefix)
        inside = row.key.startswith(lake_prefix) and row.key != lake_prefix
        wanted = not prefixes or any(key.startswith(prefix) for prefix in prefixes)
        own = without is not None and row.key.startswith(without)
        if not row.latest or row.deleted or not inside or not wanted or own:
            continue
        found = (key, row.size, datetime.fromisoformat(row.modified).replace(tzinfo=None))
        before = held.get(key)
        if before is None or rank(found) > rank(before):
            held[key] = found
    return [held[key] for key in sorted(held, key=str.encode)]


def rank(found: Object) -> tuple[datetime, int]:
    assert found[2] is not None
    return found[2], -1 if found[1] is None else found[1]


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    files=st.lists(st.lists(ROWS, max_size=30), min_size=1, max_size=3),
    file_format=st.sampled_from(FORMATS),
    lake_prefix=st.sampled_from(("", "", "raw/")),
    prefixes=st.sampled_from(((), (), ("a",), ("a/", "raw/a"))),
    without=st.sampled_from((None, "inv/")),
    cuts=st.lists(st.sampled_from(ODD_KEYS), max_size=6, unique=True),
)
def test_every_format_gives_what_the_lake_holds(
    files: list[list[Row]],
    file_format: str,
    lake_prefix: str,
    prefixes: tuple[str, ...],
    without: str | None,
    cuts: list[str],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = files_of(folder, files, file_format, ALL_COLUMNS)
        told = expected([row for rows in files for row in rows], lake_prefix, prefixes, without)
        with engine(folder) as connection:
            staged = stage_report(
                connection, source, folder / "staged", lake_prefix=lake_prefix, prefixes=prefixes, without=without
            )
            assert staged.unreadable == 0
            # Of all rows, for the report covers where they are, and S3 charges them.
            keys = sorted((str(row.key) for rows in files for row in rows), key=str.encode)
            assert (staged.first, staged.last) == ((keys[0], keys[-1]) if keys else (None, None))
            assert staged.rows == len(keys)
            counts = write_objects(
                connection, folder / "staged", folder / "whole", listed=None, afresh=[], metadata={"a.b": "it's"}
            )
            assert objects_of(folder / "whole") == told
            assert counts == (len(told), sum(size or 0 for _, size, _ in told))
            assert pq.read_metadata(folder / "whole").metadata[b"a.b"] == b"it's"
            # In some stretches of keys a listing found other objects: these stand there, and nothing else.
            bounds = sorted(cuts, key=str.encode)
            afresh = list(zip(bounds[::2], [*bounds[1::2], None][: len(bounds[::2])], strict=True))
            inside = [one for one in told if any(a <= one[0] and (b is None or one[0] < b) for a, b in afresh)]
            listed = [Row(one[0], 7, MOMENTS[0]) for one in inside[::2]]
            stage_report(
                connection,
                files_of(folder, [listed], "Parquet", ALL_COLUMNS),
                folder / "listed",
                lake_prefix="",
                prefixes=(),
                without=None,
            )
            write_objects(
                connection, folder / "staged", folder / "mixed", listed=folder / "listed", afresh=afresh, metadata=NOTE
            )
        kept = [one for one in told if one not in inside]
        fresh = [(one[0], 7, datetime.fromisoformat(MOMENTS[0]).replace(tzinfo=None)) for one in inside[::2]]
        assert objects_of(folder / "mixed") == sorted([*kept, *fresh], key=lambda one: one[0].encode())


@pytest.mark.parametrize("file_format", FORMATS)
def test_columns_that_a_report_lacks_say_nothing(tmp_path: Path, file_format: str) -> None:
    rows = [[Row("a", 3, latest=False, deleted=True), Row("b", 4)]]
    with engine(tmp_path) as connection:
        source = files_of(tmp_path, rows, file_format, ("Bucket", "Key", "StorageClass"))
        stage_report(connection, source, tmp_path / "staged", lake_prefix="", prefixes=(), without=None)
    assert objects_of(tmp_path / "staged") == [("a", None, None), ("b", None, None)]


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("beside", [[], [Row("a"), Row("raw/b", latest=False), Row("raw/c", deleted=True), Row("z")]])
def test_of_what_is_not_in_the_lake_nothing_is_kept(tmp_path: Path, file_format: str, beside: list[Row]) -> None:
    source = files_of(tmp_path, [[Row("raw/m"), *beside], [Row("raw/n")]], file_format, ALL_COLUMNS)
    target = tmp_path / "out" / "staged"
    target.parent.mkdir()
    with engine(tmp_path) as connection:
        staged = stage_report(connection, source, target, lake_prefix="raw/", prefixes=(), without=None)
    assert pq.read_table(target).select(["key", "etag"]).num_rows == 2
    assert (staged.objects, staged.rows, staged.unreadable) == (2, 2 + len(beside), 0)
    assert (staged.first, staged.last) == (("a", "z") if beside else ("raw/m", "raw/n"))
    assert [path.name for path in target.parent.iterdir()] == ["staged"]


def test_an_etag_has_no_quotes(tmp_path: Path) -> None:
    rows = [[Row("a", etag='"abc"'), Row("b", etag="")]]
    with engine(tmp_path) as connection:
        source = files_of(tmp_path, rows, "CSV", ALL_COLUMNS)
        stage_report(connection, source, tmp_path / "staged", lake_prefix="", prefixes=(), without=None)
    assert pq.read_table(tmp_path / "staged").column("etag").to_pylist() == ["abc", None]


UTF8_BORDERS = (
    *("%7F", "%C2%80", "%DF%BF", "%E0%A0%80", "%ED%9F%BF", "%EE%80%80", "%EF%BF%BF", "%F0%90%80%80", "%F4%8F%BF%BF"),
    *(
        "%80",
        "%C1%BF",
        "%C2",
        "%C2a",
        "%E0%9F%BF",
        "%ED%A0%80",
        "%EF%BF",
        "%F0%8F%BF%BF",
        "%F4%90%80%80",
        "%F5%80%80%80",
    ),
    *("%FF", "%c3%a9", "a%2Fb+c", "%E2%82%AC%"),
)


def test_encoded_keys_are_decoded_as_python_does(tmp_path: Path) -> None:
    text = "".join(f'"b","x{key}"\n' for key in UTF8_BORDERS)
    (tmp_path / "keys").write_bytes(gzip.compress(text.encode()))
    with engine(tmp_path) as connection:
        source = ReportFiles(paths=(tmp_path / "keys",), columns=("Bucket", "Key"))
        stage_report(connection, source, tmp_path / "staged", lake_prefix="", prefixes=(), without=None)
    read = {key for key, _, _ in objects_of(tmp_path / "staged") if key is not None}
    wanted = set()
    for key in UTF8_BORDERS[:-1]:
        with contextlib.suppress(UnicodeDecodeError):
            wanted.add("x" + unquote_to_bytes(key.replace("+", " ")).decode())
    assert read == wanted


def test_a_parquet_file_with_a_key_that_is_no_utf8_is_refused_and_can_be_mended(tmp_path: Path) -> None:
    source = files_of(tmp_path, [[Row("a"), Row(b"\xff"), Row("c")]], "Parquet", ALL_COLUMNS)
    options: dict[str, Any] = {"lake_prefix": "", "prefixes": (), "without": None}
    with engine(tmp_path) as connection:
        with pytest.raises(UnreadableReportError):
            stage_report(connection, source, tmp_path / "staged", **options)
        path, unreadable = mended(source.paths[0])
        again = ReportFiles(paths=(path,), columns=None)
        assert (stage_report(connection, again, tmp_path / "staged", **options).objects, unreadable) == (2, 1)


def test_a_file_without_keys_is_refused(tmp_path: Path) -> None:
    with engine(tmp_path) as connection:
        source = files_of(tmp_path, [[Row("a")]], "Parquet", ("Bucket", "Size"))
        with pytest.raises(UnreadableReportError, match="no column key"):
            stage_report(connection, source, tmp_path / "staged", lake_prefix="", prefixes=(), without=None)


def test_thousands_of_fresh_ranges_are_one_statement(tmp_path: Path) -> None:
    rows = [[Row(f"{number:05}") for number in range(4000)]]
    afresh = [(f"{number:05}", prefix_end(f"{number:05}")) for number in range(0, 4000, 2)]
    with engine(tmp_path) as connection:
        source = files_of(tmp_path, rows, "Parquet", ALL_COLUMNS)
        stage_report(connection, source, tmp_path / "staged", lake_prefix="", prefixes=(), without=None)
        write_objects(connection, tmp_path / "staged", tmp_path / "out", listed=None, afresh=afresh, metadata=NOTE)
    assert [key for key, _, _ in objects_of(tmp_path / "out")] == [f"{number:05}" for number in range(1, 4000, 2)]


def test_the_statements_transpile(tmp_path: Path) -> None:
    statements: list[str] = []

    class Recording:
        def __init__(self, connection: Any) -> None:
            self._connection = connection

        def execute(self, query: str) -> Any:
            statements.append(query)
            return self._connection.execute(query)

    with engine(tmp_path) as connection:
        for file_format in FORMATS:
            source = files_of(tmp_path, [[Row("raw/a"), Row("raw/a")]], file_format, ALL_COLUMNS)
            recording: Any = Recording(connection)
            stage_report(recording, source, tmp_path / "staged", lake_prefix="raw/", prefixes=("a",), without="inv/")
            write_objects(
                recording, tmp_path / "staged", tmp_path / "out", listed=None, afresh=[("b", None)], metadata=NOTE
            )
    selected = [text[len("COPY (") : text.rindex(") TO ")] for text in statements if text.startswith("COPY (")]
    assert len(selected) >= 3 * 3
    for text in selected:
        assert sqlglot.transpile(text, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)

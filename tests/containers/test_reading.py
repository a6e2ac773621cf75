"""Columns of containers: what is read of a Parquet file and how, what is kept, and what cannot be read."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.s3_server import CREDENTIALS, S3Server, running

from recon_core.api import LakeError
from recon_core.config import LakeSettings
from recon_core.containers import ColumnError, ContainerColumn, ContainerObject, ContainerReader
from recon_core.containers.cache import ColumnCache
from recon_core.containers.column import distinct_values
from recon_core.lake import Lake, ObjectVersion, open_lake
from recon_core.progress import NoProgress

THEN = datetime(2025, 1, 15, 12, tzinfo=UTC)


def parquet(table: pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def values_of(column: pa.Array, **options: Any) -> list[str]:
    found: list[str] = distinct_values(io.BytesIO(parquet(pa.table({"id": column}), **options)), "id").to_pylist()
    return found


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([401704627, 401704627, 7, None, -1]), ["-1", "401704627", "7"]),
        (pa.array([2**63 - 1, -(2**63)]), ["-9223372036854775808", "9223372036854775807"]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([5], pa.int8()), ["5"]),
        (pa.array(["0022400061", "b", "b", None, "", " x"]), ["", " x", "0022400061", "b"]),
        (pa.array(["a", "b"], pa.large_string()), ["a", "b"]),
        (pa.array(["a", "a", None]).dictionary_encode(), ["a"]),
        (pa.array([401704627.0, None, float("nan")]), ["401704627"]),
        (pa.array([2.0**53 - 1]), ["9007199254740991"]),
        (pa.array([Decimal(12), Decimal(401704627)], pa.decimal128(20, 0)), ["12", "401704627"]),
        (pa.array([date(2025, 1, 31)]), ["2025-01-31"]),
        (pa.array([None, None]), []),
        (pa.array([], pa.int64()), []),
        (pa.array([None], pa.float64()), []),
    ],
)
def test_values_are_written_as_ids_are(column: pa.Array, expected: list[str]) -> None:
    assert values_of(column) == expected


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), max_size=40), st.integers(1, 7))
def test_whole_numbers_are_exact_over_any_row_groups(numbers: list[int | None], rows: int) -> None:
    found = values_of(pa.array(numbers, pa.int64()), row_group_size=rows)
    assert found == sorted({str(number) for number in numbers if number is not None})


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (pa.array([1.5]), "has the column 'id' as double with fractions, which are no ids"),
        (pa.array([2.0**53]), "with fractions, which are no ids"),
        (pa.array([float("inf")]), "with fractions, which are no ids"),
        (pa.array([True]), "has the column 'id' as bool: ids are text or whole numbers"),
        (pa.array([b"1"]), "has the column 'id' as binary"),
        (pa.array([THEN]), "has the column 'id' as timestamp"),
        (pa.array([Decimal("1.5")], pa.decimal128(5, 1)), "has the column 'id' as decimal"),
        (pa.array([[1]]), "has no column 'id'"),
        (pa.array([{"id": 1}]), "has no column 'id'"),
    ],
)
def test_what_is_no_id_is_refused(column: pa.Array, told: str) -> None:
    with pytest.raises(ColumnError) as caught:
        values_of(column)
    assert told in str(caught.value)


def test_a_column_that_stands_there_twice_tells_nothing() -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["id", "id"])
    with pytest.raises(ColumnError, match="has the column 'id' 2 times"):
        distinct_values(io.BytesIO(parquet(table)), "id")


@given(st.data())
def test_a_damaged_file_is_an_error_of_its_own_or_harmless(data: st.DataObject) -> None:
    content = bytearray(parquet(pa.table({"id": list(range(50)), "x": ["y"] * 50}), write_page_checksum=True))
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        # Pages have checksums, the footer has none.
        content[data.draw(st.integers(0, footer - 1))] ^= 1 << data.draw(st.integers(0, 7))
    # What is not read may be damaged; what is read is what was written.
    with contextlib.suppress(ColumnError):
        assert sorted(map(int, distinct_values(io.BytesIO(bytes(content)), "id").to_pylist())) == list(range(50))


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with running() as one:
        yield one


@pytest.fixture
def bucket(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    table = pa.table({"text": [f"{n * 7919 % 1_000_003} and more" for n in range(30_000)], "id": range(30_000)})
    name = server.bucket()
    content = {
        "2023.parquet": parquet(table.slice(0, 20_000), row_group_size=5_000, compression="none"),
        "2024.parquet": parquet(table.slice(20_000), row_group_size=5_000, compression="none"),
        "broken.parquet": b"PAR1 is not all",
    }
    server.seed(name, content, THEN)
    return name


@pytest.fixture
def lake(server: S3Server, bucket: str) -> Lake:
    return open_lake(LakeSettings(url=f"s3://{bucket}", endpoint_url=server.endpoint, region="us-east-1"))


Read = Callable[..., list[ContainerColumn]]


@pytest.fixture
def read(lake: Lake, tmp_path: Path) -> Read:
    """Reads every container of the bucket, as a new run does."""
    (page,) = lake.list_pages()
    versions = [
        ObjectVersion(*facts) for facts in zip(page.keys, page.sizes, page.last_modified_us, page.etags, strict=True)
    ]

    def reading(*keys: str, column: str = "id", keep: bool = True) -> list[ContainerColumn]:
        kept = ColumnCache(tmp_path / "containers")
        reader = ContainerReader(lambda: lake, lake.url, kept, kept if keep else None, NoProgress())
        return reader([ContainerObject(one, column) for key in keys for one in versions if one.key == key])

    return reading


def gets(server: S3Server) -> list[str]:
    return [request for request in server.requests() if request.startswith("GET") and "list-type" not in request]


def test_of_a_bucket_only_the_column_is_read_and_only_once(
    server: S3Server, lake: Lake, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    read_range = type(lake).read_range

    def counted(self: Any, version: ObjectVersion, start: int, end: int) -> bytes:
        sizes.append(end - start)
        return bytes(read_range(self, version, start, end))

    monkeypatch.setattr(type(lake), "read_range", counted)
    server.requests()
    first = read("2024.parquet", "2023.parquet")
    assert [len(one.values) for one in first if one.values is not None] == [10_000, 20_000]
    # A footer each, with the 64 KiB in which it stands, and a piece of 40 kB for each of six row groups.
    assert len(gets(server)) == len(sizes) <= 8
    assert sum(sizes) < 2 * 65_536 + 6 * 60_000
    again = read("2024.parquet", "2023.parquet")
    assert gets(server) == []
    assert [one.values for one in again] == [one.values for one in first]


def test_what_nobody_keeps_is_read_again(server: S3Server, read: Read, tmp_path: Path) -> None:
    read("2024.parquet", keep=False)
    assert not (tmp_path / "containers").exists()
    server.requests()
    read("2024.parquet", keep=False)
    assert gets(server)


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(server: S3Server, read: Read, bucket: str) -> None:
    denied = {"match": "2023.parquet", "action": "status", "status": 403, "code": "AccessDenied"}
    with server.faults(denied):
        refused, broken, fine = read("2023.parquet", "broken.parquet", "2024.parquet")
    needs = "access denied: reading needs the permission s3:GetObject"
    assert refused == ContainerColumn(None, f"s3://{bucket}/2023.parquet: {needs}")
    assert broken.error is not None
    assert broken.error.startswith("broken.parquet is no readable Parquet file (")
    assert fine.error is None
    # What could not be read is asked for again by the next run.
    (mended,) = read("2023.parquet")
    assert mended.error is None
    assert read("2024.parquet", column="ids")[0].error == "2024.parquet has no column 'ids' (did you mean 'id'?)"


def test_a_lake_that_cannot_be_asked_ends_the_reading(server: S3Server, read: Read) -> None:
    expired = {"match": "parquet", "action": "status", "status": 400, "code": "ExpiredToken"}
    with server.faults(expired), pytest.raises(LakeError, match="have expired"):
        read("2023.parquet", "2024.parquet")


def test_a_kept_column_is_of_one_lake_one_version_and_one_column(tmp_path: Path) -> None:
    cache = ColumnCache(tmp_path)
    version = ObjectVersion("a", 10, 1, "e")
    paths = {
        cache.path(url, one, column)
        for url in ("s3://a", "s3://b")
        for one in (
            version,
            ObjectVersion("b", 10, 1, "e"),
            ObjectVersion("a", 11, 1, "e"),
            ObjectVersion("a", 10, 1, "f"),
            ObjectVersion("a", 10, 1, None),
            ObjectVersion("a", 10, 2, None),
        )
        for column in ("id", "x")
    }
    assert len(paths) == 24
    # With an etag the time adds nothing: the same content, put there again.
    assert cache.path("s3://a", version, "id") == cache.path("s3://a", ObjectVersion("a", 10, 9, "e"), "id")


def test_a_file_of_another_column_is_not_taken_for_the_kept_one(tmp_path: Path) -> None:
    cache = ColumnCache(tmp_path)
    one, other = (cache.path("s3://a", ObjectVersion(key, 1, 1, None), "id") for key in "ab")
    cache.save(one, pa.array(["1"]))
    one.replace(other)
    assert cache.load(other) is None
    assert cache.load(one) is None

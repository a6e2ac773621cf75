"""Inventory reports: the newest whole one is found, verified and fetched, and nothing else is believed."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from support.inventory_reports import ReportMaker, Row
from support.s3_server import S3Server

from recon_core.api import DiskError, LakeError
from recon_core.config import LakeSettings, ReportSettings
from recon_core.lake.inventory_report import (
    DamagedReportError,
    FetchedReport,
    Report,
    ReportError,
    covered_prefix,
    fetch_report,
    mended,
    usable_reports,
)
from recon_core.lake.inventory_report.places import ReportPlace
from recon_core.lake.inventory_report.store import ReportStore
from recon_core.lake.s3 import S3Lake
from recon_core.lake.s3_client import open_bucket
from recon_core.progress import NoProgress

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOW = datetime(2024, 6, 20, 12, tzinfo=UTC)
DAYS = ("2024-06-17T01:00:00Z", "2024-06-18T01:00:00Z", "2024-06-19T01:00:00Z")
ROWS = [[Row("a/1.json", size=3)], [Row("b/2.json", size=4)]]
OpenBucket = Callable[..., S3Lake]


@pytest.fixture
def maker(s3_server: S3Server) -> ReportMaker:
    return ReportMaker(s3_server, s3_server.bucket(), s3_server.bucket())


@pytest.fixture
def found(bucket_lake: OpenBucket, maker: ReportMaker) -> Callable[..., tuple[list[Report], list[str]]]:
    """The usable reports, and what was logged on the way."""

    def look(**settings: Any) -> tuple[list[Report], list[str]]:
        messages: list[str] = []
        options = {"destination": f"s3://{maker.destination}/{maker.prefix}", "filter_prefix": "", **settings}
        lake = bucket_lake(maker.source, page_keys=1000)
        return list(usable_reports(lake, ReportSettings(**options), NOW, messages.append)), messages

    return look


Found = Callable[..., tuple[list[Report], list[str]]]


def fetched(report: Report, folder: Path) -> FetchedReport:
    return fetch_report(report, folder, workers=4, progress=NoProgress())


def began(reports: list[Report]) -> list[str]:
    return [f"{report.started_at:%Y-%m-%dT%H:%M:%SZ}" for report in reports]


def test_the_newest_whole_report_comes_first(maker: ReportMaker, found: Found) -> None:
    for day in DAYS:
        maker.write(ROWS, day)
    reports, messages = found()
    assert (began(reports), messages) == (list(reversed(DAYS)), [])
    newest = reports[0]
    assert newest.url == f"s3://{maker.destination}/inv/{maker.source}/daily/2024-06-19T01-00Z/manifest.json"
    assert newest.manifest.created_at == datetime(2024, 6, 19, 2, tzinfo=UTC)
    assert [file.size > 0 for file in newest.manifest.files] == [True, True]
    # The folder of the configurations, the folders of the years, and twice a manifest with its checksum for each.
    assert newest.store.requests < 20


def test_a_report_that_is_half_delivered_or_was_altered_is_passed_over(maker: ReportMaker, found: Found) -> None:
    maker.write(ROWS, DAYS[0])
    maker.write(ROWS, DAYS[1], checksum="0" * 32)
    maker.write(ROWS, DAYS[2], checksum=None)
    reports, messages = found()
    assert began(reports) == [DAYS[0]]
    assert "2024-06-19T01-00Z/manifest.json: not delivered whole yet" in messages[0]
    assert "2024-06-18T01-00Z/manifest.json does not have the MD5" in messages[1]


@pytest.mark.parametrize(
    "broken",
    [
        {"fileFormat": "XML"},
        {"files": [{"key": "x", "size": 1}]},
        {"files": [{"key": "x", "size": 1, "MD5checksum": "none"}]},
        {"creationTimestamp": "soon"},
        {"version": "2031-01-01"},
        {"destinationBucket": "no-arn"},
    ],
)
def test_a_manifest_that_cannot_be_read_is_passed_over(
    maker: ReportMaker, found: Found, broken: dict[str, Any]
) -> None:
    maker.write(ROWS, DAYS[1])
    broken_maker = ReportMaker(maker.server, maker.source, maker.destination, broken=broken)
    broken_maker.write(ROWS, DAYS[2])
    reports, (message,) = found()
    assert began(reports) == [DAYS[1]]
    assert "no manifest that recon can read" in message
    assert next(iter(broken)) in message


@pytest.mark.parametrize(
    ("told", "words"),
    [({"told_source": "other"}, "of the bucket 'other'"), ({"told_destination": "other"}, "for the bucket 'other'")],
)
def test_a_report_of_or_for_another_bucket_is_refused(
    maker: ReportMaker, found: Found, told: dict[str, str], words: str
) -> None:
    maker.write(ROWS, DAYS[1])
    ReportMaker(maker.server, maker.source, maker.destination, **told).write(ROWS, DAYS[2])  # type: ignore[arg-type]
    with pytest.raises(ReportError, match=words):
        found()


def test_what_is_too_old_or_of_the_future_is_not_used(maker: ReportMaker, found: Found) -> None:
    maker.write(ROWS, "2024-06-21T01:00:00Z")
    with pytest.raises(ReportError, match="no whole report"):
        found()
    maker.write(ROWS, DAYS[0])
    with pytest.raises(ReportError, match=r"began 2024-06-17T01:00Z .*max_age_hours \(24\)"):
        found(max_age_hours=24)
    maker.write(ROWS, "2024-06-20T01:00:00Z")
    assert began(found(max_age_hours=24)[0]) == ["2024-06-20T01:00:00Z"]


def test_no_report_yet(found: Found) -> None:
    with pytest.raises(ReportError, match="up to 48 hours"):
        found()
    with pytest.raises(ReportError, match="up to 48 hours"):
        found(config_id="daily")


def test_one_configuration_below_the_destination_need_not_be_named(maker: ReportMaker, found: Found) -> None:
    maker.write(ROWS, DAYS[1])
    assert began(found()[0]) == [DAYS[1]]
    ReportMaker(maker.server, maker.source, maker.destination, config_id="weekly").write(ROWS, DAYS[2])
    with pytest.raises(ReportError, match=r"several inventory configurations \(daily, weekly\)"):
        found()
    assert began(found(config_id="daily")[0]) == [DAYS[1]]


def configure(client: S3Client, maker: ReportMaker, **changes: Any) -> None:
    place = {"Bucket": f"arn:aws:s3:::{maker.destination}", "Prefix": maker.prefix, "Format": "CSV"}
    configuration = {
        "Id": maker.config_id,
        "IsEnabled": True,
        "IncludedObjectVersions": "Current",
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": place},
        **changes,
    }
    client.put_bucket_inventory_configuration(
        Bucket=maker.source,
        Id=configuration["Id"],
        InventoryConfiguration=configuration,  # type: ignore[arg-type]
    )


def test_s3_is_asked_where_the_reports_lie(maker: ReportMaker, found: Found, s3_client: S3Client) -> None:
    maker.write(ROWS, DAYS[1])
    with pytest.raises(ReportError, match="no enabled inventory configuration"):
        found(destination=None)
    configure(s3_client, maker, Filter={"Prefix": "a/"})
    (report,) = found(destination=None, filter_prefix=None)[0]
    assert (report.place.config_id, report.place.filter_prefix) == ("daily", "a/")
    # With the destination given, S3 is asked for the filter alone.
    assert found(filter_prefix=None)[0][0].place.filter_prefix == "a/"
    assert found()[0][0].place.filter_prefix == ""
    configure(s3_client, maker, Id="other")
    with pytest.raises(ReportError, match=r"several inventory configurations \(daily, other\)"):
        found(destination=None)
    assert found(destination=None, config_id="daily")[0][0].place.config_id == "daily"
    with pytest.raises(ReportError, match=r"no inventory configuration 'wekly' \(daily, other\)"):
        found(destination=None, config_id="wekly")


def test_s3_need_not_tell(maker: ReportMaker, found: Found) -> None:
    maker.write(ROWS, DAYS[1])
    denied = {"match": "inventory", "action": "status", "status": 403, "code": "AccessDenied"}
    with maker.server.faults(denied):
        with pytest.raises(ReportError, match="s3:GetInventoryConfiguration"):
            found(destination=None)
        (report,), (message,) = found(filter_prefix=None)
    assert report.place.filter_prefix is None
    assert "concluded from their keys" in message


@pytest.mark.parametrize("file_format", ["CSV", "Parquet", "ORC"])
def test_data_files_are_verified_while_they_come(
    maker: ReportMaker, found: Found, tmp_path: Path, file_format: str
) -> None:
    maker.write(ROWS, DAYS[2], file_format=file_format)
    (report,), _ = found()
    before = report.store.requests
    result = fetched(report, tmp_path / "report")
    assert report.store.requests - before == 2
    assert result.unreadable == 0
    if file_format == "CSV":
        digests = [hashlib.md5(path.read_bytes()).hexdigest() for path in result.files]
        assert digests == [file.md5 for file in report.manifest.files]
    else:
        tables = [pq.read_table(path) for path in result.files]
        assert [table.column("key").to_pylist() for table in tables] == [["a/1.json"], ["b/2.json"]]
    if file_format == "ORC":
        assert set(tables[0].column_names) == {
            "key", "is_latest", "is_delete_marker", "size", "last_modified_date", "e_tag",
        }  # fmt: skip


def test_a_transfer_that_was_cut_is_made_again(maker: ReportMaker, found: Found, tmp_path: Path) -> None:
    maker.write(ROWS, DAYS[2])
    (report,), _ = found()
    for action in ("cut", "truncate", "reset"):
        with maker.server.faults({"match": "/data/", "action": action, "times": 1}):
            assert len(fetched(report, tmp_path / action).files) == 2


def test_a_data_file_that_is_another_is_not_used(maker: ReportMaker, found: Found, tmp_path: Path) -> None:
    maker.write(ROWS, DAYS[2], told_md5="0" * 32)
    (report,), _ = found()
    with pytest.raises(DamagedReportError, match="does not have the MD5"):
        fetched(report, tmp_path / "report")


def test_an_answer_that_is_not_wanted_any_more_is_not_written(
    maker: ReportMaker, tmp_path: Path, bucket_lake: OpenBucket
) -> None:
    maker.server.seed(maker.source, {"a": b"late"})
    target = tmp_path / "target"
    target.write_bytes(b"another's")
    bucket_lake(maker.source).download("a", target, lambda: False)
    assert target.read_bytes() == b"another's"


def test_what_is_not_wanted_any_more_is_not_asked_for_again(
    maker: ReportMaker, tmp_path: Path, bucket_lake: OpenBucket
) -> None:
    maker.server.requests()
    with maker.server.faults({"match": maker.source, "action": "status", "status": 503}), pytest.raises(LakeError):
        bucket_lake(maker.source).download("a", tmp_path / "target", lambda: False)
    assert len(maker.server.requests()) == 1


def test_an_interrupt_waits_for_no_data_file(maker: ReportMaker, found: Found, tmp_path: Path) -> None:
    maker.write(ROWS, DAYS[2])
    (report,), _ = found()
    # A client that waits a minute for an answer.
    settings = LakeSettings(url="s3://any", endpoint_url=maker.server.endpoint, region="us-east-1")
    patient = replace(report, store=ReportStore(open_bucket(settings, maker.destination, "")))
    maker.server.requests()
    seen: list[str] = []
    interrupted: list[float] = []

    def interrupt() -> None:
        until = time.monotonic() + 30
        while len(seen) < len(ROWS) and time.monotonic() < until:
            time.sleep(0.05)
            seen.extend(request for request in maker.server.requests() if "/data/" in request)
        interrupted.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    with maker.server.faults({"match": "/data/", "action": "hang", "seconds": 50}):
        threading.Thread(target=interrupt, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            fetched(patient, tmp_path / "report")
        assert time.monotonic() - interrupted[0] < 20
    assert len(seen) == len(ROWS)


def test_a_data_file_that_is_not_there(maker: ReportMaker, found: Found, tmp_path: Path) -> None:
    maker.write(ROWS, DAYS[2], skip_data=True)
    (report,), _ = found()
    with pytest.raises(DamagedReportError, match="is not there"):
        fetched(report, tmp_path / "report")


def test_a_manifest_without_data_files_proves_nothing(maker: ReportMaker, found: Found, tmp_path: Path) -> None:
    maker.write([], DAYS[2])
    (report,), _ = found()
    with pytest.raises(ReportError, match="names no data file") as caught:
        fetched(report, tmp_path / "report")
    assert not isinstance(caught.value, DamagedReportError)


def test_a_destination_with_a_slash_at_its_end(maker: ReportMaker, found: Found, tmp_path: Path) -> None:
    slashed = ReportMaker(maker.server, maker.source, maker.destination, prefix="inv/")
    slashed.write(ROWS, DAYS[2], told_root=f"inv/{maker.source}/daily/")
    (report,), _ = found()
    assert "inv//" in report.root
    assert len(fetched(report, tmp_path / "report").files) == 2


def test_the_list_for_hive_is_the_last_resort(maker: ReportMaker, found: Found, tmp_path: Path) -> None:
    maker.write(ROWS, DAYS[2], data_root="moved/", symlinks="moved/")
    (report,), _ = found()
    assert len(fetched(report, tmp_path / "report").files) == 2


def test_a_report_that_may_not_be_read(maker: ReportMaker, found: Found, tmp_path: Path) -> None:
    maker.write(ROWS, DAYS[2])
    (report,), _ = found()
    denied = {"action": "status", "status": 403, "code": "AccessDenied"}
    with maker.server.faults({"match": "/data/", **denied}), pytest.raises(ReportError, match="kms:Decrypt"):
        fetched(report, tmp_path / "report")
    with maker.server.faults({"match": "manifest[.]json", **denied}), pytest.raises(ReportError, match="kms:Decrypt"):
        found()
    with maker.server.faults({"match": "prefix=inv", **denied}), pytest.raises(ReportError, match="s3:ListBucket"):
        found()


def test_a_report_that_does_not_fit_onto_the_disk(
    maker: ReportMaker, found: Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker.write(ROWS, DAYS[2])
    (report,), _ = found()
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10, 0, 10))
    with pytest.raises(DiskError, match="free some space"):
        fetched(report, tmp_path / "report")


@pytest.mark.parametrize("file_format", ["Parquet", "ORC"])
def test_keys_that_are_no_utf8_are_left_out_and_counted(
    maker: ReportMaker, found: Found, tmp_path: Path, file_format: str
) -> None:
    maker.write([[Row("a"), Row(b"b\xff"), Row("c")]], DAYS[2], file_format=file_format)
    (report,), _ = found()
    result = fetched(report, tmp_path / "report")
    path, unreadable = mended(result.files[0]) if file_format == "Parquet" else (result.files[0], result.unreadable)
    assert unreadable == 1
    assert pq.read_table(path).column("key").to_pylist() == ["a", "c"]


def place(filter_prefix: str | None) -> ReportPlace:
    return ReportPlace(bucket="d", roots=("r/",), config_id="c", filter_prefix=filter_prefix, requests=0)


@pytest.mark.parametrize(
    ("lake_prefix", "told", "keys", "covered", "claimed"),
    [
        ("", "", ("a", "b"), "", None),
        ("", "raw/", ("raw/a", "raw/b"), "raw/", None),
        ("raw/", "raw/", ("raw/a", "raw/b"), "", None),
        ("raw/", "raw/espn", ("raw/espn1", "raw/espn2"), "espn", None),
        # What lies beside the lake shows as well that no filter left the lake out.
        ("raw/espn/", "", ("raw/a", "raw/z"), "", None),
        ("raw/espn/", None, ("a", "z"), "", None),
        # Nobody told: what all keys have in common is covered for certain.
        ("", None, ("raw/a1", "raw/a2"), "raw/a", None),
        ("", None, ("a", "b"), "", None),
        ("", None, ("one", "one"), "one", None),
        # What is told today is no proof of what was told when the report was made.
        ("", "", ("raw/a1", "raw/a2"), "raw/a", ""),
        ("", "raw/", ("raw/a1", "raw/a2"), "raw/a", "raw/"),
        ("raw/", "", ("raw/a1", "raw/a2"), "a", ""),
        # Made before the configuration was changed.
        ("", "raw/x/", ("raw/a", "raw/b"), "raw/", None),
    ],
)
def test_what_a_report_covers(
    bucket_lake: OpenBucket,
    lake_prefix: str,
    told: str | None,
    keys: tuple[str, str],
    covered: str,
    claimed: str | None,
) -> None:
    coverage = covered_prefix(place(told), bucket_lake("lake", lake_prefix), *keys)
    assert (coverage.proved, coverage.claimed) == (covered, claimed)
    assert bool(coverage.warnings) == (told == "raw/x/")


def test_a_report_that_covers_nothing_or_nobody_knows_what(bucket_lake: OpenBucket) -> None:
    with pytest.raises(ReportError, match="holds nothing of s3://lake/raw"):
        covered_prefix(place("archive/"), bucket_lake("lake", "raw/"), None, None)
    for told in (None, ""):
        with pytest.raises(ReportError, match="holds no object of s3://lake"):
            covered_prefix(place(told), bucket_lake("lake"), None, None)
        with pytest.raises(ReportError, match="holds no object of s3://lake/raw"):
            covered_prefix(place(told), bucket_lake("lake", "raw/"), "b/1", "b/2")

"""``scan.mode: inventory_report``: whole runs against an S3 server process with reports in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from support.command_line import NOW, Inside
from support.inventory_reports import ALL_COLUMNS, ReportMaker, Row
from support.s3_server import CREDENTIALS, S3Server, s3_server

from recon_core.kept import load_snapshot
from recon_core.schemas import validate_document
from recon_core.workspace import Workspace

__all__ = ["s3_server"]

LAKE = {
    "toy/games/p2.json": (20, "2023-06-03T00:00:00Z"),
    "toy/games/g1.json": (20, "2024-06-02T00:00:00Z"),
    "toy/games/g3.json": (2, "2024-06-04T00:00:00Z"),
    "old/x9.json": (20, "2024-06-07T00:00:00Z"),
    "toy/days/20240601.json": (5, "2024-06-19T00:00:00Z"),
}
OLD, NEW = "2024-06-15T01:00:00Z", "2024-06-20T01:00:00Z"
"""Before and after the last games; both begin before NOW, one of them more than 24 hours."""

Remote = Callable[..., Inside]


@pytest.fixture
def maker(s3_server: S3Server) -> ReportMaker:
    source = s3_server.bucket()
    for key, (size, modified) in LAKE.items():
        s3_server.seed(source, {key: size}, datetime.fromisoformat(modified))
    return ReportMaker(s3_server, source, s3_server.bucket())


@pytest.fixture
def remote(s3_server: S3Server, maker: ReportMaker, mine: Inside) -> Remote:
    """The command in a workspace that scans the bucket by its reports, and has no queue of another lake."""
    (mine.folder / "inventory/gaps.json").unlink()

    def configured(mode: str = "inventory_report", prefix: str = "", **settings: object) -> Inside:
        options = {"destination": f"s3://{maker.destination}/{maker.prefix}", "filter_prefix": "", **settings}
        lake = {"url": f"s3://{maker.source}{prefix}", "endpoint_url": s3_server.endpoint, "region": "us-east-1"}
        config = {"lake": lake, "scan": {"mode": mode, "inventory_report": options}}
        (mine.folder / "config/reconciliation_config.yaml").write_text(json.dumps(config))
        return Inside(mine.folder, {**mine.environment, **CREDENTIALS}, mine.site)

    return configured


def told() -> list[Row]:
    return [Row(key, size=size, modified=modified) for key, (size, modified) in LAKE.items()]


def run(here: Inside, *options: str) -> dict[str, Any]:
    report: dict[str, Any] = here("run", "--now", NOW, "--format", "json", *options).json()
    validate_document("cycle_report", report)
    return report


def verdicts(here: Inside) -> dict[str, tuple[str, str]]:
    """Every item's verdict, and the class of its reason."""
    rows = pq.read_table(here.folder / "inventory/cache/coverage.parquet").to_pylist()
    return {row["item"]: (row["verdict"], (row["reason"] or "").split(":")[0]) for row in rows}


def listed_at(here: Inside, item: str) -> str:
    return str(here("explain", item, "--format", "json").json()["items"][0]["evidence"]["candidates"][0]["evidence_at"])


@pytest.mark.parametrize("file_format", ["CSV", "Parquet", "ORC"])
def test_a_report_and_a_listing_say_the_same(remote: Remote, maker: ReportMaker, file_format: str) -> None:
    maker.write([told()[:2], told()[2:]], NEW, file_format=file_format)
    here = remote(margin_hours=0)
    report = run(here)
    assert (report["scan"]["mode"], report["scan"]["evidence_at"], report["scan"]["objects"]) == (
        "inventory_report", NEW, len(LAKE),
    )  # fmt: skip
    assert report["warnings"] == []
    by_report, objects = verdicts(here), pq.read_table(here.folder / "inventory/cache/snapshot.parquet")
    snapshot = load_snapshot(Workspace(here.folder))
    validate_document("snapshot", snapshot.document())
    assert snapshot.report is not None
    assert (snapshot.report.files, snapshot.bytes) == (2, sum(size for size, _ in LAKE.values()))
    run(remote("listing"))
    assert verdicts(here) == by_report
    listed = pq.read_table(here.folder / "inventory/cache/snapshot.parquet")
    columns = ["key", "size", "last_modified"]
    assert objects.select(columns).to_pylist() == listed.select(columns).to_pylist()


def test_what_fell_due_since_the_report_is_listed_afresh(
    remote: Remote, maker: ReportMaker, s3_server: S3Server
) -> None:
    maker.write([told()], OLD)
    s3_server.seed(maker.source, {"toy/games/g5.json": 20}, datetime.fromisoformat("2024-06-18T00:00:00Z"))
    report = run(remote())
    here = remote()
    # g5 was played after the report, and its file is there.
    assert verdicts(here)["toy/games/g5"] == ("present", "")
    assert verdicts(here)["toy/days/2024-06-17"] == ("missing", "due 2024-06-18T03")
    assert listed_at(here, "toy/games/g5") == NOW
    assert "evidence too old" not in report["unknown"]["by_reason"]
    assert not [line for line in report["warnings"] if "max_gap_evidence_hours" in line]


def test_old_gaps_are_looked_at_again_before_they_become_tasks(
    remote: Remote, maker: ReportMaker, s3_server: S3Server
) -> None:
    maker.write([told()], OLD)
    s3_server.seed(maker.source, {"toy/games/g2.json": 20}, datetime.fromisoformat("2024-06-19T00:00:00Z"))
    here = remote()
    run(here)
    found = verdicts(here)
    assert found["toy/games/g2"] == ("present", "")
    assert found["toy/games/g4"][0] == "missing"
    assert found["toy/games/g3"][0] == "undersized"
    assert [listed_at(here, f"toy/games/{game}") for game in ("g2", "g3", "g4")] == [NOW] * 3
    # What the report itself proves is not asked for again: the rest of the lake keeps the report's time.
    assert listed_at(here, "toy/games/p2") == "2024-06-14T19:00:00Z"


def test_objects_of_freshly_listed_ranges_replace_those_of_the_report(
    remote: Remote, maker: ReportMaker, s3_server: S3Server
) -> None:
    gone = Row("toy/games/g4.json", size=2, modified="2024-06-05T00:00:00Z")
    maker.write([[*told(), gone]], OLD)
    s3_server.seed(maker.source, {"toy/games/g3.json": 50}, datetime.fromisoformat("2024-06-19T00:00:00Z"))
    here = remote()
    run(here)
    assert verdicts(here)["toy/games/g3"] == ("present", "")
    assert verdicts(here)["toy/games/g4"][0] == "missing"
    keys = pq.read_table(here.folder / "inventory/cache/snapshot.parquet").column("key").to_pylist()
    assert keys == sorted(LAKE)


def test_without_listing_afresh_what_the_report_is_too_old_for_stays_unknown(
    remote: Remote, maker: ReportMaker, s3_server: S3Server
) -> None:
    maker.write([told()], OLD)
    here = remote(list_afresh=False)
    s3_server.requests()
    report = run(here)
    assert not [line for line in s3_server.requests() if f"/{maker.source}?" in line]
    assert verdicts(here)["toy/games/g5"] == ("unknown", "evidence too old")
    assert verdicts(here)["toy/games/g4"][0] == "missing"
    (warning,) = report["warnings"]
    assert "2024-06-14T19:00:00Z, longer ago than scan.max_gap_evidence_hours (24)" in warning


def test_the_margin_belongs_to_the_evidence(remote: Remote, maker: ReportMaker) -> None:
    # g5 is due at 2024-06-18T03:00Z.
    maker.write([told()], "2024-06-18T08:00:00Z")
    for margin, verdict in ((5, "missing"), (5.1, "unknown")):
        here = remote(list_afresh=False, margin_hours=margin)
        run(here)
        assert verdicts(here)["toy/games/g5"][0] == verdict


def test_outside_of_the_filter_nothing_is_known(remote: Remote, maker: ReportMaker) -> None:
    maker.write([[row for row in told() if row.key.startswith("toy/")]], NEW)  # type: ignore[arg-type]
    for settings in ({"filter_prefix": "toy/"}, {"filter_prefix": None}):
        here = remote(**settings)
        run(here)
        assert verdicts(here)["toy/games/g4"] == ("unknown", "not scanned")
        assert verdicts(here)["toy/games/g1"] == ("present", "")
        # Days have one layout, below toy/.
        assert verdicts(here)["toy/days/2024-06-02"][0] == "missing"


def of_games() -> list[Row]:
    """What a report held while its configuration was limited to the games in their new place."""
    return [row for row in told() if str(row.key).startswith("toy/games/")]


def test_a_filter_that_was_widened_since_the_report_proves_no_gap(
    remote: Remote, maker: ReportMaker, s3_server: S3Server
) -> None:
    maker.write([of_games()], NEW)
    s3_server.seed(maker.source, {"old/g4.json": 20}, datetime.fromisoformat("2024-06-06T00:00:00Z"))
    here = remote(margin_hours=0, list_afresh=False)
    (warning,) = run(here)["warnings"]
    assert "all keys of the report begin with 'toy/games/'" in warning
    found = verdicts(here)
    assert found["toy/games/g1"] == ("present", "")
    for item in ("toy/games/g2", "toy/games/g4", "toy/days/2024-06-01", "toy/days/2024-06-02"):
        assert found[item] == ("unknown", "not scanned"), item
    # Listed afresh, it is as if the whole lake had been: one request for each place where something is expected.
    s3_server.requests()
    here = remote(margin_hours=0)
    assert run(here)["warnings"] == []
    lists = [line for line in s3_server.requests() if f"/{maker.source}?" in line and "list-type=2" in line]
    assert len(lists) <= 3
    by_report = verdicts(here)
    assert listed_at(here, "toy/days/2024-06-02") == NOW
    run(remote("listing"))
    assert verdicts(here) == by_report


def test_a_dataset_without_a_key_is_withheld_where_only_a_listing_proves_that(
    remote: Remote, maker: ReportMaker, s3_server: S3Server
) -> None:
    maker.write([of_games()], NEW)
    s3_server.delete(maker.source, ["toy/days/20240601.json"])
    here = remote()
    report = here("run", "--now", NOW, "--format", "json", code=2).json()
    assert [(one["source"], one["data_type"]) for one in report["tasks"]["refused"]] == [("toy", "days")]
    assert report["tasks"]["withheld"]["gaps"] > 0
    assert verdicts(here)["toy/days/2024-06-02"][0] == "missing"
    # recon chose to list that folder, no prefix is configured.
    assert not [line for line in report["warnings"] if "lake.prefixes" in line]


def refused(match: str) -> dict[str, Any]:
    return {"match": match, "action": "status", "status": 403, "code": "AccessDenied"}


def test_a_lake_that_may_not_be_listed_leaves_unknown_what_the_report_is_too_old_for(
    remote: Remote, maker: ReportMaker, s3_server: S3Server
) -> None:
    maker.write([told()], OLD)
    here = remote(fallback=False)
    with s3_server.faults(refused(f"/{maker.source}.*list-type=2")):
        report = run(here)
    assert (report["scan"]["mode"], report["scan"]["objects"]) == ("inventory_report", len(LAKE))
    found = verdicts(here)
    assert found["toy/games/g1"] == ("present", "")
    assert found["toy/games/g5"] == ("unknown", "denied")
    assert report["unknown"]["by_reason"]["denied"] > 0


def test_keys_are_listed_afresh_by_folders_where_only_these_may_be_listed(
    remote: Remote, maker: ReportMaker, s3_server: S3Server
) -> None:
    maker.write([told()], OLD)
    s3_server.seed(maker.source, {"toy/games/g5.json": 20}, datetime.fromisoformat("2024-06-18T00:00:00Z"))
    here = remote(fallback=False)
    # As a policy with a condition on s3:prefix does: nothing above the folders, and one of them not either.
    with s3_server.faults(refused(f"/{maker.source}.*list-type=2.*prefix=(?!toy/games/|old/)")):
        run(here)
    found = verdicts(here)
    assert found["toy/games/g5"] == ("present", "")
    assert found["toy/games/g4"][0] == "missing"
    assert listed_at(here, "toy/games/g4") == NOW
    assert found["toy/days/2024-06-17"] == ("unknown", "denied")


def test_versions_deletions_and_the_reports_own_files(remote: Remote, s3_server: S3Server, maker: ReportMaker) -> None:
    inside = ReportMaker(s3_server, maker.source, maker.source, prefix="inventories")
    rows = [
        *told(),
        Row("toy/games/g2.json", size=20, modified="2024-06-03T00:00:00Z", latest=False, version="1"),
        Row("toy/games/g2.json", size=None, modified="2024-06-04T00:00:00Z", deleted=True, version="2"),
        Row("toy/games/g1.json", size=1, modified="2024-06-01T00:00:00Z", latest=False, version="0"),
        *told(),
        Row(f"{inside.root}data/x.csv.gz", size=9),
    ]
    inside.write([rows], NEW, flags=("True", "FALSE"))
    here = remote(destination=f"s3://{maker.source}/inventories")
    report = run(here)
    assert verdicts(here)["toy/games/g2"][0] == "missing"
    assert verdicts(here)["toy/games/g1"] == ("present", "")
    assert report["scan"]["objects"] == len(LAKE)
    assert report["objects"]["unrecognised"] == 0
    # S3 charges every row: old versions, marks of deletion, and what is not of the lake.
    snapshot = load_snapshot(Workspace(here.folder))
    assert snapshot.report is not None
    assert snapshot.report.rows == len(rows)
    gets = 3
    assert snapshot.usd == pytest.approx(((snapshot.requests - gets) * 5 + gets * 0.4 + len(rows) * 0.0025) / 1e6)


def test_a_lake_that_is_a_prefix_of_its_bucket(remote: Remote, maker: ReportMaker, s3_server: S3Server) -> None:
    lake = [Row(f"raw/data/{row.key}", row.size, row.modified) for row in told()]  # type: ignore[str-bytes-safe]
    maker.write([[Row("raw/data/", 0), *lake, Row("raw/database", 1), Row("a", 1)]], NEW)
    here = remote(prefix="/raw/data", list_afresh=False)
    assert run(here)["scan"]["objects"] == len(LAKE)
    assert verdicts(here)["toy/games/g1"] == ("present", "")


def test_no_size_or_time_is_unknown_and_shown(remote: Remote, maker: ReportMaker) -> None:
    columns = [name for name in ALL_COLUMNS if name != "Size"]
    maker.write([[*told(), Row("stray", modified="2024-06-01T00:00:00Z")]], NEW, columns=columns)
    here = remote()
    report = run(here)
    assert report["unknown"]["by_reason"]["no size or time"] == 5
    assert verdicts(here)["toy/games/g1"] == ("unknown", "no size or time")
    assert verdicts(here)["toy/games/g4"][0] == "missing"
    out = here("run", "--now", NOW).out
    assert "does not tell how large or how new" in out
    assert "Read from an inventory report: 6 objects" in out
    assert "of unknown size, 2024-06-02T00:00:00Z" in here("explain", "toy/games/g1").out
    assert "of unknown size, last modified 2024-06-01T00:00:00Z" in here("explain", "stray").out
    assert "stray" in here("objects").out
    assert "stray" in here("objects", "--unrecognised").out
    columns = [name for name in ALL_COLUMNS if name != "LastModifiedDate"]
    maker.write([[*told(), Row("stray")]], "2024-06-20T02:00:00Z", columns=columns)
    assert run(here)["unknown"]["by_reason"]["no size or time"] == 5
    assert "at an unknown time" in here("explain", "toy/games/g1").out
    assert "stray" in here("objects", "--unrecognised").out


@pytest.mark.parametrize("fallback", [True, False])
def test_without_a_report_the_lake_is_listed_or_the_run_ends(
    remote: Remote, maker: ReportMaker, fallback: bool
) -> None:
    here = remote(fallback=fallback, max_age_hours=24)
    maker.write([told()], OLD)
    if not fallback:
        done = here("run", "--now", NOW, code=3)
        assert "max_age_hours (24)" in done.err
        assert done.err.count("\n") == 1
        return
    report = run(here)
    assert report["scan"]["mode"] == "listing"
    (warning,) = report["warnings"]
    assert warning.startswith("no inventory report was used, and the lake was listed instead: s3://")
    assert report["scan"]["objects"] == len(LAKE)


def test_a_damaged_report_gives_way_to_the_one_before(remote: Remote, maker: ReportMaker) -> None:
    maker.write([told()], OLD)
    maker.write([told()], NEW, told_md5="0" * 32)
    here = remote(list_afresh=False)
    done = here("run", "--now", NOW, "--format", "json")
    assert done.json()["scan"]["evidence_at"] == OLD
    assert "does not have the MD5 that it names: an earlier report is looked for" in done.err


def test_a_late_answer_of_a_damaged_report_stays_out_of_the_one_before(remote: Remote, maker: ReportMaker) -> None:
    maker.write([told()[:2], told()[2:]], OLD)
    maker.write([told()[:2], []], NEW, told_md5="0" * 32)
    # The damaged report's second file comes while the report before it has its own, and waits for its first one.
    late = {"match": "/data/20240620-1", "action": "hang", "seconds": 1}
    slow = {"match": "/data/20240615-0", "action": "hang", "seconds": 3}
    here = remote(list_afresh=False)
    with maker.server.faults(late, slow):
        report = run(here)
    assert (report["scan"]["evidence_at"], report["scan"]["objects"]) == (OLD, len(LAKE))
    keys = pq.read_table(here.folder / "inventory/cache/snapshot.parquet").column("key").to_pylist()
    assert keys == sorted(LAKE)


@pytest.mark.parametrize("file_format", ["CSV", "Parquet"])
def test_data_files_that_are_no_such_files_are_damage(remote: Remote, maker: ReportMaker, file_format: str) -> None:
    broken = ReportMaker(
        maker.server, maker.source, maker.destination, broken={"fileFormat": file_format, "fileSchema": "Bucket, Key"}
    )
    other = "Parquet" if file_format == "CSV" else "CSV"
    broken.write([told()], NEW, file_format=other)
    here = remote(fallback=False)
    done = here("run", "--now", NOW, code=3)
    assert "cannot be read" in done.err
    assert (here.folder / "inventory/cache/snapshot.json").exists()
    assert list((here.folder / "inventory/cache").glob(".staging*")) == []


def test_a_report_without_rows(remote: Remote, maker: ReportMaker) -> None:
    # It has no key that would show what it covered, whatever its configuration says today.
    maker.write([[]], NEW)
    for filter_prefix in ("", None):
        done = remote(filter_prefix=filter_prefix, fallback=False)("run", "--now", NOW, code=3)
        assert "the report holds no object of" in done.err
    report = run(remote())
    assert (report["scan"]["mode"], report["scan"]["objects"]) == ("listing", len(LAKE))


def test_a_report_of_other_parts_of_the_bucket_proves_that_the_lake_is_empty(
    remote: Remote, maker: ReportMaker
) -> None:
    maker.write([[Row("a/1"), Row("z/1", latest=False)]], NEW)
    here = remote(prefix="/raw", list_afresh=False)
    report = here("run", "--now", NOW, "--format", "json", code=2).json()
    assert report["scan"]["objects"] == 0
    assert report["tasks"]["total"] == 0
    assert report["tasks"]["withheld"]["gaps"] > 0


def test_keys_that_are_no_utf8_are_counted(remote: Remote, maker: ReportMaker) -> None:
    for number, file_format in enumerate(("CSV", "Parquet", "ORC")):
        rows = [*told(), Row(b"toy/games/\xff\xfe.json")]
        maker.write([rows], f"2024-06-20T0{number + 1}:00:00Z", file_format=file_format)
        report = run(remote())
        assert report["warnings"] == ["skipped 1 objects whose key is not UTF-8"]
        snapshot = load_snapshot(Workspace(remote().folder))
        assert snapshot.report is not None
        assert snapshot.report.rows == len(rows)
        assert report["scan"]["objects"] == len(LAKE)


def test_a_folder_has_no_inventory_reports(remote: Remote, mine: Inside, template: Path) -> None:
    here = remote()
    config = here.folder / "config/reconciliation_config.yaml"
    settings = json.loads(config.read_text())
    settings["lake"] = {"url": (template / "lake").as_uri()}
    config.write_text(json.dumps(settings))
    (warning,) = run(here)["warnings"]
    assert "only S3 writes: set scan.mode to listing" in warning


def test_steps_by_hand_dry_runs_and_the_same_bytes(remote: Remote, maker: ReportMaker) -> None:
    maker.write([told()], OLD)
    here = remote()
    cache = here.folder / "inventory/cache"
    names = ("snapshot.parquet", "coverage.parquet", "gaps.parquet", "objects.parquet")
    run(here)
    first = {name: (cache / name).read_bytes() for name in names}
    for command in (["scan", "--now", NOW], ["analyze", "--now", NOW], ["detect"], ["generate"]):
        here(*command)
    assert {name: (cache / name).read_bytes() for name in names} == first
    before = {path: path.read_bytes() for path in cache.iterdir() if path.is_file() and path.name != "recon.lock"}
    run(here, "--dry-run")
    assert {path: path.read_bytes() for path in before} == before
    shown = here("scan", "--show").out
    assert "By inventory report" in shown
    assert "manifest.json (1 file, " in shown
    assert f", {len(LAKE)} rows)" in shown


def test_the_doctor_looks_for_a_report(remote: Remote, maker: ReportMaker) -> None:
    def looked(code: int = 0, **settings: object) -> dict[str, str]:
        checks = remote(**settings)("doctor", "--now", NOW, "--format", "json", code=code).json()["checks"]
        return next(check for check in checks if check["name"] == "inventory report")

    assert looked()["state"] == "warn"
    assert looked(code=3, fallback=False)["state"] == "fail"
    maker.write([told()], OLD)
    found = looked()
    assert found["state"] == "ok"
    assert "2024-06-15T01-00Z/manifest.json: began 2024-06-15T01:00Z, 1 files" in found["detail"]
    maker.write([told()], NEW, checksum=None)
    found = looked()
    assert found["state"] == "warn"
    assert "not delivered whole yet" in found["detail"]


def test_an_estimate_tells_what_a_report_costs_beside_a_listing(remote: Remote, maker: ReportMaker) -> None:
    def rows(here: Inside) -> dict[str, Any]:
        found = here("scan", "--estimate", "--now", NOW, "--format", "json").json()
        validate_document("scan_estimate", found)
        assert found["configured"] == "inventory_report"
        return {row["mode"]: row for row in found["modes"]}

    maker.write([told()], NEW)
    for path in (remote().folder / "inventory/cache").glob("snapshot.*"):
        path.unlink()
    before = rows(remote())
    assert set(before) == {"listing", "sample", "inventory_report"}
    assert before["inventory_report"]["seconds"] is None
    scan = run(remote())["scan"]
    # A data file, the manifest and its checksum are read; what else was asked for are lists.
    lists, objects = scan["requests"] - 3, scan["objects"]
    assert scan["usd"] == pytest.approx((lists * 5 + 3 * 0.4) / 1e6 + objects * 0.0025 / 1e6)
    row = rows(remote())["inventory_report"]
    assert (row["requests"], row["usd"], row["seconds"]) == (scan["requests"], scan["usd"], scan["seconds"])
    assert row["unknown_items"] == 0
    alone = rows(remote(list_afresh=False))["inventory_report"]
    assert alone["unknown_items"] == 0  # nothing fell due in the last 30 hours
    recent = rows(remote(list_afresh=False, margin_hours=100))["inventory_report"]
    assert recent["unknown_items"] > 0
    assert recent["unknown_because"].startswith("they fell due in the last 124 hours, or a key of theirs lies outside")
    assert before["inventory_report"]["requests"] >= 6


def test_an_estimate_counts_the_gaps_that_a_report_is_too_old_for(remote: Remote) -> None:
    def requests(limit: float) -> int:
        here = remote()
        config = here.folder / "config/reconciliation_config.yaml"
        settings = json.loads(config.read_text())
        settings["scan"]["max_gap_evidence_hours"] = limit
        config.write_text(json.dumps(settings))
        found = here("scan", "--estimate", "--now", NOW, "--format", "json").json()
        (row,) = (row for row in found["modes"] if row["mode"] == "inventory_report")
        return int(row["requests"])

    report = run(remote("listing"))
    assert report["gaps"]["total"] > 0
    # Nothing fell due in the last 30 hours, and all keys are on one page.
    assert requests(24) == requests(48) + 1

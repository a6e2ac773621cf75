"""Containers that were rewritten after an inventory report began are judged as they are now."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.fake_distributions import ROWING, Site
from support.inventory_reports import ReportMaker, Row
from support.s3_server import CREDENTIALS, S3Server, s3_server

from recon_core.cycle import run_cycle
from recon_core.progress import NoProgress
from recon_core.request import RunRequest
from recon_core.workspace import Workspace

__all__ = ["s3_server"]

NOW = datetime(2024, 5, 10, 12, tzinfo=UTC)
BEGAN = "2024-05-10T01:00:00Z"
RESULTS = "rowing/results_2024.parquet"
BEFORE, AFTER = ["202402", "202404"], ["202402", "202404", "202405", "202406"]


def container(races: list[str]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({"race_id": [int(race) for race in races]}), stream)
    return stream.getvalue()


Judged = Callable[..., dict[str, tuple[str, str]]]


@pytest.fixture
def judged(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch, s3_server: S3Server) -> Any:
    """Verdict and reason of every race after a run by a report that saw ``BEFORE`` in the container."""
    maker = ReportMaker(s3_server, s3_server.bucket(), s3_server.bucket())
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    ws = Workspace(tmp_path / "workspace")
    ws.inventory_file.parent.mkdir(parents=True)
    ws.config_file.parent.mkdir()
    ws.inventory_file.write_text(
        "expected_coverage: {rowing: {seasons: [S2024], data_types: {results: {}}}}\n", encoding="utf-8"
    )
    site.add(ROWING)

    def run(now_inside: list[str], **options: Any) -> dict[str, tuple[str, str]]:
        old, new = container(BEFORE), container(now_inside)
        seen = Row(RESULTS, len(old), "2024-05-10T00:30:00Z", etag=hashlib.md5(old).hexdigest())
        maker.write([[seen, Row("other/1", 1)]], BEGAN)
        modified = "2024-05-10T09:00:00Z" if new != old else seen.modified
        s3_server.seed(maker.source, {RESULTS: new}, datetime.fromisoformat(modified))
        report = {"destination": f"s3://{maker.destination}/{maker.prefix}", "filter_prefix": "", **options}
        lake = {"url": f"s3://{maker.source}", "endpoint_url": s3_server.endpoint, "region": "us-east-1"}
        ws.config_file.write_text(
            json.dumps({"lake": lake, "scan": {"mode": "inventory_report", "inventory_report": report}})
        )
        run_cycle(ws, RunRequest(now=NOW, now_given=True, clock=lambda: NOW), NoProgress())
        rows = pq.read_table(ws.cache_dir / "coverage.parquet").to_pylist()
        return {row["item"].rpartition("/")[2]: (row["verdict"], row["reason"] or "") for row in rows}

    with site.active():
        yield run


def test_a_container_that_was_rewritten_since_the_report_is_judged_as_it_is(judged: Judged) -> None:
    found = judged(AFTER)
    assert [found[race][0] for race in AFTER] == ["present"] * 4
    assert found["202407"][0] == "missing"
    assert "listed 2024-05-10T12:00Z" in found["202407"][1]


def test_without_listing_afresh_it_stays_unknown(judged: Judged) -> None:
    found = judged(AFTER, list_afresh=False)
    assert found["202405"][0] == "unknown"
    assert "it has changed since the scan" in found["202405"][1]
    assert judged(BEFORE, list_afresh=False)["202404"][0] == "present"

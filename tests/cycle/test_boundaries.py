"""What a run may not do: go on from another inventory's analysis, forget the past, or let one bad parser stop all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.fake_distributions import ARCHIVE, WEATHER, Site

from recon_core.api import UsageError
from recon_core.cycle import run_analyze, run_cycle, run_detect, run_generate
from recon_core.progress import NoProgress
from recon_core.request import RunRequest
from recon_core.workspace import Workspace

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)
INVENTORY = "expected_coverage:\n  weather: {{seasons: ['2024'], options: {{stations_unknown: {unknown}}}}}\n"


def at(now: datetime) -> RunRequest:
    return RunRequest(now=now, clock=lambda: now, now_given=True, accept_empty=True)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


@pytest.fixture
def ws(tmp_path: Path, site: Site) -> Iterator[Workspace]:
    site.add(WEATHER)
    root = tmp_path / "ws"
    for folder in ("config", "inventory", "lake"):
        (root / folder).mkdir(parents=True)
    (root / "config/reconciliation_config.yaml").write_text(f"lake: {{url: '{(root / 'lake').as_uri()}'}}\n")
    (root / "inventory/data_inventory.yaml").write_text(INVENTORY.format(unknown="false"))
    with site.active():
        yield Workspace(root)


def expect(ws: Workspace, text: str) -> None:
    ws.inventory_file.write_text(text)


def test_later_steps_refuse_an_analysis_of_another_inventory(ws: Workspace) -> None:
    run_cycle(ws, at(NOW), NoProgress())
    run_analyze(ws, at(NOW), NoProgress())
    run_detect(ws, at(NOW), NoProgress())
    expect(ws, "expected_coverage:\n  weather: {seasons: ['2024'], data_types: {bulletins: }}\n")
    for step in (run_detect, run_generate):
        with pytest.raises(UsageError, match="changed since the last analysis: run `recon analyze` again"):
            step(ws, at(NOW), NoProgress())


def test_a_gap_of_a_dataset_that_is_not_asked_for_any_more_is_not_closed(ws: Workspace) -> None:
    before = run_cycle(ws, at(NOW), NoProgress()).report
    expect(ws, "expected_coverage:\n  weather: {seasons: ['2024'], data_types: {bulletins: }}\n")
    after = run_cycle(ws, at(NOW), NoProgress()).report
    readings = sum(row["missing"] for row in before["coverage"] if row["data_type"] == "readings")
    assert readings > 0
    assert after["changes"] == {"new": 0, "closed": 0, "reopened": 0}
    assert after["tasks"]["unverified"] == readings


def test_a_required_dataset_that_nobody_could_name_counts_as_unknown(ws: Workspace) -> None:
    expect(ws, INVENTORY.format(unknown="true"))
    report = run_cycle(ws, at(NOW), NoProgress()).report
    assert report["unknown"]["required_due"] == 1


def test_a_queue_elsewhere_keeps_the_past(ws: Workspace, tmp_path: Path) -> None:
    run_cycle(ws, at(NOW), NoProgress())
    default = ws.queue_file.read_bytes()
    later = NOW + timedelta(hours=1)
    elsewhere = tmp_path / "q.json"
    request = RunRequest(now=later, clock=lambda: later, now_given=True, accept_empty=True, queue_file=elsewhere)
    report = run_cycle(ws, request, NoProgress()).report
    assert (report["changes"]["new"], ws.queue_file.read_bytes()) == (0, default)
    seen = {item["first_seen"] for task in json.loads(elsewhere.read_text())["tasks"] for item in task["items"]}
    assert seen == {"2024-03-10T12:00:00Z"}
    run_generate(ws, at(later), NoProgress())
    seen = {item["first_seen"] for task in json.loads(ws.queue_file.read_text())["tasks"] for item in task["items"]}
    assert seen == {"2024-03-10T12:00:00Z"}


def test_a_key_parser_that_raises_costs_its_own_source_only(ws: Workspace, site: Site, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    for path in ARCHIVE.rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            target = broken / path.relative_to(ARCHIVE)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(
                path.read_text().replace("    game_id = key.rpartition", "    1 / 0\n    game_id = key.rpartition")
            )
    site.add(broken)
    scans = ws.root / "lake/archive/scans/aa"
    scans.mkdir(parents=True)
    (scans / "q20240101.pdf").write_text("x")
    expect(ws, INVENTORY.format(unknown="false") + "  archive: {seasons: ['2024']}\n")
    with site.active():
        result = run_cycle(ws, at(NOW), NoProgress())
    rows = {(row["source"], row["data_type"]): row for row in result.report["coverage"]}
    assert result.exit_code == 2
    assert [failure["hook"] for failure in result.report["failures"]] == ["recon_parse_key"]
    scans_row = rows["archive", "scans"]
    assert scans_row["unknown"] == scans_row["expected"] > 0
    assert rows["weather", "readings"]["missing"] > 0

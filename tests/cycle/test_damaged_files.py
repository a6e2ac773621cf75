"""Whatever is damaged in a workspace: one line that names the file and what mends it, and nothing is touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command_line import NOW, Inside

OUTPUTS = ("inventory/gaps.json", "inventory/cache/coverage.parquet", "inventory/cache/cycle.json")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def scramble(path: Path) -> None:
    """The footer stays as it was, what lies before it does not."""
    content = bytearray(path.read_bytes())
    footer = int.from_bytes(content[-8:-4], "little") + 8
    content[4 : len(content) - footer] = b"\xff" * (len(content) - footer - 4)
    path.write_bytes(content)


def garble(path: Path) -> None:
    path.write_bytes(b"\x00\xffgarbage")


def truncate_json(path: Path) -> None:
    path.write_text(path.read_text()[:-30])


def other_json(path: Path) -> None:
    path.write_text('{"schema_version": 1, "report": {"cycle_id": 3}, "empty": [], "unseen": []}')


def nest(path: Path) -> None:
    path.write_text("[" * 100_000)


@pytest.mark.parametrize(
    ("name", "spoil", "command", "mend"),
    [
        ("inventory/schedules/toy/2024.parquet", cut, "run", "recon schedules pull toy --season 2024"),
        ("inventory/schedules/toy/2024.parquet", scramble, "run", "recon schedules pull toy --season 2024"),
        ("inventory/schedules/toy/2024.parquet", garble, "run", "recon schedules pull toy --season 2024"),
        ("inventory/cache/snapshot.parquet", cut, "analyze", "recon scan"),
        ("inventory/cache/snapshot.parquet", scramble, "analyze", "recon scan"),
        ("inventory/cache/snapshot.json", garble, "analyze", "recon scan"),
        ("inventory/cache/coverage.parquet", cut, "detect", "recon analyze"),
        ("inventory/cache/coverage.parquet", scramble, "detect", "recon analyze"),
        ("inventory/cache/analysis.json", truncate_json, "detect", "recon analyze"),
        ("inventory/cache/analysis.json", other_json, "detect", "recon analyze"),
        ("inventory/cache/analysis.json", nest, "detect", "recon analyze"),
        ("inventory/cache/gaps.parquet", cut, "generate", "recon detect"),
        ("inventory/cache/gaps.parquet", scramble, "generate", "recon detect"),
        ("inventory/cache/unverified.parquet", garble, "generate", "recon detect"),
        ("inventory/cache/detection.json", garble, "generate", "recon detect"),
        ("inventory/cache/ledger.parquet", cut, "run", "move inventory/cache/ledger.parquet away"),
        ("inventory/cache/ledger.parquet", garble, "generate", "move inventory/cache/ledger.parquet away"),
        ("inventory/gaps.json", truncate_json, "run", "move it away to start afresh"),
        ("inventory/gaps.json", nest, "generate", "move it away to start afresh"),
    ],
)
def test_damage_is_named_with_what_mends_it(
    mine: Inside, name: str, spoil: Callable[[Path], None], command: str, mend: str
) -> None:
    spoil(mine.folder / name)
    before = {path: (mine.folder / path).read_bytes() for path in OUTPUTS}
    now = ["--now", NOW] if command in ("run", "analyze") else []
    done = mine(command, *now, code=None)
    assert done.code in (2, 3), done.err
    assert done.out == ""
    assert done.err.count("\n") == 1, done.err
    assert Path(name).name in done.err
    assert mend in done.err
    assert {path: (mine.folder / path).read_bytes() for path in OUTPUTS} == before
    assert not list((mine.folder / "inventory/cache").glob(".staging-*"))


def test_what_a_run_does_not_read_it_makes_anew(mine: Inside) -> None:
    before = (mine.folder / "inventory/gaps.json").read_bytes()
    for path in (mine.folder / "inventory/cache").iterdir():
        if path.name != "ledger.parquet" and path.is_file():
            garble(path)
    mine("run", "--now", NOW)
    assert (mine.folder / "inventory/gaps.json").read_bytes() == before


def test_files_of_two_cycles_are_not_mixed(mine: Inside) -> None:
    cache = mine.folder / "inventory/cache"
    kept = {name: (cache / name).read_bytes() for name in ("coverage.parquet", "gaps.parquet")}
    mine("run", "--now", "2024-06-30T12:00:00Z")
    for name, content in kept.items():
        (cache / name).write_bytes(content)
    assert "different cycles: run `recon analyze`" in mine("detect", code=2).err
    assert "different cycles: run `recon detect`" in mine("generate", code=2).err


def test_an_impossible_status_in_a_schedule_is_refused(mine: Inside) -> None:
    import pyarrow.parquet as pq

    path = mine.folder / "inventory/schedules/toy/2024.parquet"
    table = pq.read_table(path)
    place = table.schema.get_field_index("status")
    wrong = table.set_column(place, table.schema.field(place), [["finished"] * len(table)])
    pq.write_table(wrong, path)
    done = mine("run", "--now", NOW, code=2)
    assert "'finished'" in done.err
    assert done.err.count("\n") == 1


def test_old_evidence_is_warned_of_and_changes_no_verdict(mine: Inside) -> None:
    def warned(*options: str) -> tuple[bool, object]:
        report = mine("run", *options, "--format", "json").json()
        return any("scan.max_gap_evidence_hours (1)" in line for line in report["warnings"]), report["gaps"]

    config = mine.folder / "config/reconciliation_config.yaml"
    config.write_text(config.read_text() + "scan: {max_gap_evidence_hours: 1}\n")
    assert warned("--now", "2024-06-20T13:00:00Z", "--use-cache")[0] is False
    old, gaps = warned("--now", "2024-06-20T13:00:01Z", "--use-cache")
    fresh, same = warned("--now", "2024-06-20T13:00:01Z")
    assert (old, fresh) == (True, False)
    assert gaps == same


def test_a_step_slower_than_its_target_is_warned_of_and_marked(mine: Inside) -> None:
    config = mine.folder / "config/reconciliation_config.yaml"
    config.write_text(config.read_text() + "targets: {scan: 3600, analyze: 0.000001}\n")
    report = mine("run", "--now", NOW, "--format", "json").json()
    assert {step["name"]: step["ok"] for step in report["steps"]} == {
        "scan": True, "analyze": False, "detect": True, "generate": True,
    }  # fmt: skip
    assert [line for line in report["warnings"] if "targets.analyze" in line]
    assert report["exit_code"] == 0
    assert json.loads((mine.folder / "inventory/cache/cycle.json").read_text())["steps"] == report["steps"]

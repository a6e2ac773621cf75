from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from filelock import FileLock
from support.command_line import NOW, Recon

import recon_core.cycle
from recon_core.api import LakeError
from recon_core.cli.main import run_command_line
from recon_core.schemas import validate_document


def last_run(root: Path) -> dict[str, object]:
    record: dict[str, object] = json.loads((root / "inventory/cache/last_run.json").read_text())
    validate_document("last_run", record)
    return record


def test_a_lake_that_is_not_there_is_exit_code_3(here: Recon) -> None:
    done = here("run", "--lake", "file:///no/such/lake", code=3)
    assert done.out == ""
    assert done.err.startswith("recon: ")
    assert done.err.count("\n") == 1
    record = last_run(here.folder)
    assert record["exit_code"] == 3
    assert record["cycle_id"] is None
    assert str(record["error"]) in done.err


def test_a_lock_that_is_held_is_exit_code_3(here: Recon) -> None:
    with FileLock(here.folder / "inventory/cache/recon.lock"):
        done = here("run", "--now", NOW, code=3)
    assert "another recon is at work" in done.err
    here("run", "--now", NOW)


def test_a_place_that_cannot_be_written_to_is_exit_code_3(here: Recon) -> None:
    cache = here.folder / "inventory/cache"
    cache.rename(here.folder / "elsewhere")
    cache.write_text("in the way")
    done = here("run", "--now", NOW, code=3)
    assert "cannot write" in done.err
    assert done.err.count("\n") == 1
    assert cache.read_text() == "in the way"


def test_a_queue_file_that_is_a_folder_is_refused_before_the_lake_is_asked(here: Recon) -> None:
    done = here("run", "--lake", "file:///no/such/lake", "--queue-file", "inventory", code=2)
    assert done.err == "recon: --queue-file inventory: a folder stands there: name a file\n"


def test_stdout_on_a_full_disk_is_exit_code_3(outside: Recon) -> None:
    with Path("/dev/full").open("w") as full:
        process = outside.start("gaps", stdout=full, stderr=subprocess.PIPE)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 3
    assert told.startswith("recon: cannot write the result to stdout: ")
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["gaps"], ["gaps", "--format", "json"], ["--help"], ["run", "--now", NOW, "--dry-run"]]
)
def test_a_reader_that_leaves_is_no_error(outside: Recon, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = outside.start(*arguments, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (0, "")


def test_a_reader_that_leaves_does_not_hide_the_exit_code(outside: Recon) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = outside.start(
        "run", "--now", NOW, "--dry-run", "--fail-on", "low", stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    process.communicate(timeout=30)
    assert process.returncode == 4


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_is_exit_code_130_and_one_line(here: Recon, sent: signal.Signals) -> None:
    with contextlib.suppress(FileNotFoundError):
        (here.folder / "inventory/schedules/toy/2025.parquet").unlink()
    stored = (here.folder / "inventory/schedules/toy/2024.parquet").read_bytes()
    process = here.start(
        *("schedules", "pull", "toy", "--season", "2024", "-o", "trouble=slow", "--now", NOW),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    begun = here.folder / "inventory/cache/pull/toy/2024/begun"
    deadline = time.monotonic() + 30
    while not begun.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(sent)
    out, told = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert told == "recon: interrupted; previous outputs are untouched\n"
    assert (here.folder / "inventory/schedules/toy/2024.parquet").read_bytes() == stored


def test_a_failed_plugin_is_exit_code_2_and_the_result_is_shown(here: Recon) -> None:
    inventory = here.folder / "inventory/data_inventory.yaml"
    inventory.write_text(inventory.read_text() + "  broken: {seasons: ['2024']}\n")
    broken = here.folder / "broken"
    broken.mkdir()
    (broken / "recon_broken.py").write_text("raise RuntimeError('out of order')\n")
    info = broken / "recon_broken-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: recon-broken\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[recon]\nbroken = recon_broken\n")
    path = f"{here.environment['PYTHONPATH']}{os.pathsep}{broken}"
    # A failed plugin beats the gaps of --fail-on.
    done = here("run", "--now", NOW, "--fail-on", "low", code=2, PYTHONPATH=path)
    assert "broken is unknown, its plugin failed (recon-broken 0.1)" in done.out
    assert "out of order" in done.out
    assert "total        5      3\n" in done.out
    assert "a plugin failed" in done.err
    assert last_run(here.folder)["exit_code"] == 2
    listed = here("plugins", "list", PYTHONPATH=path).out
    assert "failed: " in listed
    here("plugins", "check", code=2, PYTHONPATH=path)


def test_a_bug_keeps_its_traceback_and_is_exit_code_1(
    here: Recon, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("s3://user:secret@bucket/x?token=secret \x1b[31m")

    monkeypatch.setattr(recon_core.cycle, "run_cycle", broken)
    assert run_command_line(["run", "-w", str(here.folder)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("Traceback (most recent call last):\n")
    assert "ValueError: s3://bucket/x" in told
    assert "secret" not in told
    assert "\x1b" not in told
    assert told.splitlines()[-1].startswith("recon: this is a bug of recon ")
    assert last_run(here.folder)["exit_code"] == 1


def test_a_broken_pipe_to_the_lake_is_no_closed_stdout(
    here: Recon, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(recon_core.cycle, "run_cycle", broken)
    assert run_command_line(["run", "-w", str(here.folder)]) == 1
    assert "BrokenPipeError" in capsys.readouterr().err


def test_an_error_of_a_run_is_told_though_it_cannot_be_recorded(
    here: Recon, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        record.unlink()
        record.mkdir()
        raise LakeError("the lake\nis dry")

    record = here.folder / "inventory/cache/last_run.json"
    monkeypatch.setattr(recon_core.cycle, "run_cycle", broken)
    assert run_command_line(["run", "-w", str(here.folder)]) == 3
    assert capsys.readouterr().err == "recon: the lake\\nis dry\n"


def test_every_attempt_is_recorded_but_a_dry_one(here: Recon) -> None:
    record = last_run(here.folder)
    here("run", "--now", NOW, "--dry-run")
    assert last_run(here.folder) == record
    here("detect")
    assert last_run(here.folder)["command"] == "detect"
    here("run", "--now", NOW, "--fail-on", "critical", code=4)
    record = last_run(here.folder)
    assert record["exit_code"] == 4
    report = json.loads((here.folder / "inventory/cache/cycle.json").read_text())
    assert record["cycle_id"] == report["cycle_id"]

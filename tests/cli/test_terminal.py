"""What a person at a terminal sees. A pseudo-terminal stands in for it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios

import pytest
from support.command_line import NOW, Recon

HIDE_CURSOR = "\x1b[?25l"
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9]m")


def seen(recon: Recon, *arguments: str, columns: int = 100, **environment: str) -> str:
    """All that a command wrote to the terminal, stdout and stderr as they came."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {**recon.environment, "TERM": "xterm-256color", "COLUMNS": str(columns), **environment}
    # Not a fork of this process, whose other threads may hold anything at that moment.
    process = subprocess.Popen(
        [recon.program, *arguments], cwd=recon.folder, env=environment, stdin=its, stdout=its, stderr=its,
        start_new_session=True,
    )  # fmt: skip
    os.close(its)
    text = b""
    with process, os.fdopen(ours, "rb", buffering=0) as terminal:
        # A terminal that nobody writes to any more is an error on Linux.
        with contextlib.suppress(OSError):
            while select.select([terminal], [], [], 60)[0] and (written := terminal.read(65536)):
                text += written
        assert process.wait(timeout=60) == 0
    return text.decode("utf-8")


def test_a_run_shows_a_bar_and_a_table(outside: Recon) -> None:
    text = seen(outside, "run", "--now", NOW, "--dry-run")
    assert HIDE_CURSOR in text
    assert "scan" in text
    assert COLOUR.search(text)
    assert "─" in text
    assert "What it could not see" in text


def test_no_bar_when_it_is_to_be_quiet_or_cannot_be_drawn(outside: Recon) -> None:
    assert HIDE_CURSOR not in seen(outside, "run", "--now", NOW, "--dry-run", "-q")
    assert "\x1b" not in seen(outside, "run", "--now", NOW, "--dry-run", "-v", TERM="dumb")
    assert HIDE_CURSOR not in seen(outside, "run", "--now", NOW, "--dry-run", "--log-format", "json")


def test_no_color_is_obeyed(outside: Recon) -> None:
    assert not COLOUR.search(seen(outside, "gaps", NO_COLOR="1"))
    assert COLOUR.search(seen(outside, "gaps"))
    assert "\x1b" not in seen(outside, "--help", NO_COLOR="1")
    assert "\x1b[1m" in seen(outside, "--help")


def test_a_hostile_key_does_nothing_to_a_terminal(outside: Recon) -> None:
    text = seen(outside, "objects", columns=200)
    assert "[31m[red]" in text.replace("\x1b", "<ESC>").replace("<ESC>[31m", "")
    assert "[red]bold[/red]\\nnext|`code`\\u202etxt.json" in text
    assert "\x1b[31m[red]" not in text
    assert "\u202e" not in text


def test_a_narrow_terminal_folds_and_loses_nothing(outside: Recon) -> None:
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen(outside, "gaps", columns=60))
    assert max(len(line) for line in text.splitlines()) <= 60
    assert "…" not in text
    assert "toy/games/g5" in text


@pytest.mark.parametrize("output", ["json", "markdown"])
def test_formats_for_machines_are_the_same_on_a_terminal(outside: Recon, output: str) -> None:
    text = seen(outside, "gaps", "--format", output)
    assert text.replace("\r\n", "\n") == outside("gaps", "--format", output).out


def plain(text: str) -> list[str]:
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).splitlines()]


def test_a_reason_without_room_stands_under_its_item(outside: Recon) -> None:
    lines = plain(seen(outside, "gaps", columns=80))
    place = next(number for number, line in enumerate(lines) if "toy/games/g5" in line)
    assert "missing" in lines[place]
    assert lines[place + 1].startswith("    due 2024-06-18T03:00Z; no object under 2 keys; listed")
    assert not any("No room for" in line for line in lines)


@pytest.mark.parametrize("columns", [80, 60])
def test_the_unknown_are_never_without_room(outside: Recon, columns: int) -> None:
    lines = plain(seen(outside, "status", columns=columns))
    assert max(map(len, lines)) <= columns
    place = next(number for number, line in enumerate(lines) if line.startswith("dataset"))
    head = lines[place].split()
    assert {"dataset", "complete", "missing", "unknown"} <= set(head)
    row = next(line for line in lines[place + 1 :] if line.startswith("toy/games"))
    assert row.split()[-1] == "1"
    if columns == 60:
        assert any(line.startswith("No room for: present") for line in lines)

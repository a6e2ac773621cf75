from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from support.command_line import Recon

from recon_core.cli.app import build
from recon_core.cli.helptext import PANELS

HEAVY = {
    "boto3",
    "botocore",
    "duckdb",
    "httpx",
    "jsonschema",
    "pyarrow",
    "recon_bbref",
    "recon_espn",
    "recon_hoopr",
    "recon_nba_api",
    "recon_toy",
    "rich",
    "selectolax",
    "sqlglot",
    "yaml",
}


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with its path."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands(build()))


def test_the_commands_are_those_of_the_design_in_its_panels(recon: Recon) -> None:
    text = recon("--help").out
    rest = text
    for panel, names in {
        PANELS[0]: ["run", "status", "gaps", "tasks", "objects", "explain"],
        PANELS[1]: ["scan", "analyze", "detect", "generate"],
        PANELS[2]: ["init", "doctor", "validate", "demo", "schedules", "plugins"],
    }.items():
        rest = rest.partition(f"\n{panel}:\n")[2]
        block = rest.partition("\n\n")[0]
        found = [line.split()[0] for line in block.splitlines() if line[2:3].strip()]
        assert found == names
    assert {path for path in ALL if len(path) == 2} == {
        ("schedules", "pull"),
        ("schedules", "import"),
        ("schedules", "show"),
        ("schedules", "compare"),
        ("plugins", "list"),
        ("plugins", "check"),
        ("plugins", "new"),
    }


@pytest.mark.parametrize("path", [("run",), ("gaps",), ("schedules", "import")])
def test_help_of_a_command_has_one_sentence_options_and_examples(recon: Recon, path: tuple[str, ...]) -> None:
    text = recon(*path, "--help").out
    assert text.startswith(f"Usage: recon {' '.join(path)} ")
    assert "\nOptions:\n" in text
    assert f"Examples:\n    recon {' '.join(path)}" in text
    assert text == recon(*path, "-h").out


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_and_option_says_what_it_is(path: tuple[str, ...]) -> None:
    command = ALL[path]
    first = command.help.partition("\n")[0]
    assert first.endswith(".")
    assert len(first) < 80
    assert f"recon {' '.join(path)}" in command.epilog
    for parameter in command.params:
        assert parameter.help, parameter.name
        assert parameter.help.endswith("."), parameter.name
    names = {name for parameter in command.params for name in parameter.opts}
    everywhere = {"--format", "--log-format", "-v", "-q"}
    elsewhere = set() if path[0] in ("plugins", "demo") else {"-w", "--workspace"}
    assert everywhere | elsewhere <= names


def test_the_options_of_run_are_those_of_the_design() -> None:
    names = {name for parameter in ALL["run",].params for name in parameter.opts if name.startswith("--")}
    assert names == {
        *("--workspace", "--lake", "--source", "--season", "--use-cache", "--pull", "--dry-run", "--now"),
        *("--queue-file", "--format", "--fail-on", "--allow-unknown", "--accept-empty", "--verbose", "--quiet"),
        *("--accept-loss", "--log-format", "--refresh", "--sample-rate", "--full"),
    }


def test_help_is_plain_where_nobody_looks_at_it(recon: Recon) -> None:
    assert "\x1b" not in recon("--help").out


def test_help_and_version_import_nothing_heavy(recon: Recon) -> None:
    for argument in ("--help", "--version"):
        script = (
            "import sys, json; from recon_core.cli.main import run_command_line as run\n"
            f"code = run([{argument!r}]); sys.stderr.write(json.dumps([code, sorted(sys.modules)]))"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=dict(recon.environment),
            capture_output=True,
            timeout=60,
            text=True,
            check=True,
        )
        code, modules = json.loads(done.stderr)
        assert code == 0
        assert not HEAVY & set(modules)


def test_version_tells_those_of_the_plugins(recon: Recon) -> None:
    lines = recon("--version").out.splitlines()
    assert lines[0].startswith("recon-core ")
    assert "recon-toy 2.5" in lines


def test_python_m_recon_core_is_recon(recon: Recon) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "recon_core", "--version"],
        env=dict(recon.environment),
        capture_output=True,
        timeout=60,
        text=True,
        check=True,
    )
    assert done.stdout == recon("--version").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fly"], "No such command 'fly'"),
        (["rnu"], "run"),
        (["run", "--nope"], "--nope"),
        (["run", "--format", "xml"], "xml"),
        (["run", "--fail-on", "urgent"], "urgent"),
        (["run", "--allow-unknown", "-1"], "--allow-unknown"),
        (["explain"], "ITEM|ID|KEY"),
        (["schedules", "import"], "FILE"),
        (["gaps", "surplus"], "surplus"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(recon: Recon, arguments: list[str], words: str) -> None:
    done = recon(*arguments, code=2)
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert done.err.startswith("recon: ")
    assert words in done.err
    assert "--help`" in done.err


def test_without_a_command_help_goes_to_stderr_with_exit_code_2(recon: Recon) -> None:
    for arguments in ([], ["schedules"]):
        done = recon(*arguments, code=2)
        assert done.out == ""
        assert done.err.startswith("Usage: recon")

"""The reference of the command line, made from the commands; ``python -m recon_core.cli.reference`` prints it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any

from recon_core.cli.app import build
from recon_core.cli.helptext import PANELS

__all__ = ["markdown"]

_INTRO = """\
# Command line

<!-- Made from the commands by `python -m recon_core.cli.reference`; change those, then this page anew. -->

Every command has `--help`; `recon --version` shows the versions of recon and of the installed plugins, and
`recon --install-completion` teaches bash, zsh, fish or PowerShell to complete commands, options, sources and seasons.

A command works on a *workspace*: the one that `-w` names, else the one that `RECON_WORKSPACE` names, else the nearest
folder from the current one upwards that holds `config/reconciliation_config.yaml` or `inventory/data_inventory.yaml`.

## What goes where

Results go to stdout, progress and messages to stderr. On a terminal results are tables and long steps have a progress
bar; in a pipe the same tables are plain aligned text, never cut off. `--format json` writes one JSON document and
nothing else, `--format markdown` what a CI job summary shows. `--log-format json` writes a JSON object a line to
stderr. `NO_COLOR` turns colours off. Keys, names and messages from outside are shown escaped; URL passwords and query
strings never appear.

## Exit codes

| code | meaning |
| ---: | --- |
| 0 | done |
| 1 | a bug of recon; the traceback is on stderr |
| 2 | wrong usage or configuration, a refusal, or a plugin that failed (the other sources are done and written) |
| 3 | lake, credentials, network, a lock that is held, disk |
| 4 | with `--fail-on`: there are gaps of that priority or above |
| 5 | with `--fail-on`: more required due items are unknown than `--allow-unknown` accepts, other than sampled out |
| 130 | interrupted |

2 and 3 beat 4, and 4 beats 5. A reader of stdout that leaves early is no error.
"""

_EVERYWHERE = """\
## Options that every command has

`plugins` and `demo` need no workspace.

| option | meaning |
| --- | --- |
"""


def markdown() -> str:
    """The whole page."""
    root = build()
    parts = [_INTRO]
    common = _common(root)
    parts.append(_EVERYWHERE + "".join(f"{row}\n" for row in common))
    for panel in PANELS:
        parts.append(f"## {panel}\n")
        for name, command in root.commands.items():
            if command.rich_help_panel != panel:
                continue
            members = getattr(command, "commands", {"": command})
            parts += [
                _section(" ".join(filter(None, ("recon", name, member))), one, common)
                for member, one in members.items()
            ]
    return "\n".join(parts)


def _common(root: Any) -> list[str]:
    """The rows of the options that all commands of the daily panel share."""
    run, status = root.commands["run"], root.commands["status"]
    shared = {tuple(parameter.opts) for parameter in run.params} & {
        tuple(parameter.opts) for parameter in status.params
    }
    return [_row(parameter) for parameter in run.params if tuple(parameter.opts) in shared]


def _section(title: str, command: Any, common: list[str]) -> str:
    sentence, _, rest = inspect.cleandoc(command.help).partition("\n\n")
    lines = [f"### {title}", "", sentence]
    if rest:
        lines += ["", *rest.splitlines()]
    lines += ["", "```sh", *(line.strip() for line in _examples(command)), "```"]
    arguments = [_row(one) for one in command.params if one.param_type_name == "argument"]
    options = [_row(one) for one in command.params if one.param_type_name != "argument"]
    rows = arguments + [row for row in options if row not in common]
    if rows:
        lines += ["", "| argument or option | meaning |", "| --- | --- |", *rows]
    return "\n".join(lines) + "\n"


def _examples(command: Any) -> Iterator[str]:
    seen = False
    for line in (command.epilog or "").splitlines():
        if seen:
            yield line
        seen = seen or line == "Examples:"


def _row(parameter: Any) -> str:
    """A row of a table: names with the value's name, and the help text."""
    metavar = (parameter.metavar or "").replace("|", "\\|")
    if parameter.param_type_name == "argument":
        name = f"`{metavar}`"
    else:
        value = "" if parameter.is_flag or parameter.count else f" {metavar or parameter.name.upper()}"
        name = ", ".join(f"`{option}{value}`" for option in sorted(parameter.opts, key=lambda text: text.count("-")))
    required = " Required." if parameter.required else ""
    meaning = parameter.help.replace("|", "\\|")
    return f"| {name} | {meaning}{required} |"


if __name__ == "__main__":
    sys.stdout.write(markdown())

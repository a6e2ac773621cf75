"""Help pages: commands and options grouped in panels, in plain text.

typer can draw these with rich, but importing rich alone would take longer than everything else that ``--help`` does.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

__all__ = ["PANELS", "Command", "Group"]

DAILY = "Daily"
STEPS = "Steps of a cycle, one at a time"
SETUP = "Set-up"
PANELS = (DAILY, STEPS, SETUP)

CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _title(text: str) -> str:
    """Bold on a terminal that wants styles."""
    return text if os.environ.get("NO_COLOR") or not sys.stdout.isatty() else typer.style(text, bold=True)


def _write_parameters(command: Any, ctx: Any, formatter: Any) -> None:
    panels: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is not None:
            fallback = "Arguments" if parameter.param_type_name == "argument" else "Options"
            panels.setdefault(getattr(parameter, "rich_help_panel", None) or fallback, []).append(record)
    # Arguments come first, and what every command has comes last.
    for name in sorted(panels, key=lambda name: (name != "Arguments", name == "Options")):
        with formatter.section(_title(name)):
            formatter.write_dl(panels[name])


class Command(TyperCommand):
    """A command whose options stand in panels."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        _write_parameters(self, ctx, formatter)


class Group(TyperGroup):
    """A group whose commands stand in panels."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        self.format_commands(ctx, formatter)
        _write_parameters(self, ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        panels: dict[str, list[tuple[str, str]]] = {}
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        for name, command in commands.items():
            if command is not None and not command.hidden:
                panel = getattr(command, "rich_help_panel", None) or "Commands"
                panels.setdefault(panel, []).append((name, command.get_short_help_str(limit=100)))
        wide = max((len(name) for name in commands), default=0)
        for panel, rows in panels.items():
            with formatter.section(_title(panel)):
                formatter.write_dl([(name.ljust(wide), text) for name, text in rows])

"""Puts the commands together. Importing this is all that ``recon --help`` costs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from recon_core.cli.commands import (
    demo,
    doctor,
    explain,
    gaps,
    init,
    new,
    objects,
    plugins,
    run,
    schedules,
    status,
    steps,
    tasks,
    validate,
)
from recon_core.cli.helptext import CONTEXT, DAILY, SETUP, STEPS, Command, Group

__all__ = ["build"]

_PANELS: dict[str, tuple[tuple[str, Callable[..., None]], ...]] = {
    DAILY: (
        ("run", run.run),
        ("status", status.status),
        ("gaps", gaps.gaps),
        ("tasks", tasks.tasks),
        ("objects", objects.objects),
        ("explain", explain.explain),
    ),
    STEPS: (
        ("scan", steps.scan),
        ("analyze", steps.analyze),
        ("detect", steps.detect),
        ("generate", steps.generate),
    ),
    SETUP: (
        ("init", init.init),
        ("doctor", doctor.doctor),
        ("validate", validate.validate),
        ("demo", demo.demo),
    ),
}
_GROUPS: tuple[tuple[str, str, tuple[tuple[str, Callable[..., None]], ...]], ...] = (
    (
        "schedules",
        "Pull, import, show and compare the games that each source has scheduled.",
        (
            ("pull", schedules.pull),
            ("import", schedules.import_),
            ("show", schedules.show),
            ("compare", schedules.compare),
        ),
    ),
    (
        "plugins",
        "List and check the installed source plugins, and begin a new one.",
        (("list", plugins.list_), ("check", plugins.check), ("new", new.new)),
    ),
)


def _show_versions(value: bool) -> None:
    if value:
        from recon_core.cli.versions import version_lines

        sys.stdout.writelines(f"{line}\n" for line in version_lines())
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=_show_versions,
            show_default=False,
            help="Show the versions of recon and of the installed plugins.",
        ),
    ] = False,
) -> None:
    """Proves what is missing, stale or broken in a data lake, and writes the task queue that closes the gaps."""


def _typer(**settings: Any) -> typer.Typer:
    return typer.Typer(
        cls=Group,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings=CONTEXT,
        **settings,
    )


def _add(app: typer.Typer, name: str, function: Callable[..., None], panel: str | None) -> None:
    examples = "\n".join(f"  {line}" for line in getattr(function, "examples", ()))
    app.command(
        name,
        cls=Command,
        rich_help_panel=panel,
        context_settings=CONTEXT,
        epilog=f"\b\nExamples:\n{examples}" if examples else None,
    )(function)


def build() -> Any:
    """The command tree."""
    app = _typer(name="recon", add_completion=True, epilog="Begin with `recon demo`, or with `recon init`.")
    app.callback()(_root)
    for panel, commands in _PANELS.items():
        for name, function in commands:
            _add(app, name, function, panel)
    for name, text, members in _GROUPS:
        group = _typer(help=text)
        for member, function in members:
            _add(group, member, function, None)
        app.add_typer(group, name=name, rich_help_panel=SETUP)
    return typer.main.get_command(app)

"""How far a long step is: a bar where stderr is a terminal, else a line a step."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from recon_core.cli.formats import LogFormat
from recon_core.cli.log import Log
from recon_core.text import shown

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from recon_core.progress import Progress

__all__ = ["show_progress"]


@contextlib.contextmanager
def show_progress(log: Log) -> Iterator[Progress]:
    """The progress of one command, as ``log`` and the terminal want it."""
    bars = log.format is LogFormat.text and log.verbosity >= 0 and sys.stderr.isatty()
    if not bars or os.environ.get("TERM") == "dumb":
        yield _Lines(log)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.text import Text

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[count]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as drawn:
        log.route = lambda line: console.print(Text(line))
        try:
            yield _Bars(drawn, log)
        finally:
            log.route = None


class _Lines:
    """A line when a step begins, for those who asked for it."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def step(self, name: str) -> None:
        self._log.say("info" if self._log.format is LogFormat.json else "debug", f"{name} ...", step=name)

    def update(self, done: int, total: int | None, what: str) -> None:
        """A pipe is told of steps, not of every page."""

    def log(self, message: str) -> None:
        self._log.say("info", message)


class _Bars:
    """One bar, for the step at work."""

    def __init__(self, bars: Bars, log: Log) -> None:
        self._bars = bars
        self._log = log
        self._task: TaskID | None = None

    def step(self, name: str) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(shown(name), total=None, count="")
        self._log.say("debug", f"{name} ...")

    def update(self, done: int, total: int | None, what: str) -> None:
        if self._task is None:
            self.step("working")
        if self._task is not None:
            one = shown(what).removesuffix("s") if done == 1 else shown(what)
            count = f"{done:,} {one}" if total is None else f"{done:,} of {total:,} {shown(what)}"
            self._bars.update(self._task, completed=done, total=total, count=count)

    def log(self, message: str) -> None:
        self._log.say("info", message)

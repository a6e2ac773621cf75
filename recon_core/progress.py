"""How a long step says how far it is: a terminal shows a bar, a pipe shows nothing, a log a line."""

from __future__ import annotations

from typing import Protocol

__all__ = ["NoProgress", "Progress"]


class Progress(Protocol):
    """What the steps report to; the command line decides what is shown of it."""

    def step(self, name: str) -> None:
        """A step of the cycle begins."""
        ...

    def update(self, done: int, total: int | None, what: str) -> None:
        """``done`` of ``total`` (``None``: not known yet) ``what`` ("objects", "days") are finished."""
        ...

    def log(self, message: str) -> None:
        """Something worth a line on stderr."""
        ...


class NoProgress:
    """Says nothing."""

    def step(self, name: str) -> None: ...

    def update(self, done: int, total: int | None, what: str) -> None: ...

    def log(self, message: str) -> None: ...

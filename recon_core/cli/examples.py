"""Examples for help pages and the reference, kept on the command's function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["examples"]

Function = TypeVar("Function", bound=Callable[..., None])


def examples(*lines: str) -> Callable[[Function], Function]:
    """Give a command the examples that its help page ends with."""

    def keep(function: Function) -> Function:
        function.examples = lines  # type: ignore[attr-defined]
        return function

    return keep

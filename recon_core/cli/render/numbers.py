"""Numbers, sizes and spans of time in words."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from recon_core.cli.render.blocks import Cell

__all__ = ["ago", "count", "dollars", "percent", "size", "span", "zero_dimmed"]


def count(number: int, one: str, many: str = "") -> str:
    """``1 gap``, ``3,120 gaps``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def zero_dimmed(number: int) -> Cell:
    """A number of a table; zeros step back."""
    return Cell(f"{number:,}", "dim" if number == 0 else None)


def percent(share: float | None) -> str:
    """A share as per cent, cut and not rounded: what is not complete never reads ``100 %``."""
    if share is None:
        return "-"
    tenths = int(share * 1000 + 1e-9)
    return f"{tenths // 10}.{tenths % 10} %"


def dollars(amount: float) -> str:
    """``0.000005``, ``12.50``: at least cents, and of less than that the first digit that says something."""
    return f"{amount:.2f}" if amount >= 0.995 or amount == 0 else format(Decimal(f"{amount:.1g}"), "f")


def size(number: int) -> str:
    """``812 B``, ``3.4 MB``."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            return f"{value:.0f} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return ""


def span(delta: timedelta) -> str:
    """``3 days``, ``5 hours``, ``40 seconds``: the largest unit that holds it."""
    seconds = int(abs(delta).total_seconds())
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return count(seconds // length, unit)
    return count(seconds, "second")


def ago(delta: timedelta) -> str:
    """``3 days ago``, or ``in 3 days`` for what is still to come."""
    return f"in {span(delta)}" if delta < timedelta() else f"{span(delta)} ago"

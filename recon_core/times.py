"""Times: aware UTC ``datetime`` in Python, microseconds since 1970 in columns, ISO 8601 with ``Z`` in files."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["day_end", "day_start", "format_minutes", "format_utc", "from_us", "parse_utc", "to_us"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def parse_utc(text: str) -> datetime:
    """Read an ISO 8601 time; one without an offset is UTC.

    Raises ValueError when the text is no such time.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def format_utc(moment: datetime) -> str:
    """``2025-01-15T12:00:00Z``; a fraction of a second only where there is one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def format_minutes(moment: datetime) -> str:
    """``2025-01-15T12:00Z``, for sentences."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def to_us(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """The inverse of ``to_us``."""
    return _EPOCH + timedelta(microseconds=microseconds)


def day_start(day: date, timezone: str) -> datetime:
    """The UTC moment at which a local day begins."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)


def day_end(day: date, timezone: str) -> datetime:
    """The UTC moment at which a local day ends, which is when the next one begins."""
    return day_start(day + timedelta(days=1), timezone)

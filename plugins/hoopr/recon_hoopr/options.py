"""The settings of the source that a user may give, and their checked values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from recon_core.api import ConfigError, Option
from recon_hoopr.text import printable, without_secrets

__all__ = ["OPTIONS", "Settings"]

_FORMATS = ("parquet", "csv")

OPTIONS: dict[str, Option] = {
    "base_url": Option(
        default="https://github.com/sportsdataverse/sportsdataverse-data/releases/download",
        help="where hoopR's releases lie; another address serves tests and mirrors",
    ),
    "schedule_format": Option(default="parquet", help="in which form the schedule is fetched: parquet or csv"),
    "timeout_seconds": Option(default=60.0, help="how long connecting, or waiting for the next bytes, may take"),
    "retries": Option(default=4, help="how often a download that failed for a passing reason is tried again"),
    "backoff_seconds": Option(default=1.0, help="the wait before the first retry; it doubles from one to the next"),
    "max_wait_seconds": Option(default=120.0, help="the longest wait for which a Retry-After is honoured in place"),
    "max_body_bytes": Option(default=50_000_000, help="the largest schedule file that is read"),
    "unavailable_after_days": Option(
        default=3.0,
        help="how long after a game a file must have been written for its flag 'no such data' to be believed",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options' values, checked."""

    base_url: str
    schedule_format: str
    timeout_seconds: float
    retries: int
    backoff_seconds: float
    max_wait_seconds: float
    max_body_bytes: int
    unavailable_after_days: float

    @classmethod
    def read(cls, options: Mapping[str, str | int | float | bool]) -> Settings:
        """Check the options' values; what is not given has its default. Raises ConfigError naming the option."""
        given = {name: options.get(name, option.default) for name, option in OPTIONS.items()}
        if given["schedule_format"] not in _FORMATS:
            raise ConfigError(
                f"option schedule_format of hoopr: {printable(given['schedule_format'])} is none of "
                f"{', '.join(_FORMATS)}"
            )
        return cls(
            base_url=_url(given["base_url"]),
            schedule_format=str(given["schedule_format"]),
            timeout_seconds=_number("timeout_seconds", given["timeout_seconds"], positive=True),
            retries=int(_number("retries", given["retries"])),
            backoff_seconds=_number("backoff_seconds", given["backoff_seconds"]),
            max_wait_seconds=_number("max_wait_seconds", given["max_wait_seconds"]),
            max_body_bytes=int(_number("max_body_bytes", given["max_body_bytes"], positive=True)),
            unavailable_after_days=_number("unavailable_after_days", given["unavailable_after_days"]),
        )


def _number(name: str, value: object, *, positive: bool = False) -> float:
    right = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not isinstance(value, int | float) or not right or value < 0 or (positive and value == 0) or value > 1e12:
        least = "above 0" if positive else "0 or more"
        raise ConfigError(f"option {name} of hoopr: {printable(value)} is not a number {least}")
    return value


def _url(value: object) -> str:
    text = str(value)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        usable = usable and not parts.query and not parts.fragment
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(
            f"option base_url of hoopr: {without_secrets(text)} is not a plain http:// or https:// address; "
            f"leave it out for {OPTIONS['base_url'].default}"
        )
    return text.rstrip("/")

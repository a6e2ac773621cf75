"""The settings of the source that a user may give, and their checked values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from recon_core.api import ConfigError, Option
from recon_espn.text import printable, without_secrets

__all__ = ["OPTIONS", "Settings"]

OPTIONS: dict[str, Option] = {
    "base_url": Option(
        default="https://site.api.espn.com/apis/site/v2/sports/basketball/nba",
        help="where the scoreboard endpoint lies; another address serves tests and mirrors",
    ),
    "requests_per_second": Option(default=4.0, help="how many requests are begun in a second, at most"),
    "max_concurrency": Option(default=4, help="how many requests may be under way at once"),
    "timeout_seconds": Option(default=30.0, help="how long one request may take, from connecting to the last byte"),
    "retries": Option(default=4, help="how often a request that failed for a passing reason is tried again"),
    "backoff_seconds": Option(default=1.0, help="the wait before the first retry; it doubles from one to the next"),
    "max_wait_seconds": Option(default=120.0, help="the longest wait for which a Retry-After is honoured in place"),
    "max_body_bytes": Option(default=20_000_000, help="the largest answer, or lake file, that is read"),
    "calendar": Option(
        default=True,
        help="leave out days that ESPN's own calendar of the season knows to be without games; false asks for all",
    ),
    "lake_gaps": Option(
        default=False,
        help="with --from-lake, go on although game days of ESPN's calendar have no scoreboard file in the lake",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options' values, checked."""

    base_url: str
    requests_per_second: float
    max_concurrency: int
    timeout_seconds: float
    retries: int
    backoff_seconds: float
    max_wait_seconds: float
    max_body_bytes: int
    calendar: bool
    lake_gaps: bool

    @classmethod
    def read(cls, options: Mapping[str, str | int | float | bool]) -> Settings:
        """Check the options' values; what is not given has its default. Raises ConfigError naming the option."""
        given = {name: options.get(name, option.default) for name, option in OPTIONS.items()}
        return cls(
            base_url=_url("base_url", given["base_url"]),
            requests_per_second=_number("requests_per_second", given["requests_per_second"], above=0),
            max_concurrency=int(_number("max_concurrency", given["max_concurrency"], above=0)),
            timeout_seconds=_number("timeout_seconds", given["timeout_seconds"], above=0),
            retries=int(_number("retries", given["retries"], above=-1)),
            backoff_seconds=_number("backoff_seconds", given["backoff_seconds"], above=-1e-9),
            max_wait_seconds=_number("max_wait_seconds", given["max_wait_seconds"], above=-1e-9),
            max_body_bytes=int(_number("max_body_bytes", given["max_body_bytes"], above=0)),
            calendar=bool(given["calendar"]),
            lake_gaps=bool(given["lake_gaps"]),
        )


def _number(name: str, value: object, *, above: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or value <= above:
        least = "above 0" if above == 0 else "0 or more"
        raise ConfigError(f"option {name} of espn: {printable(value)} is not a number {least}")
    return value


def _url(name: str, value: object) -> str:
    text = str(value)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        usable = usable and not parts.query and not parts.fragment
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(
            f"option {name} of espn: {without_secrets(text)} is not a plain http:// or https:// address; "
            f"leave it out for {OPTIONS[name].default}"
        )
    return text.rstrip("/")

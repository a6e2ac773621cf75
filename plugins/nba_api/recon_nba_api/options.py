"""The settings of the source that a user may give, and their checked values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from recon_core.api import ConfigError, Option

__all__ = ["FETCHES", "OPTIONS", "Settings"]

FETCHES = ("auto", "cdn", "stats", "nba_api")

OPTIONS: dict[str, Option] = {
    "schedule_file": Option(
        default="",
        help="a scheduleLeagueV2 file to read instead of asking the NBA; {season} in its path stands for the season",
    ),
    "fetch": Option(
        default="auto",
        help="whom to ask: cdn (the season under way), stats (any season), nba_api (any, by that package), or auto",
    ),
    "cdn_url": Option(
        default="https://cdn.nba.com/static/json/staticData/scheduleLeagueV2.json",
        help="where the schedule of the season under way lies",
    ),
    "stats_url": Option(default="https://stats.nba.com/stats", help="where the endpoint scheduleleaguev2 lies"),
    "user_agent": Option(
        default="Mozilla/5.0 (compatible; recon-nba-api)",
        help="the User-Agent of requests; the NBA does not answer to those of programs",
    ),
    "pause_seconds": Option(default=1.0, help="the wait before each request, so that many seasons are no burst"),
    "timeout_seconds": Option(default=30.0, help="how long one request may take, from connecting to the last byte"),
    "retries": Option(default=3, help="how often a request that failed for a passing reason is tried again"),
    "backoff_seconds": Option(default=2.0, help="the wait before the first retry; it doubles from one to the next"),
    "max_wait_seconds": Option(default=120.0, help="the longest wait for which a Retry-After is honoured in place"),
    "max_body_bytes": Option(default=50_000_000, help="the largest answer, or file, that is read"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options' values, checked."""

    schedule_file: str
    fetch: str
    cdn_url: str
    stats_url: str
    user_agent: str
    pause_seconds: float
    timeout_seconds: float
    retries: int
    backoff_seconds: float
    max_wait_seconds: float
    max_body_bytes: int

    @classmethod
    def read(cls, options: Mapping[str, str | int | float | bool]) -> Settings:
        """Check the options' values; what is not given has its default. Raises ConfigError naming the option."""
        given = {name: options.get(name, option.default) for name, option in OPTIONS.items()}
        fetch, agent = str(given["fetch"]), str(given["user_agent"])
        if fetch not in FETCHES:
            raise ConfigError(f"option fetch of nba_api: {fetch!r} is none of {', '.join(FETCHES)}")
        if not agent.isascii() or not agent.isprintable() or not agent.strip():
            raise ConfigError(f"option user_agent of nba_api: {agent!r} cannot stand in a header")
        return cls(
            schedule_file=str(given["schedule_file"]),
            fetch=fetch,
            cdn_url=_url("cdn_url", given["cdn_url"]),
            stats_url=_url("stats_url", given["stats_url"]),
            user_agent=agent,
            pause_seconds=_number("pause_seconds", given["pause_seconds"], least=0),
            timeout_seconds=_number("timeout_seconds", given["timeout_seconds"], least=0.001),
            retries=int(_number("retries", given["retries"], least=0)),
            backoff_seconds=_number("backoff_seconds", given["backoff_seconds"], least=0),
            max_wait_seconds=_number("max_wait_seconds", given["max_wait_seconds"], least=0),
            max_body_bytes=int(_number("max_body_bytes", given["max_body_bytes"], least=1)),
        )

    def file_of(self, label: str) -> Path | None:
        """The local file that holds the season's schedule, if one is to be read."""
        return Path(self.schedule_file.replace("{season}", label)) if self.schedule_file else None


def _number(name: str, value: object, *, least: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or value < least:
        raise ConfigError(f"option {name} of nba_api: {value!r} is not a number from {least:g} up")
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
        # What was given is not repeated: it may hold a password.
        raise ConfigError(
            f"option {name} of nba_api is not a plain http:// or https:// address; leave it out for "
            f"{OPTIONS[name].default}"
        )
    return text.rstrip("/")

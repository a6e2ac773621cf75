"""The settings of the source that a user may give, and their checked values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from recon_bbref.text import printable, without_secrets
from recon_core.api import ConfigError, Option

__all__ = ["OPTIONS", "Settings"]

_SITE = "basketball-reference.com"

# Twenty requests a minute are allowed; who asks for more is shut out for up to a day.
_LEAST_SECONDS = 3.0

OPTIONS: dict[str, Option] = {
    "base_url": Option(
        default="https://www.basketball-reference.com",
        help="where the month pages lie, under leagues/; another address serves tests and mirrors",
    ),
    "seconds_between_requests": Option(
        default=12.0, help="the pause from one request to the next; at the site itself 3 at least"
    ),
    "timeout_seconds": Option(default=60.0, help="how long one request may take, from connecting to the last byte"),
    "retries": Option(default=2, help="how often a request that failed for a passing reason is tried again"),
    "backoff_seconds": Option(default=30.0, help="the wait before the first retry; it doubles from one to the next"),
    "max_body_bytes": Option(default=10_000_000, help="the largest answer, or lake file, that is read"),
    "lake_gaps": Option(
        default=False, help="with --from-lake, go on although months that have begun have no page in the lake"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options' values, checked."""

    base_url: str
    seconds_between_requests: float
    timeout_seconds: float
    retries: int
    backoff_seconds: float
    max_body_bytes: int
    lake_gaps: bool

    @classmethod
    def read(cls, options: Mapping[str, str | int | float | bool]) -> Settings:
        """Check the options' values; what is not given has its default. Raises ConfigError naming the option."""
        given = {name: options.get(name, option.default) for name, option in OPTIONS.items()}
        base_url = _url("base_url", given["base_url"])
        pause = _number("seconds_between_requests", given["seconds_between_requests"])
        if pause < _LEAST_SECONDS and f".{urlsplit(base_url).hostname}".endswith(f".{_SITE}"):
            raise ConfigError(
                f"option seconds_between_requests of bbref: {printable(pause)} is more than 20 requests a minute, for "
                f"which {_SITE} blocks whoever asks; set it to {_LEAST_SECONDS:g} or more"
            )
        return cls(
            base_url=base_url,
            seconds_between_requests=pause,
            timeout_seconds=_number("timeout_seconds", given["timeout_seconds"], positive=True),
            retries=int(_number("retries", given["retries"])),
            backoff_seconds=_number("backoff_seconds", given["backoff_seconds"]),
            max_body_bytes=int(_number("max_body_bytes", given["max_body_bytes"], positive=True)),
            lake_gaps=bool(given["lake_gaps"]),
        )


def _number(name: str, value: object, *, positive: bool = False) -> float:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not math.isfinite(number) or number < 0 or (positive and number == 0):
        raise ConfigError(
            f"option {name} of bbref: {printable(value)} is not a number {'above 0' if positive else '0 or more'}"
        )
    return number


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
            f"option {name} of bbref: {without_secrets(text)} is not a plain http:// or https:// address; "
            f"leave it out for {OPTIONS[name].default}"
        )
    return text.rstrip("/")

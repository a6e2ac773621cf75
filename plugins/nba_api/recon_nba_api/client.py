"""Asks for a schedule over the network: bounded in time and size, and patient with passing failures."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from recon_core.api import ConfigError, ScheduleError
from recon_nba_api.errors import UnreachableError
from recon_nba_api.options import Settings
from recon_nba_api.schedule import parse_body

__all__ = ["PassingError", "fetch", "get_over_http", "plain_url"]

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_BACKOFF = 60.0
_INSTEAD = "try another value of the option fetch, or name a saved answer with the option schedule_file"

# Without them the NBA's servers refuse, or let a request hang.
_HEADERS = {"Accept": "application/json", "Referer": "https://www.nba.com/", "Origin": "https://www.nba.com"}


class PassingError(Exception):
    """A failure that may be gone on the next attempt, and the wait that the server asked for, if it did."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def plain_url(url: str) -> str:
    """The address as messages name it: without user name, password and query.

    Raises ConfigError for one that cannot be asked.
    """
    try:
        return str(httpx.URL(url).copy_with(userinfo=b"", query=None, fragment=None))
    except httpx.InvalidURL as error:
        raise ConfigError(f"option cdn_url or stats_url of nba_api is no address that can be asked: {error}") from error


def fetch(get: Callable[[], Awaitable[bytes]], settings: Settings, where: str) -> Any:
    """The JSON document that ``get`` brings, asked for again while it fails for a passing reason.

    Raises UnreachableError when the NBA cannot be asked, ScheduleError when the answer is not to be used.
    """
    return asyncio.run(_fetch(get, settings, where))


async def _fetch(get: Callable[[], Awaitable[bytes]], settings: Settings, where: str) -> Any:
    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, PassingError) and error.retry_after is not None:
            return error.retry_after
        doubled = settings.backoff_seconds * 2.0 ** min(state.attempt_number - 1, 16)
        return min(doubled, max(_LONGEST_BACKOFF, settings.backoff_seconds))

    async def attempt() -> Any:
        await asyncio.sleep(settings.pause_seconds)
        try:
            async with asyncio.timeout(settings.timeout_seconds):
                body = await get()
        except (TimeoutError, httpx.TimeoutException):
            raise PassingError(f"no whole answer within {settings.timeout_seconds:g} s") from None
        _check_size(len(body), settings, where)
        try:
            return parse_body(body, where)
        except ScheduleError as error:
            # Gateways send error pages with status 200, and a body without a length may end early.
            raise PassingError(str(error).removeprefix(f"{where}: ")) from error

    times = settings.retries + 1
    retrying = AsyncRetrying(
        stop=stop_after_attempt(times), wait=wait, retry=retry_if_exception_type(PassingError), reraise=True
    )
    try:
        return await retrying(attempt)
    except PassingError as error:
        tried = f", tried {times} times" if times > 1 else ""
        raise UnreachableError(f"{where}: {error}{tried}; pull again later, {_INSTEAD}") from error


async def get_over_http(url: str, query: Mapping[str, str], settings: Settings, where: str) -> bytes:
    """The body of one answer, which messages call ``where``. Raises PassingError, UnreachableError, ScheduleError."""
    headers = {**_HEADERS, "User-Agent": settings.user_agent}
    try:
        async with (
            httpx.AsyncClient(timeout=settings.timeout_seconds, headers=headers) as client,
            client.stream("GET", url, params=query) as response,
        ):
            _check_status(response, where, settings)
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                _check_size(len(body), settings, where)
            return bytes(body)
    except httpx.TimeoutException:
        raise
    except httpx.HTTPError as error:
        raise PassingError(f"the connection failed ({str(error) or type(error).__name__})") from error


def _check_size(size: int, settings: Settings, where: str) -> None:
    if size > settings.max_body_bytes:
        raise ScheduleError(
            f"{where}: more than {settings.max_body_bytes} bytes, which no schedule has; if it is one, raise the "
            "option max_body_bytes of nba_api"
        )


def _check_status(response: httpx.Response, where: str, settings: Settings) -> None:
    status = response.status_code
    if status == httpx.codes.OK:
        return
    if status in _PASSING:
        raise PassingError(f"HTTP {status}", _asked_wait(response, where, settings))
    if response.is_redirect:
        target = plain_url(str(response.next_request.url)) if response.next_request else "nowhere"
        raise UnreachableError(
            f"{where}: HTTP {status}, moved to {target}; if that is right, set the option cdn_url or stats_url to it"
        )
    if status in (401, 403):
        raise UnreachableError(
            f"{where}: HTTP {status}, the NBA refuses, as it does for addresses of data centres; wait some hours, "
            f"{_INSTEAD}"
        )
    raise UnreachableError(f"{where}: HTTP {status}; check the options cdn_url and stats_url of nba_api")


def _asked_wait(response: httpx.Response, where: str, settings: Settings) -> float | None:
    """Seconds of the response's Retry-After; ``None`` where it has none to go by."""
    seconds = _retry_after(response.headers)
    if seconds is not None and seconds > settings.max_wait_seconds:
        raise UnreachableError(
            f"{where}: HTTP {response.status_code}, the NBA asks to wait {seconds:g} s; pull again after that"
        )
    return seconds


def _retry_after(headers: httpx.Headers) -> float | None:
    text = headers.get("Retry-After", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            # Both times are the server's own, so its clock need not agree with this machine's.
            seconds = (parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None

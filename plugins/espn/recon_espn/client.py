"""Asks ESPN's scoreboard endpoint: bounded in rate, concurrency, time and size, and patient with passing failures."""

from __future__ import annotations

import asyncio
import math
from datetime import date
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any

import httpx
from aiolimiter import AsyncLimiter
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from recon_core.api import ScheduleError
from recon_espn import __version__
from recon_espn.errors import UnreachableError
from recon_espn.options import Settings
from recon_espn.scoreboard import parse_body
from recon_espn.text import printable, without_secrets

__all__ = ["ScoreboardClient"]

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_BACKOFF = 60.0
_AGAIN = "the days fetched so far are kept: pull again to go on"


class _PassingError(Exception):
    """A failure that may be gone on the next attempt, and the wait that the server asked for, if it did."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ScoreboardClient:
    """An HTTP client for one pull; ``async with`` it.

    A request that fails for a passing reason (time-out, connection, 429, 5xx, a body that is broken off or no JSON) is
    repeated with exponential waits. A ``Retry-After`` holds up all requests, not only the one that it answered.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._url = f"{settings.base_url}/scoreboard"
        self._limiter = AsyncLimiter(1, 1 / settings.requests_per_second)
        self._places = asyncio.Semaphore(settings.max_concurrency)
        self._quiet_until = -math.inf
        self._http = httpx.AsyncClient(
            timeout=settings.timeout_seconds,
            headers={"User-Agent": f"recon-espn/{__version__}", "Accept": "application/json"},
            limits=httpx.Limits(max_connections=settings.max_concurrency),
        )

    async def __aenter__(self) -> ScoreboardClient:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._http.__aexit__(kind, error, traceback)

    def where(self, day: date) -> str:
        """The request for a day, as messages name it."""
        return f"{without_secrets(self._url)} for {day}"

    async def fetch(self, day: date) -> Any:
        """The JSON document of a day's scoreboard.

        Raises UnreachableError when ESPN cannot be asked, ScheduleError when the answer is not to be used.
        """
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self._settings.retries + 1),
            wait=self._backoff,
            retry=retry_if_exception_type(_PassingError),
            reraise=True,
        )
        try:
            return await retrying(self._attempt, day)
        except _PassingError as error:
            times = self._settings.retries + 1
            tried = f", tried {times} times" if times > 1 else ""
            raise UnreachableError(f"{self.where(day)}: {error}{tried}; {_AGAIN}") from error

    def _backoff(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _PassingError) and error.retry_after is not None:
            return 0.0  # the quiet time holds all requests up
        doubled = self._settings.backoff_seconds * 2.0 ** min(state.attempt_number - 1, 16)
        return min(doubled, max(_LONGEST_BACKOFF, self._settings.backoff_seconds))

    async def _attempt(self, day: date) -> Any:
        async with self._places:
            await self._turn()
            try:
                async with asyncio.timeout(self._settings.timeout_seconds):
                    body = await self._get(day)
            except (TimeoutError, httpx.TimeoutException):
                raise _PassingError(f"no whole answer within {self._settings.timeout_seconds:g} s") from None
            except httpx.InvalidURL as error:
                raise UnreachableError(
                    f"{self.where(day)}: {printable(error)}; set the option base_url of espn right"
                ) from error
            except httpx.HTTPError as error:
                reason = printable(error) or type(error).__name__
                raise _PassingError(f"the connection failed ({reason})") from error
        try:
            return parse_body(body, self.where(day))
        except ScheduleError as error:
            # Gateways send error pages with status 200, and a body without a length may end early.
            raise _PassingError(str(error).removeprefix(f"{self.where(day)}: ")) from error

    async def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        await self._limiter.acquire()
        while (wait := self._quiet_until - loop.time()) > 0:
            await asyncio.sleep(wait)

    async def _get(self, day: date) -> bytes:
        query = {"dates": f"{day:%Y%m%d}", "limit": "1000"}
        async with self._http.stream("GET", self._url, params=query) as response:
            self._check_status(response, day)
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self._settings.max_body_bytes:
                    raise ScheduleError(
                        f"{self.where(day)}: more than {self._settings.max_body_bytes} bytes, which no scoreboard has; "
                        "if it is one, raise the option max_body_bytes of espn"
                    )
            return bytes(body)

    def _check_status(self, response: httpx.Response, day: date) -> None:
        status = response.status_code
        if status == httpx.codes.OK:
            return
        if status in _PASSING:
            raise _PassingError(f"HTTP {status}", self._asked_wait(response, day))
        if response.is_redirect:
            target = without_secrets(response.headers.get("Location", ""))
            raise UnreachableError(
                f"{self.where(day)}: HTTP {status}, moved to {target}; if that is right, set the option base_url"
            )
        if status in (401, 403):
            raise UnreachableError(
                f"{self.where(day)}: HTTP {status}, ESPN refuses; wait some hours, lower the option "
                f"requests_per_second of espn; {_AGAIN}"
            )
        raise UnreachableError(f"{self.where(day)}: HTTP {status}; check the option base_url of espn, then pull again")

    def _asked_wait(self, response: httpx.Response, day: date) -> float | None:
        """Seconds of the response's Retry-After, kept for all requests; ``None`` where it has none to go by."""
        seconds = _retry_after(response.headers)
        if seconds is None:
            return None
        if seconds > self._settings.max_wait_seconds:
            raise UnreachableError(
                f"{self.where(day)}: HTTP {response.status_code}, ESPN asks to wait {seconds:g} s; {_AGAIN} after that"
            )
        self._quiet_until = max(self._quiet_until, asyncio.get_running_loop().time() + seconds)
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

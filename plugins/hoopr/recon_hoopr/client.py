"""Fetches a season's schedule file from hoopR's releases: patient with passing failures, bounded in time and size."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from recon_core.api import ScheduleError
from recon_hoopr import __version__
from recon_hoopr.errors import NotPublishedError, UnreachableError
from recon_hoopr.options import Settings
from recon_hoopr.text import printable, without_secrets

__all__ = ["Download", "fetch_schedule", "schedule_url"]

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_BACKOFF = 60.0
_MOST_HOPS = 5
_CHECK = "check the option base_url of hoopr"


@dataclass(frozen=True, slots=True)
class Download:
    """A file's content, and when it was last changed (UTC); ``None`` where the server does not say."""

    content: bytes
    changed_at: datetime | None


class _PassingError(Exception):
    """A failure that may be gone on the next attempt, and the wait that the server asked for, if it did."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def schedule_url(settings: Settings, end_year: int) -> str:
    """Where the release keeps the schedule of a season."""
    return f"{settings.base_url}/espn_nba_schedules/nba_schedule_{end_year}.{settings.schedule_format}"


def fetch_schedule(settings: Settings, end_year: int) -> Download:
    """The schedule file of a season, with the time of what it says, which may be long before the download.

    Redirects are followed, as a release's downloads lie elsewhere. Raises NotPublishedError for a file that is not
    there, UnreachableError when the server cannot be asked, ScheduleError for one that is too large.
    """
    url = schedule_url(settings, end_year)
    retrying = Retrying(
        stop=stop_after_attempt(settings.retries + 1),
        wait=lambda state: _backoff(settings, state),
        retry=retry_if_exception_type(_PassingError),
        sleep=time.sleep,
        reraise=True,
    )
    try:
        return retrying(_attempt, settings, url)
    except _PassingError as error:
        times = settings.retries + 1
        tried = f", tried {times} times" if times > 1 else ""
        raise UnreachableError(f"{without_secrets(url)}: {error}{tried}; pull again later") from error


def _backoff(settings: Settings, state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _PassingError) and error.retry_after is not None:
        return error.retry_after
    doubled = settings.backoff_seconds * 2.0 ** min(state.attempt_number - 1, 16)
    return min(doubled, max(_LONGEST_BACKOFF, settings.backoff_seconds))


def _attempt(settings: Settings, url: str) -> Download:
    where = without_secrets(url)
    client = httpx.Client(
        timeout=settings.timeout_seconds,
        follow_redirects=True,
        max_redirects=_MOST_HOPS,
        headers={"User-Agent": f"recon-hoopr/{__version__}"},
    )
    try:
        with client, client.stream("GET", url) as response:
            _check(settings, response, url)
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > settings.max_body_bytes:
                    raise ScheduleError(
                        f"{where}: more than {settings.max_body_bytes} bytes, which no schedule has; if it is one, "
                        "raise the option max_body_bytes of hoopr"
                    )
            return Download(bytes(body), _changed_at(response.headers))
    except httpx.TimeoutException:
        raise _PassingError(f"no answer within {settings.timeout_seconds:g} s") from None
    except httpx.TooManyRedirects:
        raise UnreachableError(f"{where}: more than {_MOST_HOPS} redirects; {_CHECK}") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise UnreachableError(f"{where}: {printable(error)}; set the option base_url of hoopr right") from error
    except httpx.HTTPError as error:
        raise _PassingError(f"the connection failed ({printable(error) or type(error).__name__})") from error


def _check(settings: Settings, response: httpx.Response, url: str) -> None:
    where, status = without_secrets(url), response.status_code
    if url.startswith("https:") and any(hop.url.scheme != "https" for hop in [*response.history, response]):
        raise UnreachableError(f"{where}: is redirected to an address without TLS; {_CHECK}")
    if status == httpx.codes.OK:
        return
    if status in _PASSING:
        seconds = _retry_after(response.headers)
        if seconds is not None and seconds > settings.max_wait_seconds:
            raise UnreachableError(f"{where}: HTTP {status}, asks to wait {seconds:g} s; pull again after that")
        raise _PassingError(f"HTTP {status}", seconds)
    if status in (404, 410):
        raise NotPublishedError(
            f"{where}: HTTP {status}, the release has no such file; check the season and the option base_url of hoopr"
        )
    raise UnreachableError(f"{where}: HTTP {status}; check the option base_url of hoopr, then pull again")


def _changed_at(headers: httpx.Headers) -> datetime | None:
    try:
        found = parsedate_to_datetime(headers.get("Last-Modified", ""))
        # HTTP's times are GMT, also where a server leaves the zone out.
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


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

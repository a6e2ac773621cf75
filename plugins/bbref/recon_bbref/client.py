"""Asks Basketball-Reference for pages, one after the other and slowly: it shuts out who asks too fast."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from recon_bbref import __version__
from recon_bbref.errors import UnreachableError
from recon_bbref.month_page import CutOffError
from recon_bbref.options import Settings
from recon_bbref.text import printable, without_secrets
from recon_core.api import ScheduleError

__all__ = ["NotThereError", "PageClient"]

_PASSING = frozenset({408, 425, 500, 502, 503, 504})
_LONGEST_BACKOFF = 600.0
_AGAIN = "the pages fetched so far are kept: pull again to go on"

_T = TypeVar("_T")

# When the last request to each host began, for all pulls of this process: the seasons of one command follow each other.
_last_begun: dict[str | None, float] = {}


class NotThereError(UnreachableError):
    """The site has no such page (HTTP 404)."""


class _PassingError(Exception):
    """A failure that may be gone on the next attempt."""


class PageClient:
    """An HTTP client for one pull; ``with`` it.

    Requests begin ``seconds_between_requests`` apart, retries too. A request that fails for a passing reason (time-out,
    connection, 5xx, a page that is empty or broken off) is repeated with growing waits; a 429 never is.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._host = urlsplit(settings.base_url).hostname
        self._http = httpx.Client(
            timeout=settings.timeout_seconds,
            headers={"User-Agent": f"recon-bbref/{__version__}", "Accept": "text/html"},
        )

    def __enter__(self) -> PageClient:
        self._http.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self._http.__exit__(kind, error, traceback)

    def where(self, name: str) -> str:
        """A page's address as messages name it."""
        return without_secrets(self._url(name))

    def fetch(self, name: str, read: Callable[[bytes], _T]) -> _T:
        """What ``read`` makes of a page's body.

        Raises NotThereError where there is no such page, UnreachableError when the site cannot be asked, and whatever
        ``read`` raises; a CutOffError only after the retries.
        """
        for left in range(self._settings.retries, -1, -1):
            try:
                return read(self._get(name))
            except (_PassingError, CutOffError) as error:
                if not left:
                    raise self._given_up(name, error) from error
            tried = self._settings.retries - left
            time.sleep(min(self._settings.backoff_seconds * 2.0 ** min(tried, 16), _LONGEST_BACKOFF))
        raise AssertionError("unreachable")

    def _given_up(self, name: str, error: Exception) -> Exception:
        times = self._settings.retries + 1
        tried = f", tried {times} times" if times > 1 else ""
        if isinstance(error, CutOffError):
            return CutOffError(f"{error}{tried}; {_AGAIN}")
        return UnreachableError(f"{self.where(name)}: {error}{tried}; {_AGAIN}")

    def _url(self, name: str) -> str:
        return f"{self._settings.base_url}/leagues/{name}"

    def _get(self, name: str) -> bytes:
        self._wait_turn()
        limit = self._settings.timeout_seconds
        ends = time.monotonic() + limit
        try:
            with self._http.stream("GET", self._url(name)) as response:
                self._check_status(response, name)
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if time.monotonic() > ends:
                        raise _PassingError(f"no whole answer within {limit:g} s")
                    if len(body) > self._settings.max_body_bytes:
                        raise ScheduleError(
                            f"{self.where(name)}: more than {self._settings.max_body_bytes} bytes, which no month page "
                            "has; if it is one, raise the option max_body_bytes of bbref"
                        )
                return bytes(body)
        except httpx.TimeoutException:
            raise _PassingError(f"no whole answer within {limit:g} s") from None
        except httpx.InvalidURL as error:
            raise UnreachableError(
                f"{self.where(name)}: {printable(error)}; set the option base_url of bbref right"
            ) from error
        except httpx.HTTPError as error:
            raise _PassingError(f"the connection failed ({printable(error) or type(error).__name__})") from error

    def _wait_turn(self) -> None:
        last = _last_begun.get(self._host)
        if last is not None:
            time.sleep(max(0.0, last + self._settings.seconds_between_requests - time.monotonic()))
        _last_begun[self._host] = time.monotonic()

    def _check_status(self, response: httpx.Response, name: str) -> None:
        status = response.status_code
        if status == httpx.codes.OK:
            return
        where = self.where(name)
        if status in _PASSING:
            raise _PassingError(f"HTTP {status}")
        if status == httpx.codes.NOT_FOUND:
            raise NotThereError(f"{where}: HTTP 404, there is no such page; check the option base_url of bbref")
        if status == httpx.codes.TOO_MANY_REQUESTS:
            asked = printable(response.headers.get("Retry-After", "").strip())
            wait = f"{asked} s, as it asks" if asked.isdigit() else "an hour, or a day if it still refuses"
            raise UnreachableError(
                f"{where}: HTTP 429, too many requests from this address: wait {wait}, and raise the option "
                f"seconds_between_requests of bbref if nothing else here asks the site; {_AGAIN}"
            )
        if response.is_redirect:
            target = without_secrets(response.headers.get("Location", ""))
            raise UnreachableError(
                f"{where}: HTTP {status}, moved to {target}; if that is right, set the option base_url of bbref"
            )
        if status in (401, 403):
            raise UnreachableError(
                f"{where}: HTTP {status}, the site refuses; wait a day, or save the pages with a browser, put them "
                f"into the lake and pull with --from-lake; {_AGAIN}"
            )
        raise UnreachableError(f"{where}: HTTP {status}; check the option base_url of bbref, then pull again")

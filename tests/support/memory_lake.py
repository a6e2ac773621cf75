"""A lake in memory that lists as S3 does, in small pages, and denies or fails where it is told to."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from recon_core.api import LakeError
from recon_core.lake.base import DEFAULT_READ_CAP, FailedPageError, Hole, ListingLog, Page, Probe
from recon_core.snapshot import prefix_end


class MemoryLake:
    """Holds keys. ``denied`` names what is denied (prefix, position); ``fault`` may raise for any page.

    A page that would hold a key which is ``broken`` cannot be had.
    """

    url = "s3://memory"
    endpoint = None
    concurrent = True

    def __init__(
        self,
        keys: Iterable[str],
        *,
        page_keys: int = 3,
        denied: Callable[[str, str], bool] = lambda prefix, after: False,
        fault: Callable[[int], None] = lambda request: None,
        broken: Callable[[str], bool] = lambda key: False,
    ) -> None:
        self.keys = sorted(set(keys), key=str.encode)
        self.page_keys = page_keys
        self.requests: list[tuple[str, str]] = []
        self._denied = denied
        self.fault = fault
        self.broken = broken
        self.lock = threading.Lock()

    def list_pages(
        self, prefix: str = "", start_after: str | None = None, *, log: ListingLog | None = None
    ) -> Iterator[Page]:
        assert log is not None
        after = start_after or ""
        after.encode()
        while True:
            with self.lock:
                self.requests.append((prefix, after))
                number = len(self.requests)
            log.requests += 1
            if self._denied(prefix, after):
                log.holes.append(Hole(max(prefix, after), prefix_end(prefix), f"{prefix!r} after {after!r}: denied"))
                return
            self.fault(number)
            with self.lock:
                below = [key for key in self.keys[bisect_right(self.keys, after) :] if key.startswith(prefix)]
            found = below[: self.page_keys]
            if any(map(self.broken, found)):
                raise FailedPageError(f"{self.url}/{prefix}: still answers 500 after many tries: try again later")
            if found:
                yield Page.of(found, [len(key) for key in found], [0] * len(found), [None] * len(found))
            if len(below) <= self.page_keys:
                return
            after = found[-1]

    def read(self, key: str, max_bytes: int = DEFAULT_READ_CAP) -> bytes:
        raise LakeError("nothing to read")

    def check(self, clock: Callable[[], datetime]) -> list[Probe]:
        return []

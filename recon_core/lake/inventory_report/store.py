"""The bucket in which reports lie: listed and read, with what it refuses told in the words of reports."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from recon_core.lake.base import ListingLog, ReadDeniedError
from recon_core.lake.inventory_report.errors import ReportError
from recon_core.lake.s3 import S3Lake

__all__ = ["ReportStore"]


class ReportStore:
    """A destination bucket. ``requests`` counts what was sent; all of it may be used by several threads.

    Raises ReportError for what is refused, NoSuchObjectError for what is not there, else LakeError.
    """

    def __init__(self, bucket: S3Lake, requests: int = 0) -> None:
        self._bucket = bucket
        self._lock = threading.Lock()
        self.requests = requests

    @property
    def url(self) -> str:
        return self._bucket.url

    def pages(self, prefix: str, start_after: str | None = None) -> Iterator[list[str]]:
        """The keys that begin with ``prefix`` and follow ``start_after``, a page at a time."""
        log = ListingLog()
        counted = 0
        for page in self._bucket.list_pages(prefix, start_after, log=log):
            self._count(log.requests - counted)
            counted = log.requests
            yield page.keys
        self._count(log.requests - counted)
        for hole in log.holes:
            raise ReportError(hole.error)

    def read(self, key: str, max_bytes: int) -> bytes:
        """The content of a small object."""
        self._count(1)
        try:
            return self._bucket.read(key, max_bytes)
        except ReadDeniedError as error:
            raise _refused(error) from error

    def download(self, key: str, target: Path, going: Callable[[], bool]) -> str:
        """Stream an object into a file, while ``going``; its MD5 in hexadecimal digits."""
        self._count(1)
        try:
            return self._bucket.download(key, target, going)
        except ReadDeniedError as error:
            raise _refused(error) from error

    def _count(self, requests: int) -> None:
        with self._lock:
            self.requests += requests


def _refused(error: ReadDeniedError) -> ReportError:
    return ReportError(f"{error}, and kms:Decrypt on its key where the reports are encrypted with one")

"""What every lake offers, and what a listing tells besides keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from recon_core.api.errors import LakeError

__all__ = [
    "DEFAULT_READ_CAP",
    "PAGE_KEYS",
    "READING",
    "DeniedError",
    "Hole",
    "Lake",
    "ListingLog",
    "ObjectVersion",
    "Page",
    "Probe",
    "UnreadableError",
]

PAGE_KEYS = 1000
"""The most keys that S3 lists in one page."""

DEFAULT_READ_CAP = 64 * 1024 * 1024
"""The largest object, in bytes, that ``Lake.read`` hands out unless told otherwise."""


READING = "a run reads containers, `recon schedules pull --from-lake` schedule files; all else is only listed"
"""What needs the permission to read objects."""


class DeniedError(LakeError):
    """Listing a prefix was refused: what lies below it stays unknown."""


class UnreadableError(LakeError):
    """One object cannot be read as it was listed: it is denied, archived, gone or changed. Others may be readable."""


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """An object as a listing saw it; fields as in ``Page``. It has an etag, or else a time."""

    key: str
    size: int
    last_modified_us: int | None
    etag: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some consecutive objects, as columns of one length, keys ascending in the order of their UTF-8 bytes.

    Keys are relative to the lake's URL, sizes in bytes, times in microseconds since 1970 (UTC), etags without quotes.
    """

    keys: list[str]
    sizes: list[int]
    last_modified_us: list[int]
    etags: list[str | None]


@dataclass(frozen=True, slots=True)
class Hole:
    """Keys from ``start`` (inclusive) to ``end`` (exclusive, ``None``: the last) that could not be listed, and why.

    ``left_out``: not refused, but left out by rule, as links that lead out of a local lake are.
    """

    start: str
    end: str | None
    error: str
    left_out: bool = False


@dataclass(slots=True)
class ListingLog:
    """What one listing tells besides its pages; one for each ``list_pages`` that runs.

    ``skipped`` counts what is there but is no object with a key, by the reason; ``on_retry`` gets a line each time a
    page is asked for again.
    """

    on_retry: Callable[[str], None] | None = None
    requests: int = 0
    holes: list[Hole] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def retried(self, message: str) -> None:
        if self.on_retry:
            self.on_retry(message)


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing that ``recon doctor`` tried: ``credentials``, ``list``, ``read`` or ``clock``.

    ``detail`` says what was found and ``advice`` how to mend it, both safe to show. A failed probe that is not
    ``required`` keeps only what ``detail`` names from working.
    """

    name: str
    ok: bool
    required: bool
    detail: str
    advice: str = ""


class Lake(Protocol):
    """An object store or a folder. Every method raises LakeError, one line that says what to do."""

    @property
    def url(self) -> str:
        """The lake's URL in one canonical form, without secrets, safe to show."""
        ...

    def list_pages(
        self, prefix: str = "", start_after: str | None = None, *, log: ListingLog | None = None
    ) -> Iterator[Page]:
        """List all objects whose key begins with ``prefix`` and is greater than ``start_after``.

        What is denied is noted as holes in ``log`` and the rest goes on; without a ``log`` it raises DeniedError.
        """
        ...

    def read(self, key: str, max_bytes: int = DEFAULT_READ_CAP) -> bytes:
        """The content of one object of at most ``max_bytes`` bytes."""
        ...

    def read_range(self, version: ObjectVersion, start: int, end: int) -> bytes:
        """The bytes from ``start`` (inclusive) to ``end`` (exclusive) of an object, of the version that was listed.

        ``0 <= start < end <= version.size``. Raises UnreadableError where this object cannot be read, or has changed.
        """
        ...

    def check(self, clock: Callable[[], datetime]) -> list[Probe]:
        """Try what a run needs; failures are probes, not exceptions. ``clock`` is the local clock (aware, UTC)."""
        ...

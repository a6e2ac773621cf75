"""What every lake offers, and what a listing tells besides keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from recon_core.api.errors import LakeError
from recon_core.objects import object_batch
from recon_core.snapshot import lake_place

if TYPE_CHECKING:
    import pyarrow

__all__ = [
    "DEFAULT_READ_CAP",
    "PAGE_KEYS",
    "READING",
    "DeniedError",
    "FailedPageError",
    "Hole",
    "Lake",
    "ListingLog",
    "NoSuchObjectError",
    "ObjectVersion",
    "Page",
    "Probe",
    "ReadDeniedError",
    "UnreadableError",
    "place_of",
]

PAGE_KEYS = 1000
"""The most keys that S3 lists in one page."""

DEFAULT_READ_CAP = 64 * 1024 * 1024
"""The largest object, in bytes, that ``Lake.read`` hands out unless told otherwise."""


READING = "a run reads containers, `recon schedules pull --from-lake` schedule files; all else is only listed"
"""What needs the permission to read objects."""


class DeniedError(LakeError):
    """Listing a prefix was refused: what lies below it stays unknown."""


class FailedPageError(LakeError):
    """The lake answers when it is asked for a page, but not with the page. Others may be had."""


class UnreadableError(LakeError):
    """One object cannot be read as it was listed: it is denied, archived, gone or changed. Others may be readable."""


class NoSuchObjectError(UnreadableError):
    """There is no object with the key that was to be read."""


class ReadDeniedError(UnreadableError):
    """Reading an object was refused."""


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """An object as a listing saw it; fields as in ``Page``. It has an etag, or else a time."""

    key: str
    size: int
    last_modified_us: int | None
    etag: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some consecutive objects as columns (``objects.object_schema``), in the order of their keys' UTF-8 bytes.

    Keys are relative to the lake's URL, sizes in bytes, times in microseconds since 1970 (UTC), etags without quotes.
    """

    rows: pyarrow.RecordBatch

    @classmethod
    def of(
        cls,
        keys: Sequence[str],
        sizes: Sequence[int],
        last_modified_us: Sequence[int],
        etags: Sequence[str | None],
    ) -> Page:
        """A page of columns of one length."""
        return cls(object_batch(keys, sizes, last_modified_us, etags))

    @property
    def first_key(self) -> str:
        """The first key; there is one in every page that a lake hands out."""
        key: str = self.rows.column(0)[0].as_py()
        return key

    @property
    def last_key(self) -> str:
        key: str = self.rows.column(0)[-1].as_py()
        return key

    @property
    def keys(self) -> list[str]:
        return _values(self.rows, "key")

    @property
    def sizes(self) -> list[int]:
        return _values(self.rows, "size")

    @property
    def last_modified_us(self) -> list[int]:
        return _values(self.rows, "last_modified")

    @property
    def etags(self) -> list[str | None]:
        return _values(self.rows, "etag")


def _values(rows: pyarrow.RecordBatch, name: str) -> list[Any]:
    import pyarrow as pa

    column = rows.column(name)
    values: list[Any] = (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_pylist()
    return values


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
    page is asked for again. ``memory`` is the lake's own, for what it need not find out anew in the next listing of one
    scan.
    """

    on_retry: Callable[[str], None] | None = None
    memory: dict[str, list[str]] = field(default_factory=dict)
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

    @property
    def endpoint(self) -> str | None:
        """Which service has the lake, without secrets; None for AWS S3 and for local folders.

        Two services may each have a bucket of one name.
        """
        ...

    @property
    def concurrent(self) -> bool:
        """Whether several listings at once take less time than one after the other."""
        ...

    @property
    def page_keys(self) -> int:
        """How many keys a page holds at most."""
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

    def last_modified(self, key: str) -> datetime | None:
        """When an object was last written; ``None`` where there is none. It needs no more than reading it does."""
        ...

    def read_range(self, version: ObjectVersion, start: int, end: int) -> bytes:
        """The bytes from ``start`` (inclusive) to ``end`` (exclusive) of an object, of the version that was listed.

        ``0 <= start < end <= version.size``. Raises UnreadableError where this object cannot be read, or has changed.
        """
        ...

    def check(self, clock: Callable[[], datetime]) -> list[Probe]:
        """Try what a run needs; failures are probes, not exceptions. ``clock`` is the local clock (aware, UTC)."""
        ...


def place_of(lake: Lake) -> str:
    """A lake's name among all lakes, as ``Snapshot.place`` is."""
    return lake_place(lake.url, lake.endpoint)

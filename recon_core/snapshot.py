"""Snapshots: what a scan saw, as Parquet, and which key ranges it covered, as JSON beside it.

Keys are relative to the lake's URL and everywhere in the order of their UTF-8 bytes, which is also the order of
Python's ``str`` and of S3's listings.
"""

from __future__ import annotations

import bisect
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from recon_core.files import Staging, disk_errors
from recon_core.objects import ColumnDigest, object_batch, object_schema, refuse_disorder
from recon_core.prices import REPORT_GETS, scan_usd
from recon_core.times import format_utc

if TYPE_CHECKING:
    import pyarrow

__all__ = [
    "ID_METADATA",
    "Aside",
    "KeyRange",
    "Mode",
    "RangeState",
    "ReportFacts",
    "Sample",
    "Snapshot",
    "SnapshotWriter",
    "lake_place",
    "prefix_end",
    "publish_snapshot",
    "range_of",
    "snapshot_id",
]

SCHEMA_VERSION = 1

Mode = Literal["listing", "inventory_report"]
RangeState = Literal["listed", "sampled_out", "denied"]

_PARQUET = "snapshot.parquet"
_JSON = "snapshot.json"
ID_METADATA = b"recon.snapshot_id"
_GROUP_ROWS = 100_000


def prefix_end(prefix: str) -> str | None:
    """The first key after all keys that begin with ``prefix``; ``None`` where none can follow."""
    text = prefix.rstrip("\U0010ffff")
    if not text:
        return None
    following = ord(text[-1]) + 1
    # No key holds a surrogate, so the code point after U+D7FF is U+E000.
    return text[:-1] + chr(0xE000 if following == 0xD800 else following)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRange:
    """A stretch of the key space, ``start`` inclusive to ``end`` exclusive (``None``: to the last key).

    ``error`` is what the lake said of a ``denied`` range, one line safe to show. ``evidence_at`` is the time for which
    the range proves what is absent.
    """

    start: str
    end: str | None
    state: RangeState
    error: str | None
    evidence_at: datetime

    def document(self) -> dict[str, Any]:
        """The range as ``snapshot.json`` holds it."""
        return {
            "start": self.start,
            "end": self.end,
            "state": self.state,
            "error": self.error,
            "evidence_at": format_utc(self.evidence_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """The inventory report that a snapshot was made of: its manifest's URL, when S3 began and finished it, and the
    number and size of its data files. ``rows`` are all that stand in them, current objects of the lake or not; None in
    snapshots of before that was counted.
    """

    manifest: str
    started_at: datetime
    created_at: datetime
    files: int
    bytes: int
    rows: int | None

    def document(self) -> dict[str, Any]:
        """The report as ``snapshot.json`` holds it."""
        return {
            "manifest": self.manifest,
            "started_at": format_utc(self.started_at),
            "created_at": format_utc(self.created_at),
            "files": self.files,
            "bytes": self.bytes,
            "rows": self.rows,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Which sample of the expected items a scan covered.

    ``rate`` and ``seed`` are what it was drawn with. ``clusters`` are the first target keys of its clusters, ascending:
    an item that the scan covered belongs to the last one at or before its own target key.
    """

    rate: float
    seed: int
    clusters: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """The sample as ``snapshot.json`` holds it."""
        return {"rate": self.rate, "seed": self.seed, "clusters": list(self.clusters)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a scan saw. The objects themselves are in the Parquet file.

    ``lake`` is the lake's URL and ``endpoint`` the service that has it (None: AWS S3, or a local folder), both without
    secrets. ``simulated``: made with ``--now``, so that it serves only runs with
    ``--now``. ``ranges`` ascend and do not overlap; keys in none of them were not scanned. ``bytes`` is the objects'
    total size. ``sample`` is None unless only a sample was covered. ``warnings`` are lines that are safe to show.
    ``report`` is None for a listing.
    """

    id: str
    lake: str
    mode: Mode
    evidence_at: datetime
    simulated: bool
    started_at: datetime
    finished_at: datetime
    requests: int
    objects: int
    bytes: int
    ranges: tuple[KeyRange, ...]
    sample: Sample | None = None
    warnings: tuple[str, ...] = field(default=())
    report: ReportFacts | None = None
    endpoint: str | None = None

    @property
    def place(self) -> str:
        """The lake's name among all lakes: what is said of one is not said of another."""
        return lake_place(self.lake, self.endpoint)

    @property
    def usd(self) -> float | None:
        """What it cost at S3's list prices, with a report's rows, which S3 charges read or not; None off S3."""
        gets = self.report.files + REPORT_GETS if self.report else 0
        reported = 0
        if self.report:
            reported = self.objects if self.report.rows is None else self.report.rows
        return scan_usd(self.lake, lists=max(0, self.requests - gets), gets=gets, reported=reported)

    def document(self) -> dict[str, Any]:
        """The snapshot as ``snapshot.json`` holds it (schemas/snapshot.schema.json)."""
        return {
            "schema_version": SCHEMA_VERSION,
            "id": self.id,
            "lake": self.lake,
            "endpoint": self.endpoint,
            "mode": self.mode,
            "evidence_at": format_utc(self.evidence_at),
            "simulated": self.simulated,
            "started_at": format_utc(self.started_at),
            "finished_at": format_utc(self.finished_at),
            "requests": self.requests,
            "objects": self.objects,
            "bytes": self.bytes,
            "ranges": [found.document() for found in self.ranges],
            "sample": None if self.sample is None else self.sample.document(),
            "warnings": list(self.warnings),
            "report": self.report.document() if self.report else None,
        }


Aside = Callable[[Path, Snapshot], dict[str, Path]]
"""What is asked, with the folder of a new snapshot's files and the snapshot, which of them go into place before it."""


def lake_place(url: str, endpoint: str | None) -> str:
    """A lake's name among all lakes, safe to show."""
    return url if endpoint is None else f"{url} at {endpoint}"


def snapshot_id(evidence_at: datetime, facts: Sequence[Any]) -> str:
    """A name that is the same for the same facts, which are what JSON can hold."""
    digest = hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode("ascii")).hexdigest()
    return f"snap_{re.sub('[-:]', '', format_utc(evidence_at))}_{digest[:8]}"


def publish_snapshot(
    staging: Staging, snapshot: Snapshot, parquet: Path, json_file: Path, aside: Aside | None = None
) -> None:
    """Rename a snapshot into place, whose Parquet file is staged as ``snapshot.parquet``; that goes first.

    Before that goes what ``aside`` answers. Raises DiskError; the previous snapshot is then untouched.
    """
    with disk_errors(json_file):
        text = json.dumps(snapshot.document(), indent=2, ensure_ascii=False) + "\n"
        (staging.path / _JSON).write_text(text, encoding="utf-8")
    before = aside(staging.path, snapshot) if aside else {}
    staging.publish({**before, _PARQUET: parquet, _JSON: json_file})


class SnapshotWriter:
    """Streams objects into Parquet and publishes them with their JSON when ``finish`` is called.

    ``with SnapshotWriter(parquet, json) as writer: writer.add(...); writer.finish(...)``. Memory holds one row group.
    Until ``finish``, and if it is never called, the targets stay as they are. The same rows and facts give the same
    Parquet bytes, however the rows were cut into calls of ``add``. ``aside`` is asked, with the folder of the files and
    the snapshot, which other files of that folder to put into place before these.
    """

    def __init__(
        self,
        parquet: Path,
        json: Path,
        *,
        group_rows: int = _GROUP_ROWS,
        aside: Aside | None = None,
    ) -> None:
        self._targets = {_PARQUET: parquet, _JSON: json}
        self._aside = aside
        self._group_rows = group_rows
        self._staging = Staging(parquet.parent)
        self._waiting: list[pyarrow.RecordBatch] = []
        self._waiting_rows = 0
        self._last_key: str | None = None
        self._digest = ColumnDigest()
        self.objects = 0
        self.bytes = 0

    def __enter__(self) -> SnapshotWriter:
        import pyarrow.parquet as pq

        self._staging.__enter__()
        self._arrow_schema = object_schema()
        with disk_errors(self._targets[_PARQUET]):
            self._writer = pq.ParquetWriter(
                self._staging.path / _PARQUET,
                self._arrow_schema,
                compression="zstd",
                compression_level=1,
                # Keys and etags are all different: a dictionary of them would only be thrown away.
                use_dictionary=False,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer.is_open:
            # Closing writes the footer of a file that nobody will see; a full disk must not hide the first error.
            try:
                self._writer.close()
            except OSError:
                self._writer.is_open = False
        self._staging.__exit__(kind, error, trace)

    @property
    def folder(self) -> Path:
        """A folder of this writer's own, removed with it."""
        return self._staging.path

    def add(
        self,
        keys: Sequence[str],
        sizes: Sequence[int],
        last_modified_us: Sequence[int],
        etags: Sequence[str | None],
    ) -> None:
        """As ``add_batch``, for values in rows."""
        self.add_batch(object_batch(keys, sizes, last_modified_us, etags))

    def add_batch(self, batch: pyarrow.RecordBatch) -> None:
        """Append objects (``object_schema``), in ascending order of their keys across all calls.

        This or a later call raises LakeError for keys that do not ascend, DiskError when the disk refuses.
        """
        self._waiting.append(batch)
        self._waiting_rows += batch.num_rows
        if self._waiting_rows >= self._group_rows:
            self._write_groups(whole_only=True)

    def _write_groups(self, *, whole_only: bool) -> None:
        import pyarrow as pa

        # One batch of many pages is looked at as fast as one page.
        table = pa.Table.from_batches(self._waiting, schema=self._arrow_schema).combine_chunks()
        start = 0
        while table.num_rows - start >= (self._group_rows if whole_only else 1):
            group = table.slice(start, self._group_rows)
            for batch in group.to_batches():
                self._note(batch)
            with disk_errors(self._targets[_PARQUET]):
                self._writer.write_table(group, row_group_size=self._group_rows)
            start += group.num_rows
        rest = table.slice(start)
        self._waiting = rest.to_batches()
        self._waiting_rows = rest.num_rows

    def _note(self, batch: pyarrow.RecordBatch) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        refuse_disorder(batch.column(0), self._last_key)
        self._last_key = batch.column(0)[-1].as_py()
        self._digest.add(batch)
        self.objects += batch.num_rows
        # Wide enough for any sum of sizes.
        self.bytes += int(pc.sum(batch.column(1).cast(pa.decimal128(19))).as_py() or 0)

    def finish(
        self,
        *,
        lake: str,
        mode: Mode,
        evidence_at: datetime,
        simulated: bool,
        started_at: datetime,
        finished_at: datetime,
        requests: int,
        ranges: Sequence[KeyRange],
        sample: Sample | None = None,
        warnings: Sequence[str] = (),
        endpoint: str | None = None,
    ) -> Snapshot:
        """Write what is left and rename both files into place, the Parquet first.

        Raises DiskError; the previous snapshot is then untouched.
        """
        if self._waiting_rows:
            self._write_groups(whole_only=False)
        facts = [
            lake,
            mode,
            [[found.start, found.end, found.state, format_utc(found.evidence_at)] for found in ranges],
            self.objects,
            self.bytes,
            self._digest.hexdigests(),
        ]
        if sample is not None:
            facts.append(sample.document())
        if endpoint is not None:
            facts.append(endpoint)
        snapshot = Snapshot(
            id=snapshot_id(evidence_at, facts),
            lake=lake,
            mode=mode,
            evidence_at=evidence_at,
            simulated=simulated,
            started_at=started_at,
            finished_at=finished_at,
            requests=requests,
            objects=self.objects,
            bytes=self.bytes,
            ranges=tuple(ranges),
            sample=sample,
            warnings=tuple(warnings),
            endpoint=endpoint,
        )
        with disk_errors(self._targets[_PARQUET]):
            self._writer.add_key_value_metadata({ID_METADATA: snapshot.id.encode("ascii")})
            self._writer.close()
        publish_snapshot(self._staging, snapshot, self._targets[_PARQUET], self._targets[_JSON], self._aside)
        return snapshot


def range_of(ranges: Sequence[KeyRange], key: str) -> KeyRange | None:
    """The one of a snapshot's ranges that holds the key; ``None`` where it was not scanned."""
    place = bisect.bisect_right(ranges, key, key=lambda found: found.start) - 1
    if place < 0:
        return None
    found = ranges[place]
    return found if found.end is None or key < found.end else None

"""Pages on the disk while a scan runs: kept as they come, read in the keys' order, and by the next scan if this ends.

A file of one header and then records: which keys a page covers, for which time, and its rows. Several are written at
once; from the first on that a killed process wrote half, the file is cut off when it is opened again.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.api.errors import DiskError
from recon_core.files import disk_errors
from recon_core.lake.spans import Span, within, without
from recon_core.objects import object_schema, rows_within
from recon_core.times import format_utc, parse_utc

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Checkpoint", "Covered", "Resume"]

_FORMAT = 1
_FRAME = struct.Struct("<III")
_MOST_FACTS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Covered:
    """Keys from ``start`` (inclusive) to ``end`` (exclusive) that were listed for ``evidence_at``.

    Their rows, if there are any, are at ``offset`` of the file. ``skipped`` counts what is there besides, by reason.
    """

    start: str
    end: str | None
    evidence_at: datetime
    rows: int
    offset: int
    length: int
    skipped: Mapping[str, int] = field(default_factory=dict)

    def cut(self, pieces: Iterable[Span]) -> list[Covered]:
        """What of it lies in the pieces. Where the skipped ones lie nobody knows: they go with the first."""
        return [
            replace(self, start=piece.start, end=piece.end, skipped={} if place else self.skipped)
            for place, piece in enumerate(pieces)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Where a scan's pages are kept beyond it, for which ``scope``, and since when they must be listed to serve."""

    path: Path
    scope: Mapping[str, Any]
    oldest: datetime

    def usable(self, checkpoint: Checkpoint, spans: Sequence[Span], now: datetime) -> list[Covered]:
        """What of the spans an earlier scan has covered, in order; nothing if one page is too old, or of the future."""
        if not all(self.oldest < found.evidence_at <= now for found in checkpoint.covered):
            checkpoint.clear()
        return [
            part
            for found in sorted(checkpoint.covered, key=lambda found: found.start)
            for part in found.cut(within(spans, found.start, found.end))
        ]


class Checkpoint:
    """The file at ``path``, which belongs to what ``scope`` says; thread-safe.

    ``with Checkpoint(path, scope) as checkpoint:``. ``covered`` is what the file held. A file of another scope or
    format is begun anew. Raises DiskError.
    """

    def __init__(self, path: Path, scope: Mapping[str, Any]) -> None:
        self._path = path
        self._scope = scope
        self._header = json.dumps({"recon scan": _FORMAT, **scope}, sort_keys=True).encode("ascii") + b"\n"
        self._idle = threading.Condition()
        self._writers = 0
        self.covered: list[Covered] = []

    def __enter__(self) -> Checkpoint:
        with disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            self._end = self._load()
            os.ftruncate(self._file, self._end)
        return self

    def __exit__(self, *_: object) -> None:
        with self._idle:
            file, self._file = self._file, -1
            self._idle.wait_for(lambda: not self._writers)
        os.close(file)

    def _load(self) -> int:
        """Read what the file holds; returns where its last whole record ends."""
        position = 0
        with open(self._file, "rb", closefd=False) as stream:
            if stream.readline(len(self._header)) == self._header:
                position = stream.tell()
                while (found := _read_record(stream)) is not None:
                    self.covered.append(found)
                    position = stream.tell()
        if not position:
            os.ftruncate(self._file, 0)
            position = os.pwrite(self._file, self._header, 0)
        return position

    def append(
        self,
        start: str,
        end: str | None,
        evidence_at: datetime,
        rows: pyarrow.RecordBatch | None,
        skipped: Mapping[str, int] | None = None,
    ) -> Covered:
        """Keep what a page covers, and its rows, if there are any, and what was skipped in it."""
        count = rows.num_rows if rows is not None else 0
        told = [start, end, format_utc(evidence_at), count]
        facts = json.dumps([*told, skipped] if skipped else told).encode("ascii")
        content = memoryview(rows.serialize()) if rows is not None and count else memoryview(b"")
        frame = _FRAME.pack(len(facts), len(content), zlib.crc32(content, zlib.crc32(facts)))
        record = b"".join((frame, facts, content))
        position = self._write(record)
        return Covered(start, end, evidence_at, count, position + len(frame) + len(facts), len(content), skipped or {})

    def _write(self, record: bytes) -> int:
        """Write a record at the end, beside others that are being written; where it stands.

        The file stays open until they are; nothing is written once it is closed.
        """
        with self._idle:
            file, position = self._file, self._end
            if file < 0:
                return position
            self._end += len(record)
            self._writers += 1
        try:
            with disk_errors(self._path):
                written = 0
                while written < len(record):
                    written += os.pwrite(file, record[written:], position + written)
        finally:
            with self._idle:
                self._writers -= 1
                self._idle.notify()
        return position

    def read(self, covered: Covered) -> pyarrow.RecordBatch:
        """The rows of a page that has some."""
        import pyarrow as pa

        with disk_errors(self._path):
            content = os.pread(self._file, covered.length, covered.offset)
        return pa.ipc.read_record_batch(pa.py_buffer(content), object_schema())

    def clear(self) -> None:
        """Forget what the file held."""
        with self._idle, disk_errors(self._path):
            self._end = len(self._header)
            os.ftruncate(self._file, self._end)
            self.covered = []

    def discard(self, spans: Sequence[Span]) -> None:
        """Forget what lies in the spans, which are done; of what the file held only the rest stays, if there is any."""
        rest = [part for found in self.covered for part in found.cut(without([Span(found.start, found.end)], spans))]
        made = self._path.with_name(f"{self._path.name}.rest")
        try:
            with disk_errors(made):
                made.unlink(missing_ok=True)
            if rest:
                with Checkpoint(made, self._scope) as kept:
                    for part in rest:
                        rows = rows_within(self.read(part), part.start, part.end) if part.rows else None
                        kept.append(part.start, part.end, part.evidence_at, rows, part.skipped)
                with disk_errors(self._path):
                    made.replace(self._path)
                return
        except DiskError:
            # It was another scan's, of which nothing is lost but time.
            with contextlib.suppress(OSError):
                made.unlink(missing_ok=True)
        with disk_errors(self._path):
            self._path.unlink(missing_ok=True)


def _read_record(stream: Any) -> Covered | None:
    """The next record; ``None`` at the end of the file, or where it is not whole."""
    frame = stream.read(_FRAME.size)
    if len(frame) < _FRAME.size:
        return None
    facts_length, length, checksum = _FRAME.unpack(frame)
    if not 0 < facts_length <= _MOST_FACTS:
        # Nothing, where a killed process had not yet written what it kept a place for.
        return None
    facts = stream.read(facts_length)
    offset = stream.tell()
    content = stream.read(length)
    if len(content) < length or zlib.crc32(content, zlib.crc32(facts)) != checksum:
        return None
    start, end, evidence_at, rows, *skipped = json.loads(facts)
    return Covered(start, end, parse_utc(evidence_at), rows, offset, length, *skipped)

"""The snapshots that a workspace keeps: the last one, and the one before it, so that the two can be compared."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.api.errors import UsageError
from recon_core.columns import number_column
from recon_core.files import disk_errors
from recon_core.objects import object_schema
from recon_core.schemas import validate_document
from recon_core.snapshot import ID_METADATA, KeyRange, ReportFacts, Sample, Snapshot
from recon_core.text import shown
from recon_core.times import parse_utc
from recon_core.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow

__all__ = ["keep_previous", "load_previous", "load_snapshot", "snapshot_keys"]

_AGAIN = "run `recon scan` to make it anew"


def load_snapshot(workspace: Workspace) -> Snapshot:
    """The workspace's last snapshot, after checking that its two files are whole and of one scan.

    Raises UsageError, which names ``recon scan``, when it is absent or damaged.
    """
    for path in (workspace.snapshot_json, workspace.snapshot_parquet):
        if not path.exists():
            raise UsageError(f"no snapshot: {workspace.shown(path)} is not there: run `recon scan` first")
    return _load(workspace, workspace.snapshot_json, workspace.snapshot_parquet)


def load_previous(workspace: Workspace) -> Snapshot:
    """The snapshot before the last one, checked in the same way; raises UsageError."""
    for path in (workspace.previous_json, workspace.previous_parquet):
        if not path.exists():
            raise UsageError(
                f"no earlier snapshot: {workspace.shown(path)} is not there: the next scan keeps the last one for that"
            )
    return _load(workspace, workspace.previous_json, workspace.previous_parquet)


def _load(workspace: Workspace, document: Path, parquet: Path) -> Snapshot:
    snapshot = _read_json(workspace, document)
    rows, identity = _read_footer(workspace, parquet)
    if (rows, identity) != (snapshot.objects, snapshot.id):
        raise UsageError(f"{workspace.shown(document)} and {workspace.shown(parquet)} are of different scans: {_AGAIN}")
    return snapshot


def _read_json(workspace: Workspace, path: Path) -> Snapshot:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        validate_document("snapshot", document)
        ranges = tuple(
            KeyRange(
                start=found["start"],
                end=found["end"],
                state=found["state"],
                error=found["error"],
                evidence_at=parse_utc(found["evidence_at"]),
            )
            for found in document["ranges"]
        )
        for one, following in itertools.pairwise(ranges):
            if one.end is None or one.end > following.start:
                raise ValueError("its ranges overlap")
        return Snapshot(
            id=document["id"],
            lake=document["lake"],
            endpoint=document.get("endpoint"),
            mode=document["mode"],
            evidence_at=parse_utc(document["evidence_at"]),
            simulated=document["simulated"],
            started_at=parse_utc(document["started_at"]),
            finished_at=parse_utc(document["finished_at"]),
            requests=document["requests"],
            objects=document["objects"],
            bytes=document["bytes"],
            ranges=ranges,
            sample=_sample(document.get("sample")),
            warnings=tuple(document["warnings"]),
            report=_report(document["report"]),
        )
    except OSError as error:
        raise UsageError(f"cannot read {workspace.shown(path)}: {shown(error.strerror or error)}") from error
    except (ValueError, RecursionError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{workspace.shown(path)} is damaged ({shown(reason)}): {_AGAIN}") from error


def _report(document: dict[str, Any] | None) -> ReportFacts | None:
    if document is None:
        return None
    return ReportFacts(
        manifest=document["manifest"],
        started_at=parse_utc(document["started_at"]),
        created_at=parse_utc(document["created_at"]),
        files=document["files"],
        bytes=document["bytes"],
        rows=document.get("rows"),
    )


def _sample(document: dict[str, Any] | None) -> Sample | None:
    if document is None:
        return None
    return Sample(rate=document["rate"], seed=document["seed"], clusters=tuple(document["clusters"]))


def _columns(schema: pyarrow.Schema) -> list[tuple[str, pyarrow.DataType]]:
    """Names and types. An inventory report need not tell every object's size and time, so these may be null."""
    return [(column.name, column.type) for column in schema]


def _read_footer(workspace: Workspace, path: Path) -> tuple[int, str]:
    """The Parquet file's number of rows and the snapshot id that it was written with."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(path)
        columns_agree = _columns(metadata.schema.to_arrow_schema()) == _columns(object_schema())
    except (OSError, pa.ArrowException) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{workspace.shown(path)} is damaged ({shown(reason)}): {_AGAIN}") from error
    if not columns_agree:
        raise UsageError(f"{workspace.shown(path)} is damaged (it has other columns): {_AGAIN}")
    return metadata.num_rows, (metadata.metadata or {}).get(ID_METADATA, b"").decode("ascii", "replace")


def keep_previous(ws: Workspace) -> Callable[[Path, Snapshot], dict[str, Path]]:
    """What a scan calls, with the folder of its files and its snapshot, before that takes the place of the last one.

    It answers with the files, in that folder, that are to be put into place before the new ones. The last snapshot is
    set aside if it is whole; else the one before it stays. One that was made with ``--now`` does not become the
    previous one of a snapshot that was not.
    """

    def set_aside(folder: Path, new: Snapshot) -> dict[str, Path]:
        try:
            last = load_snapshot(ws)
        except UsageError:
            return {}
        if last.simulated and not new.simulated:
            return {}
        pairs = [(ws.snapshot_parquet, ws.previous_parquet), (ws.snapshot_json, ws.previous_json)]
        for source, target in pairs:
            with disk_errors(target):
                _link(source, folder / target.name)
        return {target.name: target for _, target in pairs}

    return set_aside


def _link(source: Path, target: Path) -> None:
    """A second name for the file, which stays in place; a copy where the file system has no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def snapshot_keys(parquet: Path, stride: int) -> list[str]:
    """Every ``stride``-th key of a snapshot, in order; one row group at a time is in memory."""
    import pyarrow.parquet as pq

    found: list[str] = []
    skip = stride - 1
    with pq.ParquetFile(parquet) as file:
        for group in range(file.num_row_groups):
            keys = file.read_row_group(group, columns=["key"]).column("key")
            found += keys.take(number_column(range(skip, len(keys), stride))).to_pylist()
            skip = (skip - len(keys)) % stride
    return found

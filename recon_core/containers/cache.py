"""Columns of containers that were read before, one small Parquet file each, below ``inventory/cache/containers/``.

A file's name is a digest of the lake, the object's version and the column, so an object that changed has another one,
and nothing in it is ever out of date.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from recon_core.files import atomic_write
from recon_core.lake import ObjectVersion

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ColumnCache"]

_NAME = b"recon.container"


class ColumnCache:
    """The kept columns in ``folder``, which need not be there yet.

    Keeping is a favour: where the folder cannot be read the column is read from the lake again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, lake_url: str, version: ObjectVersion, column: str) -> Path:
        """The file of one column of one version of an object."""
        # Without an etag, as in a local folder, the time tells one version from the next.
        mark = version.etag if version.etag is not None else version.last_modified_us
        facts = json.dumps([lake_url, version.key, mark, version.size, column])
        return self._folder / f"{hashlib.sha256(facts.encode()).hexdigest()[:40]}.parquet"

    def load(self, path: Path) -> pa.Array | None:
        """The values of a kept column; ``None`` where it is not kept, or damaged."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                if (file.schema_arrow.metadata or {}).get(_NAME) != path.stem.encode():
                    return None
                return file.read(use_threads=False).column("value").combine_chunks().cast(pa.string())
        except (OSError, ValueError, KeyError, pa.ArrowException):
            return None

    def save(self, path: Path, values: pa.Array) -> None:
        """Keep a column. Raises DiskError."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table({"value": values}).replace_schema_metadata({_NAME: path.stem.encode()})
        stream = io.BytesIO()
        pq.write_table(table, stream, compression="zstd", use_dictionary=False, write_page_checksum=True)
        atomic_write(path, stream.getvalue())

    def sweep(self, used: Collection[Path]) -> None:
        """Remove every kept column that is not among ``used``. The caller holds the workspace's lock."""
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            if path not in used:
                path.unlink(missing_ok=True)

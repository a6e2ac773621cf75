"""Says which generated file is damaged when the engine fails on one, and which command makes it anew."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from recon_core.api.errors import ConfigError
from recon_core.text import shown

__all__ = ["GeneratedFile", "damage_named", "footer_digest", "require_digest"]


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A file that the engine reads: as it is shown, what mends it, and the columns that it must have."""

    path: Path
    shown: str
    mend: str
    columns: Sequence[str]

    def damage(self) -> str | None:
        """What is wrong with the file, found by reading all of it; ``None`` if it can be read."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path, page_checksum_verification=True) as file:
                lacking = [name for name in self.columns if name not in file.schema_arrow.names]
                if lacking:
                    return f"it lacks the column {lacking[0]}"
                for batch in file.iter_batches():
                    batch.validate(full=True)
        except (OSError, ValueError, pa.ArrowException) as error:
            return (str(error).splitlines() or [type(error).__name__])[0][:200]
        return None

    def error(self, damage: str) -> ConfigError:
        """The error that names the file and what mends it."""
        return ConfigError(f"{self.shown} is damaged ({shown(damage)}): {self.mend}; previous outputs are untouched")


@contextlib.contextmanager
def damage_named(files: Sequence[GeneratedFile]) -> Iterator[None]:
    """Where the engine fails, look whether one of ``files`` that exist is to blame, and raise ConfigError then."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        for file in files:
            damage = file.damage() if file.path.is_file() else None
            if damage is not None:
                raise file.error(damage) from error
        raise


def footer_digest(path: Path) -> str:
    """A digest of a Parquet file's footer, which says where every page lies and what it holds: another for any other
    file, and got without reading the file.

    Raises OSError, or ValueError for a file that has no footer.
    """
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - 8))
        tail = stream.read()
        length = int.from_bytes(tail[:4], "little")
        if tail[4:] != b"PAR1" or length + 12 > size:
            raise ValueError("it has no footer, as if it were cut off")
        stream.seek(size - 8 - length)
        return hashlib.sha256(stream.read(length)).hexdigest()


def require_digest(file: GeneratedFile, digest: str, document: str) -> None:
    """Refuse a file that is not the one which the JSON ``document`` beside it was written with.

    Files are renamed into place one after the other, so a process killed between two leaves a pair of two cycles.
    Raises ConfigError, also where the file has no readable footer.
    """
    try:
        found = footer_digest(file.path)
    except (OSError, ValueError) as error:
        raise file.error(str(error)) from error
    if found != digest:
        raise ConfigError(f"{file.shown} and {document} are of different cycles: {file.mend}")

"""An object of the lake as a file that is read range by range, so that only what is looked at is fetched."""

from __future__ import annotations

import io

from recon_core.lake import Lake, ObjectVersion

__all__ = ["RangedFile"]


class RangedFile(io.RawIOBase):
    """A read-only, seekable file over ``Lake.read_range``. What the lake raises comes out of ``read`` as it is.

    It keeps nothing back: whoever reads it, as a Parquet reader does, asks for large pieces.
    """

    def __init__(self, lake: Lake, version: ObjectVersion) -> None:
        self._lake = lake
        self._version = version
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._version.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        end = self._version.size if size is None or size < 0 else min(self._at + size, self._version.size)
        if end <= self._at:
            return b""
        content = self._lake.read_range(self._version, self._at, end)
        self._at = end
        return content

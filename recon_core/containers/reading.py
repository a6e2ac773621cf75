"""Reads the containers that a cycle needs: from what was kept of them, else from the lake, several at a time."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from recon_core.containers.cache import ColumnCache
from recon_core.containers.column import ColumnError, distinct_values
from recon_core.containers.ranged import RangedFile
from recon_core.lake import Lake, ObjectVersion, UnreadableError
from recon_core.progress import Progress
from recon_core.several import Going, do_several
from recon_core.text import shown

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ContainerColumn", "ContainerObject", "ContainerReader"]

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class ContainerObject:
    """A container as the snapshot has it, and the column whose values are asked for."""

    version: ObjectVersion
    column: str


@dataclass(frozen=True, slots=True)
class ContainerColumn:
    """The distinct values of a container's column (text), or why they cannot be told (one line, safe to show)."""

    values: pa.Array | None
    error: str | None


@dataclass
class ContainerReader:
    """Reads columns of containers; ``lake`` opens the lake when one has to be read there.

    ``kept`` is where columns of earlier runs are, ``keep`` where new ones go: the same, or for a dry run a folder that
    nobody keeps. ``read`` counts the containers that were read from the lake, ``used`` holds the files of all.
    """

    lake: Callable[[], Lake]
    lake_url: str
    kept: ColumnCache
    keep: ColumnCache | None
    progress: Progress
    read: int = 0
    used: set[Path] = field(default_factory=set)

    def __call__(self, wanted: Sequence[ContainerObject]) -> list[ContainerColumn]:
        """The columns, in the order of ``wanted``.

        A container that cannot be read is told as such. Raises LakeError when the lake itself cannot be asked,
        DiskError when a column cannot be kept.
        """
        columns: dict[int, ContainerColumn] = {}
        unread: list[int] = []
        for place, one in enumerate(wanted):
            path = self.kept.path(self.lake_url, one.version, one.column)
            self.used.add(path)
            values = self.kept.load(path)
            if values is None:
                unread.append(place)
            else:
                columns[place] = ContainerColumn(values, None)
        if unread:
            lake, told = self.lake(), itertools.count(1)

            def fetch(place: int, going: Going) -> ContainerColumn:
                return self._fetch(lake, wanted[place], going)

            def done(place: int, column: ContainerColumn) -> None:
                columns[unread[place]] = column
                self.progress.update(next(told), len(unread), "containers")

            # After a failure nothing more is begun: it would fail in the same way, after as many tries.
            do_several(fetch, unread, at_once=_AT_ONCE, done=done)
            self.read += len(unread)
        return [columns[place] for place in range(len(wanted))]

    def _fetch(self, lake: Lake, one: ContainerObject, going: Going) -> ContainerColumn:
        try:
            values = distinct_values(cast("IO[bytes]", RangedFile(lake, one.version)), one.column)
        except UnreadableError as error:
            return ContainerColumn(None, str(error))
        except ColumnError as error:
            return ContainerColumn(None, f"{shown(one.version.key)} {error}")
        if self.keep is not None and going():
            self.keep.save(self.keep.path(self.lake_url, one.version, one.column), values)
        return ContainerColumn(values, None)

"""A local folder as a lake. No link leads out of it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from recon_core.api.errors import LakeError
from recon_core.lake.base import (
    DEFAULT_READ_CAP,
    PAGE_KEYS,
    READING,
    DeniedError,
    Hole,
    ListingLog,
    NoSuchObjectError,
    ObjectVersion,
    Page,
    Probe,
    UnreadableError,
)
from recon_core.snapshot import prefix_end
from recon_core.text import shown
from recon_core.times import from_us

__all__ = ["LocalLake", "open_folder"]

# The stretches of a sample are a few keys each, and what a page holds behind one is looked at in vain.
_FIRST_PAGE = 16
_AFTER_SLASH = chr(ord("/") + 1)
_NOT_UTF8 = "files and folders whose name is not UTF-8"
_FOLDER_LINKS = "linked folders: links to folders are not followed"
_OUTSIDE = "links that lead out of the lake or nowhere"
_SPECIAL = "special files (devices, pipes, sockets)"
_GONE = {errno.ENOENT, errno.ENOTDIR}


def open_folder(path: str) -> LocalLake:
    """The lake in an absolute local folder.

    Raises LakeError when the folder is not there.
    """
    try:
        return LocalLake(Path(path))
    except (OSError, RuntimeError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "a loop of links"
        raise LakeError(f"the lake's folder {shown(path)} cannot be opened ({reason}): check lake.url") from error


@dataclass(slots=True)
class _Walk:
    """The state of one listing."""

    prefix: str
    start_after: str | None
    skipped: Counter[str]
    hole: Callable[[Hole], None]
    left_out: list[Hole]
    memory: dict[str, list[str]]
    anything_vanished: bool = False

    def leave_out(self, key: str, what: str) -> None:
        """Something that is there and not read: what lies behind it is not known, so its keys are not covered."""
        start = self.start_after
        if start is None or key > start or start.startswith(key + "/"):
            # Else the listing that this one goes on from told of it.
            self.skipped[what] += 1
        error = f"{shown(key)} was left out: {what}"
        self.left_out.append(Hole(key, key + "\0", error, left_out=True))
        self.left_out.append(Hole(key + "/", prefix_end(key + "/"), error, left_out=True))

    def remember(self, folder: str, names: list[str]) -> None:
        """Keep the names of a folder and of those above it: the next stretch of a scan often begins there."""
        for other in [known for known in self.memory if not folder.startswith(known)]:
            del self.memory[other]
        self.memory[folder] = names

    def concerned(self, folder: str, names: list[str]) -> list[str]:
        """Those of a folder's names, in order, in which keys may lie that are listed."""
        first, last = 0, len(names)
        if self.start_after is not None and self.start_after.startswith(folder):
            first = bisect_left(names, self.start_after[len(folder) :].partition("/")[0])
        wanted = 0
        if self.prefix.startswith(folder):
            name, slash, _ = self.prefix[len(folder) :].partition("/")
            wanted = bisect_left(names, name)
            end = prefix_end(name + slash)
            last = last if end is None else bisect_left(names, end)
        return [*self._reaching(folder, names, wanted, min(first, last)), *names[max(first, wanted) : last]]

    def _reaching(self, folder: str, names: list[str], first: int, last: int) -> Iterator[str]:
        """Those of some names before the start, in order, behind which keys after it would lie if they were links.

        A link is left out with all that lies below it, and ``data/`` sorts after all of ``data-old/``.
        """
        component = (self.start_after or "")[len(folder) :].partition("/")[0]
        for length in range(1, len(component)):
            place = bisect_left(names, component[:length], first, last)
            if place < last and names[place] == component[:length] and self.passes(folder + names[place]):
                yield names[place]

    def passes(self, name: str) -> bool:
        """Whether of a name, and what would lie below it, anything sorts after the start."""
        return self.start_after is None or self.start_after < name + _AFTER_SLASH


class LocalLake:
    """Every regular file below ``root`` is an object whose key is its path with slashes.

    Links to files are read where they lead to a regular file inside the root; links to folders are not followed. What
    is left out in this way is a hole: nothing is proved absent there. A listing holds the names of one folder (and of
    those above it) in memory at a time, and a scan of many stretches reads them once.
    """

    def __init__(self, root: Path) -> None:
        self._url = Path(os.path.abspath(root)).as_uri()  # noqa: PTH100 - links in the URL stay as they are written
        self._root = root.resolve(strict=True)
        if not self._root.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        self._identity = self._identify()

    @property
    def url(self) -> str:
        return shown(self._url)

    @property
    def endpoint(self) -> None:
        return None

    @property
    def concurrent(self) -> bool:
        return False

    @property
    def page_keys(self) -> int:
        return PAGE_KEYS

    def list_pages(
        self, prefix: str = "", start_after: str | None = None, *, log: ListingLog | None = None
    ) -> Iterator[Page]:
        """As ``Lake.list_pages``. A folder that cannot be read is a hole, a file that vanishes is no object."""

        def hole(found: Hole) -> None:
            if log is None:
                raise DeniedError(found.error)
            log.holes.append(found)

        noted = log or ListingLog()
        walk = _Walk(prefix, start_after, noted.skipped, hole, noted.holes, noted.memory)
        most = PAGE_KEYS if start_after is None else _FIRST_PAGE
        keys: list[str] = []
        sizes: list[int] = []
        times: list[int] = []
        for key, found in self._files(walk):
            keys.append(key)
            sizes.append(found.st_size)
            times.append(found.st_mtime_ns // 1000)
            if len(keys) == most:
                yield Page.of(keys, sizes, times, [None] * len(keys))
                keys, sizes, times = [], [], []
                most = min(PAGE_KEYS, 2 * most)
        if keys:
            yield Page.of(keys, sizes, times, [None] * len(keys))
        if walk.anything_vanished:
            self._still_there()

    def _files(self, walk: _Walk) -> Iterator[tuple[str, os.stat_result]]:
        """Keys and stats of the files, in the order of the keys' UTF-8 bytes."""
        # A stack of its own: folders may nest deeper than calls.
        above = [("", iter(walk.concerned("", self._names("", walk))))]
        while above:
            folder, names = above[-1]
            name = next(names, None)
            if name is None:
                above.pop()
                continue
            key = folder + name
            if name.endswith("/"):
                if self._concerns(key, walk):
                    above.append((key, iter(walk.concerned(key, self._names(key, walk)))))
                continue
            below = key.startswith(walk.prefix)
            if not (below or walk.prefix.startswith(key + "/")):
                continue
            after = walk.start_after is None or key > walk.start_after
            if not walk.passes(key):
                continue
            try:
                found = self._stat(key, walk.leave_out)
            except OSError as error:
                if error.errno in _GONE:
                    walk.anything_vanished = True
                else:
                    self._refused(key, folder, error, walk)
                    above.pop()
                continue
            if found is not None and below and after:
                yield key, found

    def _names(self, folder: str, walk: _Walk) -> list[str]:
        """The names in a folder, folders with a slash at their end, as their keys sort; none if unreadable."""
        if (known := walk.memory.get(folder)) is not None:
            return known
        names: list[str] = []
        try:
            with os.scandir(self._path(folder)) as entries:
                for entry in entries:
                    try:
                        entry.name.encode("utf-8")
                    except UnicodeEncodeError:
                        if walk.start_after is None or not walk.start_after.startswith(folder):
                            # Else the listing that this one goes on from told of it.
                            walk.skipped[_NOT_UTF8] += 1
                        continue
                    names.append(entry.name + "/" if entry.is_dir(follow_symlinks=False) else entry.name)
        except OSError as error:
            if error.errno in _GONE and folder:
                walk.anything_vanished = True
            else:
                self._refused(folder, folder, error, walk)
            return []
        names.sort()
        walk.remember(folder, names)
        return names

    def _concerns(self, folder: str, walk: _Walk) -> bool:
        if not (folder.startswith(walk.prefix) or walk.prefix.startswith(folder)):
            return False
        end = prefix_end(folder)
        return walk.start_after is None or end is None or walk.start_after < end

    def _stat(self, key: str, leave_out: Callable[[str, str], None]) -> os.stat_result | None:
        """The stat of a regular file or of one inside the root that a link leads to; None for anything else."""
        path = self._path(key)
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            target = self._target(path)
            if target is None:
                leave_out(key, _OUTSIDE)
                return None
            found = target.lstat()
            if stat.S_ISDIR(found.st_mode):
                leave_out(key, _FOLDER_LINKS)
                return None
        if not stat.S_ISREG(found.st_mode):
            if not stat.S_ISDIR(found.st_mode):
                leave_out(key, _SPECIAL)
            return None
        return found

    def _target(self, path: Path) -> Path | None:
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):
            return None
        return target if target.is_relative_to(self._root) else None

    def _path(self, key: str) -> Path:
        return self._root / key

    def _refused(self, start: str, folder: str, error: OSError, walk: _Walk) -> None:
        """From ``start`` to the end of ``folder`` nothing could be read."""
        reason = os.strerror(error.errno) if error.errno else "error"
        walk.hole(
            Hole(
                max(start, walk.prefix),
                prefix_end(max(folder, walk.prefix)),
                f"{shown(self._path(folder))}: {reason}: make the folder readable for the user that runs recon",
            )
        )

    def _identify(self) -> tuple[int, int]:
        found = self._root.stat()
        return found.st_dev, found.st_ino

    def _still_there(self) -> None:
        """Files that vanish are no objects, but not when the whole folder went, as when a disk is unmounted."""
        try:
            same = self._identify() == self._identity
        except OSError:
            same = False
        if not same:
            raise LakeError(f"{self.url}: the folder went away while it was scanned: mount it again, and run again")

    def read(self, key: str, max_bytes: int = DEFAULT_READ_CAP) -> bytes:
        """As ``Lake.read``. Reads what a listing would list, and nothing else."""
        with self._opened(key) as stream:
            content = stream.read(max_bytes + 1)
        if len(content) > max_bytes:
            raise LakeError(f"{self._named(key)}: the object is larger than {max_bytes:,} bytes: too large to read")
        return content

    def last_modified(self, key: str) -> datetime | None:
        """As ``Lake.last_modified``."""
        try:
            with self._opened(key) as stream:
                return from_us(os.fstat(stream.fileno()).st_mtime_ns // 1000)
        except NoSuchObjectError:
            return None

    def read_range(self, version: ObjectVersion, start: int, end: int) -> bytes:
        """As ``Lake.read_range``. Without etags a version is told by size and time."""
        with self._opened(version.key) as stream:
            found = os.fstat(stream.fileno())
            stream.seek(start)
            content = stream.read(end - start)
        same = (found.st_size, found.st_mtime_ns // 1000) == (version.size, version.last_modified_us)
        if not same or len(content) != end - start:
            raise UnreadableError(f"{self._named(version.key)}: it has changed since the scan: scan again")
        return content

    @contextlib.contextmanager
    def _opened(self, key: str) -> Iterator[BinaryIO]:
        """A file that a listing would list; raises UnreadableError."""
        name = self._named(key)
        parts = key.split("/")
        if any(part in ("", ".", "..") or "\0" in part for part in parts):
            raise NoSuchObjectError(f"{name}: there is no such object")
        try:
            folder = self._root.joinpath(*parts[:-1])
            if folder.resolve(strict=True) != folder or self._stat(key, lambda *_: None) is None:
                raise NoSuchObjectError(f"{name}: there is no such object")
            with self._path(key).open("rb") as stream:
                yield stream
        except (OSError, RuntimeError, UnicodeEncodeError) as error:
            number = error.errno if isinstance(error, OSError) else None
            if number is None or number in _GONE:
                raise NoSuchObjectError(f"{name}: there is no such object") from error
            mend = "make it readable for the user that runs recon"
            raise UnreadableError(f"{name}: {os.strerror(number)}: {mend}") from error

    def _named(self, key: str) -> str:
        return f"{self.url}/{shown(key)}"

    def check(self, clock: Callable[[], datetime]) -> list[Probe]:
        """As ``Lake.check``: list one page and read its first file. The clock is the machine's own."""
        log = ListingLog()
        try:
            keys = next((page.keys for page in self.list_pages(log=log)), [])
        except LakeError as error:
            detail, _, advice = str(error).rpartition(": ")
            return [Probe("list", False, True, detail, advice)]
        refused = [hole for hole in log.holes if not hole.left_out]
        if refused:
            detail, _, advice = refused[0].error.rpartition(": ")
            return [Probe("list", False, True, detail, advice)]
        count = f"{len(keys):,} files and more" if len(keys) == PAGE_KEYS else f"{len(keys):,} files"
        listed = Probe("list", True, True, f"{self.url} lists {count}")
        if not keys:
            return [listed, Probe("read", True, False, "there is no file to read")]
        try:
            with self._path(keys[0]).open("rb"):
                return [listed, Probe("read", True, False, f"{self.url}/{shown(keys[0])} can be read")]
        except OSError as error:
            detail = f"{self.url}/{shown(keys[0])}: {os.strerror(error.errno or 0)}"
            advice = f"make the files readable: {READING}"
            return [listed, Probe("read", False, False, detail, advice)]

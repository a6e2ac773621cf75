"""Files that are whole or not there: staged beside their target, fsynced, renamed; and the lock of a workspace."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from recon_core.api.errors import DiskError, LockHeldError
from recon_core.text import shown

__all__ = ["Staging", "WorkspaceLock", "atomic_write", "disk_errors"]

_STAGING_PREFIX = ".staging-"


@contextlib.contextmanager
def disk_errors(target: Path) -> Iterator[None]:
    """Turn an OSError while writing ``target`` into a DiskError that says what to do."""
    try:
        yield
    except OSError as error:
        advice = {
            errno.ENOSPC: "free some space and run again",
            errno.EDQUOT: "free some of your quota and run again",
            errno.EACCES: "make the folder writable, or choose another workspace with -w",
            errno.EPERM: "make the folder writable, or choose another workspace with -w",
            errno.EROFS: "the file system is read-only: choose another workspace with -w",
            errno.EISDIR: "a folder stands there: name a file, or move the folder away",
        }.get(error.errno or 0, "check the path and the disk")
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise DiskError(
            f"cannot write {shown(target)}: {shown(reason)}; previous outputs are untouched; {advice}"
        ) from error


def fsync_path(path: Path) -> None:
    """Flush a file's or folder's content to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def atomic_write(path: Path, content: bytes | str) -> None:
    """Write a file whole: a reader sees the old content or the new, never a part.

    Raises DiskError; the old content is then untouched.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            # mkstemp makes files private; the outputs follow the user's umask like any other file.
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        fsync_path(path.parent)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _expect_writable(target: Path) -> None:
    """Raise the OSError with which a rename to ``target`` would fail."""
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    with tempfile.TemporaryFile(dir=target.parent):
        pass


class Staging:
    """A folder beside the outputs in which a step's files are made before all of them are renamed into place.

    ``with Staging(parent) as staging: ...; staging.publish({"coverage.parquet": target})``. What is not published is
    removed; what a killed process left behind is removed by the next one (``sweep``).
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self.path = parent

    def __enter__(self) -> Staging:
        with disk_errors(self._parent):
            self._parent.mkdir(parents=True, exist_ok=True)
            self.path = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=self._parent))
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def publish(self, targets: dict[str, Path]) -> None:
        """Rename staged files to their targets, in the order given, after all of them are on the disk.

        What would make a later rename fail is looked for before the first: outputs of two runs are not mixed.
        """
        ready: dict[str, Path] = {}
        try:
            for name, target in targets.items():
                with disk_errors(target):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    ready[name] = self._beside(self.path / name, target)
                    fsync_path(ready[name])
            for target in targets.values():
                with disk_errors(target):
                    _expect_writable(target)
            for name, target in targets.items():
                with disk_errors(target):
                    ready[name].replace(target)
        except BaseException:
            for path in ready.values():
                path.unlink(missing_ok=True)
            raise
        for folder in {target.parent for target in targets.values()}:
            with disk_errors(folder):
                fsync_path(folder)

    def _beside(self, staged: Path, target: Path) -> Path:
        """The staged file, or a copy beside its target where that lies on another file system."""
        if staged.stat().st_dev == target.parent.stat().st_dev:
            return staged
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
        os.close(handle)
        copy = Path(name)
        try:
            shutil.copyfile(staged, copy)
            copy.chmod(0o666 & ~_umask())
        except BaseException:
            copy.unlink(missing_ok=True)
            raise
        return copy

    @staticmethod
    def sweep(parent: Path) -> None:
        """Remove what killed processes left in ``parent``. The caller holds the workspace's lock."""
        for left in [*parent.glob(f"{_STAGING_PREFIX}*"), *parent.glob(".*.tmp")]:
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    left.unlink()


class WorkspaceLock:
    """One cycle at a time in a workspace.

    The operating system drops the lock with the process that held it, so a dead process's lock is free at once.
    Raises LockHeldError when another process holds it, DiskError when the lock file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> WorkspaceLock:
        from filelock import FileLock, Timeout

        with disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._path, timeout=0)
            try:
                self._lock.acquire()
            except Timeout:
                raise LockHeldError(
                    f"another recon is at work in this workspace ({self._holder()}holding {shown(self._path)}): "
                    "wait for it to end, or stop it"
                ) from None
            owner = self._path.with_suffix(".pid")
            owner.write_text(f"{os.getpid()}\n", encoding="ascii")
        return self

    def __exit__(self, *_: object) -> None:
        self._path.with_suffix(".pid").unlink(missing_ok=True)
        self._lock.release()

    def _holder(self) -> str:
        try:
            return f"process {int(self._path.with_suffix('.pid').read_text(encoding='ascii'))}, "
        except (OSError, ValueError):
            return ""

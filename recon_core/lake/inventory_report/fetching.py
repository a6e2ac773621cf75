"""A report's data files, brought onto the disk: several at once, each verified while it comes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recon_core.api.errors import DiskError
from recon_core.files import disk_errors
from recon_core.lake.base import NoSuchObjectError
from recon_core.lake.inventory_report.conversion import orc_as_parquet
from recon_core.lake.inventory_report.discovery import Report
from recon_core.lake.inventory_report.errors import DamagedReportError, ReportError
from recon_core.lake.inventory_report.manifest import ReportFile
from recon_core.progress import Progress
from recon_core.several import Going, do_several
from recon_core.text import shown

__all__ = ["FetchedReport", "fetch_report"]

_TRIES = 3
# As many connections as a client keeps open.
_MOST_AT_ONCE = 10
_MOST_SYMLINK_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedReport:
    """A report whose data files lie on the disk, as CSV or as Parquet.

    ``unreadable`` counts the rows that were left out because their key is no UTF-8.
    """

    report: Report
    files: tuple[Path, ...]
    unreadable: int = 0


def fetch_report(report: Report, folder: Path, *, workers: int, progress: Progress) -> FetchedReport:
    """Bring the data files into ``folder``; ORC comes out as Parquet.

    Raises DamagedReportError when one is absent or other than its MD5 says, ReportError when there are none, which
    would make a whole lake look lost; DiskError when they do not fit onto the disk.
    """
    files = report.manifest.files
    if not files:
        raise ReportError(f"{report.url} names no data file, so it proves nothing: set scan.mode to listing")
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    if free < report.manifest.bytes:
        raise DiskError(
            f"{report.url}: its data files have {report.manifest.bytes:,} bytes, and {shown(folder.parent)} has "
            f"{free:,} left: free some space, or set scan.mode to listing"
        )
    found: dict[int, tuple[Path, int]] = {}

    def fetch(numbered: tuple[int, ReportFile], going: Going) -> tuple[Path, int]:
        number, file = numbered
        return _fetch(report, file, folder / f"{number:06}", going)

    def done(number: int, fetched: tuple[Path, int]) -> None:
        found[number] = fetched
        progress.update(len(found), len(files), "files of the report")

    do_several(fetch, list(enumerate(files)), at_once=min(workers, _MOST_AT_ONCE), done=done)
    return FetchedReport(
        report=report,
        files=tuple(found[number][0] for number in range(len(files))),
        unreadable=sum(unreadable for _, unreadable in found.values()),
    )


def _fetch(report: Report, file: ReportFile, target: Path, going: Going) -> tuple[Path, int]:
    for key in _places(report, file):
        try:
            _verified(report, file, key, target, going)
        except NoSuchObjectError:
            continue
        if report.manifest.format != "ORC" or not going():
            return target, 0
        return orc_as_parquet(target)
    raise DamagedReportError(f"{report.url}: its data file {shown(file.key)} is not there")


def _verified(report: Report, file: ReportFile, key: str, target: Path, going: Going) -> None:
    for _ in range(_TRIES):
        found = report.store.download(key, target, going)
        if found == file.md5 or not going():
            return
    raise DamagedReportError(f"{report.url}: its data file {shown(file.key)} does not have the MD5 that it names")


def _places(report: Report, file: ReportFile) -> Iterator[str]:
    """Where a data file may lie: as the manifest says; beside the manifest, for destinations with a slash at their
    end lose one in the manifest; and as the report's list for Hive says.
    """
    yield file.key
    name = file.key.rpartition("/")[2]
    beside = f"{report.root}data/{name}"
    if beside != file.key:
        yield beside
    day = report.started_at.strftime("%Y-%m-%d-%H-%M")
    try:
        links = report.store.read(f"{report.root}hive/dt={day}/symlink.txt", _MOST_SYMLINK_BYTES)
    except NoSuchObjectError:
        return
    start = f"s3://{report.place.bucket}/"
    for line in links.decode("utf-8", "replace").splitlines():
        key = line.strip().removeprefix(start)
        if line.strip().startswith(start) and key.rpartition("/")[2] == name and key not in (file.key, beside):
            yield key

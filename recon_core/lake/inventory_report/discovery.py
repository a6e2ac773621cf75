"""Which reports there are, and the newest that is whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from recon_core.config import ReportSettings
from recon_core.lake.base import NoSuchObjectError
from recon_core.lake.inventory_report.errors import DamagedReportError, ReportError
from recon_core.lake.inventory_report.manifest import Manifest, check_buckets, read_manifest
from recon_core.lake.inventory_report.places import ReportPlace, find_place
from recon_core.lake.inventory_report.store import ReportStore
from recon_core.lake.s3 import S3Lake
from recon_core.text import shown
from recon_core.times import format_minutes

__all__ = ["Report", "usable_reports"]

_FOLDER = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}Z)/manifest[.](json|checksum)")
_MOST_CHECKSUM_BYTES = 4096
_MOST_MANIFEST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A committed report. ``started_at`` is when S3 began to list the bucket; ``root`` ends with a slash.

    ``store`` is the bucket in which it lies.
    """

    place: ReportPlace
    store: ReportStore
    root: str
    started_at: datetime
    manifest: Manifest

    @property
    def key(self) -> str:
        """The manifest's key in the destination bucket."""
        return f"{self.root}{_folder_name(self.started_at)}/manifest.json"

    @property
    def url(self) -> str:
        """The manifest for messages."""
        return shown(f"s3://{self.place.bucket}/{self.key}")


def usable_reports(
    lake: S3Lake, settings: ReportSettings, now: datetime, log: Callable[[str], None]
) -> Iterator[Report]:
    """The committed reports that began at most ``max_age_hours`` before ``now``, the newest first.

    One that is half delivered or damaged is passed over, with a line for ``log``. Raises ReportError when there is
    none to begin with, LakeError when the lake cannot be asked.
    """
    place = find_place(lake, settings, log)
    store = ReportStore(lake.beside(place.bucket), place.requests)
    folders = sorted(_folders(store, place), reverse=True)
    begun = [folder for folder in folders if folder[0] <= now]
    oldest = now - timedelta(hours=settings.max_age_hours)
    usable = 0
    for started_at, root, names in begun:
        key = f"{root}{_folder_name(started_at)}/manifest.json"
        where = shown(f"s3://{place.bucket}/{key}")
        if started_at < oldest:
            if not usable:
                raise ReportError(
                    f"{place.shown}: the newest whole report began {format_minutes(started_at)} or earlier, more than "
                    f"scan.inventory_report.max_age_hours ({settings.max_age_hours:g}) ago: check that the inventory "
                    "configuration is enabled"
                )
            return
        if names != {"json", "checksum"}:
            log(f"{where}: not delivered whole yet: an earlier report is looked for")
            continue
        try:
            manifest = _manifest(store, lake.bucket, place, key, where)
        except DamagedReportError as error:
            log(f"{error}: an earlier report is looked for")
            continue
        usable += 1
        yield Report(place=place, store=store, root=root, started_at=started_at, manifest=manifest)
    if not usable:
        raise ReportError(
            f"{place.shown}: no whole report lies there: the first one takes up to 48 hours; check "
            "scan.inventory_report.destination and config_id"
        )


def _folders(store: ReportStore, place: ReportPlace) -> Iterator[tuple[datetime, str, set[str]]]:
    """Start, root and files of every report's folder. All begin with the digits of a year; the data lie elsewhere."""
    for root in place.roots:
        found: dict[datetime, set[str]] = {}
        for digit in "12":
            for keys in store.pages(f"{root}{digit}"):
                for key in keys:
                    match = _FOLDER.fullmatch(key[len(root) :])
                    started_at = _started_at(match[1]) if match else None
                    if match and started_at:
                        found.setdefault(started_at, set()).add(match[2])
        yield from ((started_at, root, names) for started_at, names in found.items())


def _started_at(name: str) -> datetime | None:
    try:
        return datetime.strptime(name, "%Y-%m-%dT%H-%MZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _folder_name(started_at: datetime) -> str:
    return started_at.strftime("%Y-%m-%dT%H-%MZ")


def _manifest(store: ReportStore, source: str, place: ReportPlace, key: str, where: str) -> Manifest:
    try:
        checksum = store.read(key.removesuffix("json") + "checksum", _MOST_CHECKSUM_BYTES)
        content = store.read(key, _MOST_MANIFEST_BYTES)
    except NoSuchObjectError as error:
        raise DamagedReportError(str(error)) from error
    manifest = read_manifest(where, content, checksum)
    check_buckets(where, manifest, source, place.bucket)
    return manifest

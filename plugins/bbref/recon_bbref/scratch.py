"""Keeps the pages of a pull under way, so that one that was interrupted goes on where it was."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from recon_bbref.month_page import Page, parse_page
from recon_bbref.seasons import Month
from recon_bbref.source import TIMEZONE
from recon_bbref.text import printable
from recon_core.api import DiskError, ScheduleError, Season

__all__ = ["PageStore"]

_VERSION = 1
_FRESH = timedelta(hours=6)


class PageStore:
    """The saved pages of one season and one address in ``folder``; without a folder nothing is kept.

    A page is used again within six hours of ``now``; an older one only if it was fetched after its month had ended and
    all its games were over, so that it cannot have changed. ``now`` is the pull's time, also the time that is saved.
    """

    def __init__(self, folder: Path | None, season: Season, base_url: str, now: datetime) -> None:
        self._folder = folder
        self._season = season
        self._origin = hashlib.sha256(base_url.encode()).hexdigest()
        self._now = now

    def load(self, month: Month) -> Page | None:
        """The saved page of a month, or ``None`` where there is none to be used; a damaged one counts as none."""
        if self._folder is None:
            return None
        try:
            saved = json.loads(self._path(self._folder, month).read_bytes())
            if saved["version"] != _VERSION or saved["origin"] != self._origin:
                return None
            fetched_at = datetime.fromisoformat(saved["fetched_at"]).astimezone(UTC)
            page = parse_page(saved["html"].encode(), self._season, month, "saved page")
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, ScheduleError):
            return None
        fresh = timedelta(0) <= self._now - fetched_at <= _FRESH
        if not fresh and not _is_over(page, fetched_at, self._now):
            return None
        # What an old page lists may lack the months that were added since.
        return replace(page, fetched_at=fetched_at, months=page.months if fresh else ())

    def save(self, month: Month, body: bytes) -> None:
        """Keep a page, whole or not at all. Raises DiskError."""
        if self._folder is None:
            return
        content = json.dumps(
            {
                "version": _VERSION,
                "origin": self._origin,
                "fetched_at": self._now.astimezone(UTC).isoformat(),
                "html": body.decode("utf-8", "replace"),
            }
        )
        target = self._path(self._folder, month)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=self._folder)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as stream:
                    stream.write(content)
                Path(name).replace(target)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            raise DiskError(
                f"cannot keep the page of {month.name} in {printable(self._folder)}: {error.strerror or error}; "
                "free some space or make the folder writable, then pull again"
            ) from error

    def _path(self, folder: Path, month: Month) -> Path:
        return folder / f"bbref-{self._season.label}-{month.name}.json"


def _is_over(page: Page, fetched_at: datetime, now: datetime) -> bool:
    last = page.month.last
    ended = datetime(last.year, last.month, last.day, tzinfo=ZoneInfo(TIMEZONE)) + timedelta(days=2)
    return all(row.status == "final" for row in page.rows) and ended <= fetched_at <= now

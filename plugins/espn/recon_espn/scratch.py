"""Keeps the pages of a pull under way, so that one that was interrupted goes on where it was."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from recon_core.api import DiskError, ScheduleError
from recon_espn.scoreboard import Page, parse_page
from recon_espn.source import TIMEZONE
from recon_espn.text import printable

__all__ = ["PageStore"]

_VERSION = 1
_FRESH = timedelta(hours=6)
_OVER = frozenset({"final", "cancelled", "postponed"})


class PageStore:
    """The saved pages of one season and one address in ``folder``; without a folder nothing is kept.

    A page is used again within six hours of ``now``; an older one only if it was fetched after its day had ended and
    all its games were over, so that it cannot have changed. ``now`` is the pull's time, also the time that is saved.
    """

    def __init__(self, folder: Path | None, label: str, base_url: str, now: datetime) -> None:
        self._folder = folder
        self._label = label
        self._origin = hashlib.sha256(base_url.encode()).hexdigest()
        self._now = now

    def load(self, day: date) -> Page | None:
        """The saved page of a day, or ``None`` where there is none that may be used; a damaged one counts as none."""
        if self._folder is None:
            return None
        try:
            saved = json.loads(self._path(self._folder, day).read_bytes())
            if saved["version"] != _VERSION or saved["origin"] != self._origin:
                return None
            fetched_at = datetime.fromisoformat(saved["fetched_at"]).astimezone(UTC)
            page = parse_page(saved["document"], day, "saved page")
        except (OSError, ValueError, LookupError, TypeError, RecursionError, ScheduleError):
            return None
        fresh = timedelta(0) <= self._now - fetched_at <= _FRESH
        if not fresh and not _is_over(page, fetched_at, self._now):
            return None
        calendar = page.calendar if fresh else None
        return Page(day=day, events=page.events, calendar=calendar, fetched_at=fetched_at)

    def save(self, day: date, document: dict[str, Any]) -> None:
        """Keep what a page says, whole or not at all. Raises DiskError."""
        if self._folder is None:
            return
        content = json.dumps(
            {
                "version": _VERSION,
                "origin": self._origin,
                "fetched_at": self._now.astimezone(UTC).isoformat(),
                "document": _essence(document),
            }
        )
        target = self._path(self._folder, day)
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
                f"cannot keep the scoreboard of {day} in {printable(self._folder)}: {error.strerror or error}; "
                "free some space or make the folder writable, then pull again"
            ) from error

    def _path(self, folder: Path, day: date) -> Path:
        return folder / f"espn-{self._label}-{day:%Y%m%d}.json"


def _is_over(page: Page, fetched_at: datetime, now: datetime) -> bool:
    ended = datetime(page.day.year, page.day.month, page.day.day, tzinfo=ZoneInfo(TIMEZONE)) + timedelta(days=1)
    over = bool(page.events) and all(event.status in _OVER for event in page.events)
    return over and ended <= fetched_at <= now


def _essence(document: dict[str, Any]) -> dict[str, Any]:
    """What is read of a page: a hundredth of what ESPN sends."""
    return {
        "day": document.get("day"),
        "leagues": [
            {
                field: league.get(field)
                for field in (
                    "season",
                    "calendarType",
                    "calendarIsWhitelist",
                    "calendarStartDate",
                    "calendarEndDate",
                    "calendar",
                )
            }
            for league in (document.get("leagues") or [])[:1]
            if isinstance(league, dict)
        ],
        "events": [_essential_event(event) for event in document["events"]],
    }


def _essential_event(event: dict[str, Any]) -> dict[str, Any]:
    competition = event["competitions"][0]
    used = ("date", "timeValid", "status", "type", "notes")
    kept = {field: competition[field] for field in used if field in competition}
    kept["competitors"] = [
        {
            "homeAway": entry["homeAway"],
            "team": {
                field: entry["team"].get(field)
                for field in ("id", "abbreviation", "shortDisplayName", "displayName", "name")
            },
        }
        for entry in competition["competitors"]
    ]
    fields = ("id", "date", "season", "status", "timeValid")
    return {**{field: event[field] for field in fields if field in event}, "competitions": [kept]}

"""Reads ESPN's scoreboard: one page a day, with the day's events and the season's calendar."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from recon_core.api import ScheduleError, Status
from recon_espn.calendar import Calendar, read_calendar
from recon_espn.source import TIMEZONE
from recon_espn.statuses import game_status, season_type
from recon_espn.text import printable

__all__ = ["Event", "Page", "parse_body", "parse_event", "parse_page"]

_EASTERN = ZoneInfo(TIMEZONE)
_CHANGED = "ESPN's format may have changed: look for a newer recon-espn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of a scoreboard. ``date`` is the US Eastern day, ``start_utc`` is ``None`` where not fixed.

    ``home`` and ``away`` are ESPN's codes, ``None`` where the team is not known yet; ``home_team_id`` is ESPN's
    number of the home team. ``end_year`` is ``season.year``.
    """

    event_id: str
    end_year: int
    season_type: str
    date: date
    start_utc: datetime | None
    status: Status
    home: str | None
    away: str | None
    home_team_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One day's scoreboard. ``fetched_at`` is ``None`` for a page of this very pull."""

    day: date
    events: tuple[Event, ...]
    calendar: Calendar | None
    fetched_at: datetime | None = None


def parse_body(body: bytes, where: str) -> Any:
    """Parse a body as JSON. Raises ScheduleError saying what it is instead."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        start = body.lstrip()[:1]
        found = "empty" if not start else "an HTML page" if start == b"<" else "broken off or no JSON"
        raise ScheduleError(f"{where}: {found}, expected a scoreboard in JSON") from None


def parse_page(document: Any, day: date, where: str) -> Page:
    """Read the scoreboard of ``day``.

    Raises ScheduleError naming ``where`` and the event when the document is no scoreboard, is one of another day, or
    holds an event that cannot be understood: a page is read whole or not at all.
    """
    if not isinstance(document, dict) or not isinstance(document.get("events"), list):
        raise ScheduleError(f"{where}: no list of events, so no scoreboard; {_CHANGED}")
    stated = document.get("day")
    if isinstance(stated, dict) and stated.get("date") not in (None, day.isoformat()):
        raise ScheduleError(
            f"{where}: the scoreboard of {printable(stated['date'])} instead of {day}; asking again may help"
        )
    events = tuple(parse_event(event, where, day) for event in document["events"])
    return Page(day=day, events=events, calendar=read_calendar(document))


def parse_event(event: Any, where: str, day: date | None = None) -> Event:
    """Read one event of a scoreboard, or the ``header`` of a game's summary, whose shape is the same.

    ``day`` is the scoreboard's. It decides an event without a fixed time, which ESPN gives a placeholder such as
    04:00Z, and it must be within a day of the start's own US Eastern date. Raises ScheduleError naming the event.
    """
    event_id = event.get("id") if isinstance(event, dict) else None
    if not isinstance(event_id, str) or not event_id.isascii() or not event_id.isdigit():
        raise ScheduleError(f"{where}: an event with the id {printable(event_id)}, which is no number; {_CHANGED}")
    try:
        return _event(event, event_id, day)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        reason = str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
        raise ScheduleError(f"{where}: event {event_id}: {printable(reason)}; {_CHANGED}") from None


def _event(event: dict[str, Any], event_id: str, day: date | None) -> Event:
    competition = event["competitions"][0]
    home, away = _team(competition, "home"), _team(competition, "away")
    home_code, away_code = _code(home), _code(away)
    headline = _headline(competition)
    kind = _season_type(event, competition, headline, home_code, away_code)
    time_valid = competition.get("timeValid", event.get("timeValid", True)) is not False
    start = _moment(competition.get("date") or event["date"])
    status = _status(event, competition)
    if status == "scheduled" and (
        home_code is None
        or away_code is None
        or "if necessary" in headline.lower()
        or (kind == "playoffs" and not time_valid)
    ):
        status = "tbd"
    return Event(
        event_id=event_id,
        end_year=_whole(event["season"]["year"], "season.year"),
        season_type=kind,
        date=_official_date(start, time_valid, day),
        start_utc=start if time_valid else None,
        status=status,
        home=home_code,
        away=away_code,
        home_team_id=_team_id(home),
    )


def _team(competition: dict[str, Any], side: str) -> dict[str, Any]:
    teams = [entry["team"] for entry in competition["competitors"] if entry["homeAway"] == side]
    if len(teams) != 1 or len(competition["competitors"]) != 2:
        raise ValueError(f"{len(competition['competitors'])} competitors, {len(teams)} of them {side}")
    team = teams[0]
    if not isinstance(team, dict):
        raise ValueError(f"the {side} team is no object")
    return team


def _code(team: dict[str, Any]) -> str | None:
    """The team's code, or its name where it has none; ``None`` for a team that is yet to be found out."""
    names = (team.get(field) for field in ("abbreviation", "shortDisplayName", "displayName", "name"))
    code = next((name.strip() for name in names if isinstance(name, str) and name.strip()), None)
    if code is None:
        raise ValueError("a team without a code and a name")
    return None if code.upper() == "TBD" or str(team.get("id", "")).startswith("-") else code


def _team_id(team: dict[str, Any]) -> int | None:
    text = str(team.get("id", ""))
    return int(text) if text.isascii() and text.isdigit() else None


def _headline(competition: dict[str, Any]) -> str:
    notes = competition.get("notes") or []
    return " / ".join(str(note.get("headline") or "") for note in notes)


def _season_type(
    event: dict[str, Any], competition: dict[str, Any], headline: str, home: str | None, away: str | None
) -> str:
    number = _whole(event["season"]["type"], "season.type")
    kind = str((competition.get("type") or {}).get("abbreviation") or "")
    named = season_type(number, headline, kind, home, away)
    if named is None:
        raise ValueError(f"season.type {number} is none of 1, 2, 3 and 5")
    return named


def _status(event: dict[str, Any], competition: dict[str, Any]) -> Status:
    kind = (competition.get("status") or event["status"])["type"]
    completed = kind.get("completed")
    known = completed if isinstance(completed, bool) else None
    return game_status(str(kind["name"]), str(kind.get("state", "")), known)


def _whole(value: object, field: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{field} is {value!r}, no whole number")
    return value


def _moment(text: object) -> datetime:
    if not isinstance(text, str):
        raise ValueError(f"date is {text!r}, no text")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"date {text} has no time zone")
    return moment.astimezone(UTC)


def _official_date(start: datetime, time_valid: bool, day: date | None) -> date:
    local = start.astimezone(_EASTERN).date()
    if day is None:
        return local
    if abs((local - day).days) > 1:
        raise ValueError(f"starts on {local} but stands on the scoreboard of {day}")
    return local if time_valid else day

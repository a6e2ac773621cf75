"""A small world, in plain dataclasses: what the oracle judges and what the property tests write to disk.

Times are integers, microseconds since 1970-01-01 UTC. Dates are the source's local dates. Durations are given in days
or hours, as a user gives them, and become whole microseconds by rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from oracle.expressions import Expression
from oracle.keys import Template, Value

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR

PRIORITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
COLLECT_WITHIN = {"CRITICAL": 0, "HIGH": DAY, "MEDIUM": 7 * DAY, "LOW": 30 * DAY}
NO_TIMES = ("cancelled", "postponed", "tbd")
CALLED_OFF = ("cancelled", "postponed")
GAPS = ("missing", "stale", "undersized")
GAME_COLUMNS = ("game_id", "date", "season", "team")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def us(text: str) -> int:
    """Microseconds of an ISO 8601 UTC time."""
    moment = datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (moment - _EPOCH) // timedelta(microseconds=1)


def utc(microseconds: int) -> datetime:
    """The aware datetime of a time in microseconds."""
    return _EPOCH + timedelta(microseconds=microseconds)


def iso(microseconds: int) -> str:
    """The time as the files write it."""
    return utc(microseconds).isoformat().replace("+00:00", "Z")


def start_of_day(day: date, zone: str) -> int:
    """When a local day begins."""
    moment = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def end_of_day(day: date, zone: str) -> int:
    """When a local day ends: when the next begins."""
    return start_of_day(day + timedelta(days=1), zone)


@dataclass(frozen=True)
class Object:
    """One object of the lake. What a scan was not told of it is None.

    ``holds`` is what the column of a container says; None where it cannot be read.
    """

    key: str
    size: int | None
    last_modified: int | None
    holds: tuple[str, ...] | None = None

    @property
    def told(self) -> bool:
        """Whether size and time are both known."""
        return self.size is not None and self.last_modified is not None

    def is_large(self, floor: int) -> bool:
        """Whether it is known to be large enough."""
        return self.size is not None and self.size >= floor

    def is_new(self, need: int) -> bool:
        """Whether it is known to be new enough."""
        return self.last_modified is not None and self.last_modified >= need


@dataclass(frozen=True)
class Range:
    """A range of keys, ``start`` inclusive and ``end`` exclusive in UTF-8 order: listed, sampled_out or denied."""

    start: str
    end: str | None
    state: str
    evidence_at: int
    error: str | None = None

    def holds(self, key: str) -> bool:
        """Whether the key lies in the range."""
        raw = key.encode()
        return self.start.encode() <= raw and (self.end is None or raw < self.end.encode())


@dataclass(frozen=True)
class Truth:
    """What all schedules say of a game: final in one, called off by the latest, and when one last had it as on."""

    final: bool
    off: bool
    seen_at: int | None


@dataclass(frozen=True)
class Game:
    """A stored game; ``truth`` is known once the schedules have been held against each other."""

    game_id: str
    season: str
    date: date
    status: str = "final"
    season_type: str | None = "regular"
    start: int | None = None
    home: str | None = None
    away: str | None = None
    alt_ids: tuple[str, ...] = ()
    final_at: int | None = None
    pulled_at: int | None = None
    unavailable: tuple[str, ...] = ()
    league: str | None = None
    ordinal: int = 1
    truth: Truth | None = None
    derived_from: tuple[str, date, str, str, int] | None = None

    @property
    def truth_final(self) -> bool:
        """Whether some schedule has it as final."""
        return self.truth is not None and self.truth.final


@dataclass(frozen=True)
class Season:
    """A season of a plugin, with nominal bounds (inclusive local dates)."""

    label: str
    starts: date
    ends: date
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Named:
    """An item that the plugin itself names, by its grain values, with the time when its content is complete."""

    values: tuple[Value, ...]
    final_at: int


@dataclass(frozen=True)
class Dataset:
    """A dataset with the settings that hold for it; ``configured`` tells whether its items are expected at all.

    ``named`` are the items by season of a grain that games do not give; a wanted season that is not in it is one of
    which the plugin cannot say what should exist. ``inside`` is the grain column that lies in containers, which the
    templates are then of.
    """

    data_type: str
    grain: tuple[str, ...]
    templates: tuple[Template, ...]
    every_day: bool = False
    required: bool = True
    freshness_days: float | None = None
    settle_days: float = 0.0
    publish_lag_hours: float = 6.0
    threshold: float = 0.95
    min_size_bytes: int = 1
    undersized_ratio: str = "0.2"
    undersized_min_copies: int = 30
    scraper: str = "scraper"
    minutes_per_file: float = 1.0
    first_season: str | None = None
    allow_empty: bool = False
    configured: bool = True
    enumerated: bool = False
    named: Mapping[str, tuple[Named, ...]] = field(default_factory=dict)
    inside: str | None = None

    @property
    def of_games(self) -> bool:
        """Whether games give its items; else the plugin names them: always of other grains, or where it says so."""
        return not self.enumerated and all(column in GAME_COLUMNS for column in self.grain)

    @property
    def freshness(self) -> int | None:
        """Microseconds, or None for no limit."""
        return None if self.freshness_days is None else round(self.freshness_days * DAY)

    @property
    def settle(self) -> int:
        """Microseconds."""
        return round(self.settle_days * DAY)

    @property
    def lag(self) -> int:
        """Microseconds."""
        return round(self.publish_lag_hours * HOUR)

    @property
    def ratio(self) -> Fraction:
        """The ratio exactly as it is written."""
        return Fraction(self.undersized_ratio)


@dataclass(frozen=True)
class Rule:
    """Gaps for which ``when`` holds get ``priority``."""

    name: str
    when: Expression
    priority: str


@dataclass(frozen=True)
class Waiver:
    """In force while the UTC date of now is not after ``expires``."""

    when: Expression
    reason: str
    expires: date


@dataclass(frozen=True)
class Source:
    """A source: its plugin's declaration, what is configured of it and what is stored of it.

    ``wanted`` are the configured season labels (none: the source is installed but not configured), ``season_types``
    the configured types (none: all), ``stored`` the games by season. ``computed``: nothing is stored, the plugin
    computes these games in every run. ``failed`` is what the plugin failed with when it was loaded, ``broken`` when it
    was asked what should exist. ``teams`` maps its codes to the league's; ``deriving`` tells how it makes ids of games
    that it does not know (see ``own_id``), and ``failing`` whether that failed.
    """

    name: str
    datasets: tuple[Dataset, ...]
    seasons: tuple[Season, ...]
    wanted: tuple[str, ...]
    stored: Mapping[str, tuple[Game, ...]]
    timezone: str = "America/New_York"
    game_hours: float = 3.0
    season_types: tuple[str, ...] = ()
    prefix: str = ""
    rules: tuple[Rule, ...] = ()
    computed: bool = False
    failed: str | None = None
    broken: str | None = None
    league: str = ""
    teams: Mapping[str, str] = field(default_factory=dict)
    deriving: str = ""
    failing: bool = False

    def own_id(self, day: date, home: str, away: str, ordinal: int) -> Any:
        """The id that the plugin makes of a game; None if it makes none, ``...`` if it raises."""
        number = day.toordinal() % 1000 * 10 + sum(map(ord, home)) % 10
        match self.deriving:
            case "home":
                return f"{self.name[0]}9{number}" if ordinal == 1 else None
            case "few":
                return f"{self.name[0]}9{number}{'ab'[number % 2]}" if number % 3 else None
            case "known":
                return f"{self.name[0]}{number % 60}"
            case "fails":
                return ... if number % 7 == 3 else f"{self.name[0]}9{number}"
        return None

    def season(self, label: str) -> Season:
        """The plugin's season of that label."""
        return next(season for season in self.seasons if season.label == label)

    @property
    def known(self) -> Mapping[str, tuple[Game, ...]]:
        """The games that a run knows of, by season."""
        return {} if self.computed and self.broken is not None else self.stored

    def started(self, now: int) -> list[Season]:
        """The seasons that have started, oldest first."""
        return [season for season in self.seasons if start_of_day(season.starts, self.timezone) <= now]


@dataclass(frozen=True)
class Sample:
    """The snapshot is a sample: what it was drawn with, and the first target keys of its clusters, ascending."""

    rate: float
    seed: int
    clusters: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """Everything that a cycle is a function of, apart from the memory of the cycles before."""

    now: int
    sources: tuple[Source, ...]
    objects: tuple[Object, ...] = ()
    ranges: tuple[Range, ...] = ()
    sample: Sample | None = None
    rules: tuple[Rule, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    recent_days: float = 7
    batch_size: int = 25
    max_tasks: int | None = None
    max_tasks_per_priority: int | None = None
    accept_empty: bool = False
    accept_loss: bool = False
    max_loss_ratio: str = "0.2"
    max_loss_items: int = 3

    def but(self, **changes: object) -> World:
        """The same world with some things changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

"""The typed objects that plugins hand to the core and get from it.

Everything here is frozen. Times are timezone-aware UTC ``datetime``s; dates are the source's official local dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal, Protocol

__all__ = [
    "API_VERSION",
    "Context",
    "DatasetSpec",
    "Game",
    "Items",
    "Option",
    "ParsedKey",
    "Priority",
    "PriorityRule",
    "Season",
    "Source",
    "Status",
    "Undetermined",
]

API_VERSION = 1
"""The version of this contract. A plugin states the one it was written for in ``Source.api_version``."""

Status = Literal["scheduled", "in_progress", "final", "postponed", "cancelled", "tbd"]
"""What is known of a game. ``tbd``: listed, but not sure to be played (an if-necessary playoff game)."""

Priority = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """One season of a source.

    ``starts`` and ``ends`` are nominal local dates, both inclusive; ``fields`` are extra text fields for key
    templates, such as ``{"end_year": "2025"}``. ``games`` says how many games of a season type the season has when it
    is over, as far as that is known from elsewhere: ``recon schedules compare`` holds schedules against it.
    """

    label: str
    starts: date
    ends: date
    fields: Mapping[str, str] = field(default_factory=dict)
    games: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSpec:
    """One kind of data of a source: where its files lie and what is asked of them.

    ``grain`` names the columns that identify an item: ``("game_id",)``, ``("date",)``, ``("season",)``,
    ``("season", "team")``, or any columns that ``recon_expected_items`` delivers, such as ``("date", "station")``.

    ``key_templates`` are the layouts in order of preference; the first one is where a scraper puts a new file. Each
    holds every grain column, or instead of ``season`` a season's field whose value no other season has.
    ``patterns`` gives a template field its regular expression (whole match, ASCII, the subset that RE2 and Python read
    alike); a field without one is any text without a slash. ``prefixes`` serve datasets whose keys are parsed by
    ``recon_parse_key``: an item is proved absent only where all of them were listed.

    ``container`` is the template of a Parquet file that holds many of the dataset's items, in place of
    ``key_templates``, and ``inside`` its column that tells them: the values of the one grain column that the template
    does not have. With ``container="pbp/{season}.parquet"``, ``inside="id"`` and the grain ``("game_id",)``, a game's
    item lies in its season's file if the column ``id`` holds the game's id.

    ``enumerated``: ``recon_expected_items`` names the items although games could give them, as it does for every grain
    that games do not give.

    ``every_day``: with the grain ``("date",)``, every day of the season is an item, not only the days with games.
    Durations are in days or hours and may be fractions; ``freshness_days`` of ``None`` sets no limit.
    ``minutes_per_file`` estimates what closing one gap takes. ``first_season`` is the label of the first season for
    which the source has this data.
    """

    data_type: str
    grain: tuple[str, ...]
    key_templates: tuple[str, ...] = ()
    patterns: Mapping[str, str] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()
    container: str | None = None
    inside: str | None = None
    enumerated: bool = False
    every_day: bool = False
    required: bool = True
    freshness_days: float | None = None
    settle_days: float = 0.0
    publish_lag_hours: float = 6.0
    completeness_threshold: float = 0.95
    min_size_bytes: int = 1
    scraper: str = ""
    minutes_per_file: float = 1.0
    first_season: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A setting of a source that a user may give, as ``options`` of the source in ``data_inventory.yaml`` or ``-o``.

    The default's type is the option's type.
    """

    default: str | int | float | bool
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A data source, as its plugin declares it.

    ``timezone`` is the IANA name of the zone of the official dates. ``teams`` maps each of the source's team codes to
    one canonical code that all sources of the ``league`` share. ``game_hours`` is how long after its start a game's
    content is complete, where a game does not say better. ``season_types`` are the types expected unless the user
    says otherwise; empty means all. ``schedule`` is ``pulled`` (stored by ``recon schedules pull``, a run reads what
    is stored) or ``computed`` (enumerated in every run, without network).
    """

    name: str
    api_version: int
    title: str
    timezone: str
    datasets: tuple[DatasetSpec, ...]
    league: str = ""
    teams: Mapping[str, str] = field(default_factory=dict)
    schedule: Literal["pulled", "computed"] = "pulled"
    season_types: tuple[str, ...] = ()
    game_hours: float = 3.0
    options: Mapping[str, Option] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """One scheduled event.

    ``date`` is the official local date, ``start_utc`` the start (timezone-aware, UTC) or ``None`` where unknown.
    ``alt_ids`` are further ids of the same game. ``final_at`` overrides start + ``Source.game_hours``. ``ordinal``
    tells the games of a double-header apart. ``pulled_at`` is when this row was last seen at the source: ``None``
    means "by this very pull"; a plugin that keeps a stored row as it is passes the stored time on. ``unavailable``
    names the data types that the source itself will never have for this game: their items are excused.
    """

    game_id: str
    season: str
    date: date
    status: Status
    season_type: str | None = None
    start_utc: datetime | None = None
    home: str | None = None
    away: str | None = None
    league: str | None = None
    ordinal: int = 1
    alt_ids: tuple[str, ...] = ()
    final_at: datetime | None = None
    pulled_at: datetime | None = None
    unavailable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A batch of expected items, as columns.

    ``columns`` maps every grain column of the dataset to its values (``str`` or ``date``); ``times`` says when each
    item's content is complete (timezone-aware, UTC). All have one length. An item may stand in several rows, one for
    each time at which something is added to it: it is due by the first and settled by the last.
    """

    columns: Mapping[str, Sequence[str | date]]
    times: Sequence[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undetermined:
    """What should exist cannot be said now: the dataset's items of this season are unknown, for ``reason``."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedKey:
    """What ``recon_parse_key`` read from a key: the data type, and a text for each grain column."""

    data_type: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityRule:
    """Gaps for which the boolean expression ``when`` holds get ``priority``; the first matching rule wins."""

    name: str
    when: str
    priority: Priority


class Context(Protocol):
    """What the core lends to an enumeration hook.

    ``now`` is the run's time (UTC) and the only clock; ``options`` holds every option of the source, by name;
    ``stored`` the season's games as stored by the last pull; ``scratch`` a folder that outlives an interrupted pull
    (``None`` in a run); ``from_lake`` is true when the schedule is to be taken from the lake's own files.
    """

    @property
    def now(self) -> datetime: ...

    @property
    def options(self) -> Mapping[str, str | int | float | bool]: ...

    @property
    def stored(self) -> Sequence[Game]: ...

    @property
    def scratch(self) -> Path | None: ...

    @property
    def from_lake(self) -> bool: ...

    def keys(self, data_type: str) -> Iterable[tuple[str, Mapping[str, str]]]:
        """The lake's keys of one of the source's data types, with the fields parsed from each.

        Raises LakeError when the lake cannot be listed.
        """
        ...

    def candidate_keys(self, data_type: str, fields: Mapping[str, str]) -> Sequence[str]:
        """The keys under which an item of one of the source's data types may lie, by the user's layouts.

        ``fields`` are the grain values and the season's fields. The first key is where a scraper puts the item.
        """
        ...

    def read(self, key: str) -> bytes:
        """The content of a lake object.

        Raises LakeError when it cannot be read.
        """
        ...

    def last_modified(self, key: str) -> datetime | None:
        """When a lake object was last written (UTC), ``None`` where there is none.

        To know how old a content is at least, ask before reading it. Raises LakeError when the lake cannot be asked.
        """
        ...

    def progress(self, done: int, total: int, what: str) -> None:
        """Report how far an enumeration is; shown as a bar on a terminal."""
        ...

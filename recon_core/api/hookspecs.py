"""The hooks that a plugin implements, found by an entry point in the group ``recon``.

The entry point names a module, an instance, or a class that is called without arguments. The core calls each plugin's
implementation on its own and materialises what it returns, so an exception, also one from a half-consumed generator,
is charged to that plugin alone. An implementation may leave out arguments that it does not need; arguments are only
ever added. What an implementation prints goes to stderr.

The examples are the parts of one plugin, and begin with what it imports::

    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime, timedelta, timezone
    from typing import Any

    from recon_core.api import (
        Context, DatasetSpec, Game, Items, ParsedKey, PriorityRule, Season, Source, Undetermined, hookimpl,
    )
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pluggy

from recon_core.api.types import (
    Context,
    DatasetSpec,
    Game,
    Items,
    ParsedKey,
    PriorityRule,
    Season,
    Source,
    Undetermined,
)

__all__ = ["HookSpecs", "hookimpl", "hookspec"]

hookspec = pluggy.HookspecMarker("recon")
hookimpl = pluggy.HookimplMarker("recon")


class HookSpecs:
    """Every hook of the API. ``recon_source`` and ``recon_seasons`` are required, the others optional."""

    @hookspec
    def recon_source(self) -> Source:  # type: ignore[empty-body]
        """Declare the source. Called when the plugin is loaded; must be cheap and must not touch the network.

        Two calls must return the same. Data types have distinct names, each key template holds every grain column,
        and no key may match the templates of two datasets, of this plugin or any other.

        Example::

            @hookimpl
            def recon_source() -> Source:
                return Source(
                    name="riverside",
                    api_version=1,
                    title="Riverside chess league",
                    timezone="Europe/Berlin",
                    schedule="computed",
                    datasets=(
                        DatasetSpec(data_type="records", grain=("game_id",), key_templates=("records/{game_id}.pgn",)),
                        DatasetSpec(
                            data_type="ratings",
                            grain=("month", "club"),
                            key_templates=("ratings/{club}/{month}.csv",),
                            patterns={"month": "[0-9]{4}-[0-9]{2}", "club": "[a-z]+"},
                            scraper="rating_scraper",
                        ),
                        DatasetSpec(data_type="photos", grain=("game_id",), prefixes=("photos/",), required=False),
                    ),
                )
        """

    @hookspec
    def recon_seasons(self) -> Sequence[Season]:  # type: ignore[empty-body]
        """List the seasons that the source has, oldest first, with nominal bounds.

        Called when the plugin is loaded; must be cheap, and the same whenever it is called. ``fields`` are texts
        that key templates may use beside the grain columns.

        Example::

            @hookimpl
            def recon_seasons() -> Sequence[Season]:
                return [
                    Season(
                        label=f"{year}-{(year + 1) % 100:02}",
                        starts=date(year, 9, 1),
                        ends=date(year + 1, 5, 31),
                        fields={"end_year": str(year + 1)},
                    )
                    for year in range(2022, 2026)
                ]
        """

    @hookspec
    def recon_parse_key(self, key: str) -> ParsedKey | None:
        """Read a key of a layout that templates cannot say, or return None for a key of any other layout.

        Called for each key under the ``prefixes`` of the source's datasets, so it should be quick. ``fields`` holds a
        text for every grain column, a date as ``2025-01-15``.

        Example::

            @hookimpl
            def recon_parse_key(key: str) -> ParsedKey | None:
                folder, _, name = key.rpartition("/")
                number = name.removesuffix(".jpg")
                # Ten folders, so that none grows too large: a template cannot say "the last digit of the id".
                if not number.isdigit() or number == name or folder != f"photos/{number[-1]}":
                    return None
                return ParsedKey(data_type="photos", fields={"game_id": number})
        """

    @hookspec
    def recon_expected_games(self, season: Season, context: Context) -> Iterable[Game]:  # type: ignore[empty-body]
        """Enumerate a season's games: from the network, from the lake, or by computing.

        A source with ``schedule="pulled"`` is asked by ``recon schedules pull`` and may take its time; one with
        ``"computed"`` is asked in every run and must not touch the network. An id, those in ``alt_ids`` included,
        belongs to one game only. Raise anything to say that the games cannot be told: they are unknown then, never
        none.

        Example::

            @hookimpl
            def recon_expected_games(season: Season, context: Context) -> Iterator[Game]:
                for number in range(30):
                    day = season.starts + timedelta(weeks=number)
                    start = datetime(day.year, day.month, day.day, 17, tzinfo=timezone.utc)
                    yield Game(
                        game_id=f"{season.fields['end_year']}{number:03}",
                        season=season.label,
                        date=day,
                        start_utc=start,
                        status="final" if start + timedelta(hours=6) < context.now else "scheduled",
                    )
        """

    @hookspec
    def recon_expected_items(  # type: ignore[empty-body]
        self, dataset: DatasetSpec, season: Season, context: Context
    ) -> Iterable[Items | Undetermined]:
        """Enumerate a season's items of a dataset whose grain games do not give, in batches of columns.

        Asked in every run, for every such dataset and every one that is ``enumerated``; others are made of games.
        Return one ``Undetermined`` and nothing else where the items cannot be told: they are unknown then. A LakeError
        of ``context.read`` or ``context.keys`` may pass: it says the same. An empty iterable says that the dataset has
        no items in this season. It must not touch the network beside the lake.

        Example::

            @hookimpl
            def recon_expected_items(
                dataset: DatasetSpec, season: Season, context: Context
            ) -> Iterator[Items | Undetermined]:
                if season.label < "2023-24":
                    yield Undetermined(reason="ratings before 2023-24 were kept on paper")
                    return
                months = [date(season.starts.year, month, 1) for month in (10, 11, 12)]
                for club in ("north", "south"):
                    yield Items(
                        columns={"month": [f"{month:%Y-%m}" for month in months], "club": [club] * len(months)},
                        times=[
                            datetime(month.year, month.month, 28, tzinfo=timezone.utc) + timedelta(days=4)
                            for month in months
                        ],
                    )
        """

    @hookspec
    def recon_game_id(self, game: Game) -> str | None:
        """This source's id of a game that another source of the league knows, or None where it cannot be told.

        Asked in every run, without network, for each game that this source's stored schedule lacks although it has
        that season: the game is expected then too. ``game`` has the league's team codes (the values of
        ``Source.teams``), this source's season label, and the status ``final`` or ``scheduled``; its ``game_id`` is the
        other source's.

        Example::

            @hookimpl
            def recon_game_id(game: Game) -> str | None:
                # Ids are made of the date and the club at home, so the other source's id is not needed.
                return f"{game.date:%Y%m%d}{game.home}" if game.ordinal == 1 else None
        """

    @hookspec
    def recon_schedule_notes(self, season: Season, games: Sequence[Game]) -> Iterable[str]:  # type: ignore[empty-body]
        """Say what a season's games lack, as far as they show it: a sentence each, none where nothing is amiss.

        Asked whenever a season is stored, whether it was pulled or imported. The notes are kept with the schedule;
        pulls, imports and ``recon schedules show`` tell them, and each run warns of them. They change no verdict. The
        hook has no clock: what is normal for a season that has not begun is worth a note all the same.

        Example::

            @hookimpl
            def recon_schedule_notes(season: Season, games: Sequence[Game]) -> Iterator[str]:
                listed = {int(game.game_id[4:]) for game in games}
                absent = sorted(set(range(30)) - listed)
                if absent:
                    yield f"{len(absent)} of 30 rounds are not listed, first round {absent[0]}: ask the league for them"
        """

    @hookspec
    def recon_priority_rules(self) -> Sequence[PriorityRule]:  # type: ignore[empty-body]
        """Rules that rank this source's gaps, after the user's rules and before the core's defaults.

        Called when the plugin is loaded. ``when`` is a boolean expression over the columns that the documentation of
        priorities lists; the first rule that matches a gap ranks it, and the gap names the rule.

        Example::

            @hookimpl
            def recon_priority_rules() -> Sequence[PriorityRule]:
                return [PriorityRule(name="photos-can-wait", when="data_type = 'photos'", priority="LOW")]
        """

    @hookspec
    def recon_demo_games(self, season: Season) -> Iterable[Game]:  # type: ignore[empty-body]
        """Make games up for ``recon demo``, in the source's own id format and layout; never real ones.

        The same season gives the same games. The hook has no clock: it leaves ``scheduled`` what is to be played.

        Example::

            @hookimpl
            def recon_demo_games(season: Season) -> Iterator[Game]:
                for number in range(10):
                    day = season.starts + timedelta(weeks=number)
                    yield Game(game_id=f"9{number:06}", season=season.label, date=day, status="scheduled")
        """

    @hookspec
    def recon_cycle_finished(self, report: Mapping[str, Any]) -> None:
        """Observe a finished cycle's report. What it returns or raises cannot alter the run.

        ``report`` is a copy of ``inventory/cache/cycle.json``. An exception becomes a warning.

        Example::

            @hookimpl
            def recon_cycle_finished(report: Mapping[str, Any]) -> None:
                print(f"{report['gaps']['total']} gaps in {report['lake']}")
        """

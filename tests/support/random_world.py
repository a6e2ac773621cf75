"""Random worlds with an emphasis on borders: times that are equal or a moment apart, sizes at the floor.

``random_world`` makes the sources, schedules and rules; ``random_lake`` what lies in the lake and what of it was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oracle.expressions import And, Between, Column, Compare, Expression, Flag, In, IsNull, Like, Not, Or
from oracle.items import expected_seasons
from oracle.keys import Hole, Template, Value
from oracle.world import (
    DAY,
    HOUR,
    SECOND,
    Dataset,
    Game,
    Named,
    Rule,
    Season,
    Source,
    Waiver,
    World,
    end_of_day,
    start_of_day,
    us,
    utc,
)
from support.choices import Choices

JITTER = (0, -1, 1, 0, -SECOND, SECOND)
ZONES = ("America/New_York", "UTC", "Asia/Tokyo", "America/Sao_Paulo", "Asia/Kathmandu")
# Ordinary days, nights in which New York's clocks change, a leap day, the turn of a year.
MOMENTS = tuple(
    us(text)
    for text in (
        "2025-01-15T12:00",
        "2024-11-03T05:30",
        "2025-03-09T07:00",
        "2024-03-01T00:00",
        "2024-12-31T23:59:59.999999",
        "2025-01-01T00:00",
        "2025-06-30T04:00:00.000001",
    )
)
STATUSES = (*["final"] * 10, *["scheduled"] * 4, "in_progress", "postponed", "cancelled", "tbd")
TEAMS = ("BOS", "LAL", "NY", "C C", "Ä%", "it's", "A-B", "A/B")
TYPES = ("regular", "playoffs", "preseason")
LABELS = (("2022-23", "2023-24", "2024-25", "2025-26"), ("z", "y", "x", "w"), ("2023", "2024", "2025", "2026"))
GRAINS = (
    ("game_id",),
    ("date",),
    ("game_id",),
    ("season", "team"),
    ("season",),
    ("date", "station"),
    ("game_id",),
    ("player",),
)
INSIDE = {("game_id",): ("game_id",), ("date", "station"): ("station", "date")}
STATIONS = ("S1", "s/2", "ß", "50%")
RATIOS = ("0.2", "0.5", "0.1", "0.333", "1", "0")


def jittered(choose: Choices, moment: int) -> int:
    """The moment, or one microsecond or second beside it."""
    return moment + choose.of(JITTER)


def random_world(choose: Choices) -> World:
    """A world without a lake: no objects, nothing listed."""
    now = jittered(choose, choose.of(MOMENTS))
    sources = [random_source(choose, name, now) for name in ("alpha", "beta", "gamma")[: 1 + choose.number(3) % 3]]
    if len(sources) > 1 and choose.chance(70):
        sources = one_league(choose, sources, now)
    if choose.chance(15):
        # Installed, but not configured.
        sources[-1] = replace(sources[-1], wanted=(), prefix="", season_types=()) if len(sources) > 1 else sources[-1]
    if choose.chance(30):
        now = border_of(choose, sources, now)
    return World(
        now,
        tuple(pulled_now(source, now) for source in sources),
        rules=random_rules(choose, "user", choose.of((0, 0, 1, 2, 4))),
        waivers=tuple(
            Waiver(random_expression(choose), "known", utc(now).date() + timedelta(days=choose.of((0, -1, 1, 30))))
            for _ in range(choose.of((0, 0, 0, 0, 1, 2)))
        ),
        recent_days=choose.of((7, 7, 1, 0.5, 30, 0)),
        batch_size=choose.of((25, 1, 2, 3, 5)),
        max_tasks=choose.of((None, None, None, 1, 2, 5)),
        max_tasks_per_priority=choose.of((None, None, None, 1, 2)),
        accept_empty=choose.chance(40),
        max_loss_ratio=choose.of(("0.2", "1", "0.2", "0.5", "0", "0.333")),
        max_loss_items=choose.of((3, 1, 1000, 0)),
    )


def one_league(choose: Choices, sources: list[Source], now: int) -> list[Source]:
    """The sources with the games of the first in all their schedules, as each has them."""
    joined = []
    for source in sources:
        known = [team for team in TEAMS if not choose.chance(4)]
        teams = {code_of(source.name, team): team for team in known}
        league = "league" if source is sources[0] or not choose.chance(10) else choose.of(("", "other"))
        # With the patterns of some layouts other ids would fit no key.
        joined.append(
            replace(
                source,
                league=league,
                teams=teams,
                deriving=choose.of(("", "home", "few", "home", "known", "fails")),
                stored={
                    label: tuple(
                        replace(
                            game,
                            home=game.home and code_of(source.name, game.home),
                            away=game.away and code_of(source.name, game.away),
                        )
                        for game in games
                    )
                    for label, games in source.stored.items()
                },
            )
        )
    first = [game for games in sources[0].stored.values() for game in games]
    return [joined[0], *(pulled_now(with_games(choose, source, first, now), now) for source in joined[1:])]


def code_of(source: str, team: str) -> str:
    """How a source writes a team."""
    return team if source == "alpha" else f"{team}{source[0]}"


def with_games(choose: Choices, source: Source, games: Sequence[Game], now: int) -> Source:
    """The source with most of another's games in its schedule, some of which it has otherwise."""
    stored = {label: list(own) for label, own in source.stored.items()}
    for number, game in enumerate(games):
        fate = choose.number(24)
        if fate in (1, 2, 3):
            continue
        home, away = game.home, game.away
        changed = replace(
            game,
            game_id=f"{source.name[0]}{number + 200}",
            alt_ids=(),
            pulled_at=choose.of((game.pulled_at, now - DAY, now, game.pulled_at)),
        )
        if fate in (4, 5):
            changed = replace(changed, status="final")
        elif fate in (6, 7, 8):
            changed = replace(changed, status=choose.of(STATUSES))
        elif fate in (9, 10):
            changed = replace(changed, date=game.date + timedelta(days=choose.of((1, 2, -1))))
        elif fate == 11:
            home, away = away, home
        elif fate == 12:
            changed = replace(changed, ordinal=2, league=choose.of((None, "league", "other")))
        elif fate == 13:
            changed = replace(changed, start=None, final_at=None, season_type=choose.of((*TYPES, None)))
        if changed.pulled_at is None and changed.status not in ("final", "postponed", "cancelled"):
            changed = replace(changed, pulled_at=now - 2 * DAY)
        changed = replace(changed, home=home and code_of(source.name, home), away=away and code_of(source.name, away))
        fits = [one.label for one in source.seasons if one.starts <= changed.date <= one.ends and one.label in stored]
        if fits:
            stored[fits[0]].append(replace(changed, season=fits[0]))
    return replace(source, stored={label: tuple(own) for label, own in stored.items()})


def later_world(choose: Choices, world: World) -> World:
    """The same workspace some time later: games were played or called off, settings changed, a plugin failed."""
    later = choose.of((DAY, HOUR, 7 * DAY, 0, 3 * DAY))
    now = jittered(choose, world.now + later) if later else world.now + 1
    return replace(
        world,
        now=now,
        sources=tuple(later_source(choose, source, now) for source in world.sources),
        batch_size=choose.of((world.batch_size, world.batch_size, 2)),
        max_tasks=choose.of((world.max_tasks, None, 2)),
        max_tasks_per_priority=choose.of((world.max_tasks_per_priority, None)),
        waivers=world.waivers if choose.chance(60) else (),
        accept_loss=choose.chance(40),
    )


def later_source(choose: Choices, source: Source, now: int) -> Source:
    """The source some time later."""
    stored = {label: tuple(later_games(choose, games, now)) for label, games in source.stored.items()}
    grown = [label for label in stored if label in source.wanted or choose.chance(10)]
    wanted = grown if source.wanted else []
    if len(wanted) > 1 and choose.chance(10):
        wanted = wanted[1:]
    if source.computed:
        stored = {label: stored[label] for label in wanted}
    datasets = tuple(
        replace(dataset, named={label: names for label, names in dataset.named.items() if not choose.chance(10)})
        for dataset in source.datasets
    )
    return pulled_now(breaking(choose, replace(source, datasets=datasets, stored=stored, wanted=tuple(wanted))), now)


def later_games(choose: Choices, games: tuple[Game, ...], now: int) -> list[Game]:
    """Most games as they were; some final by now, pulled again, called off, or gone."""
    changed = []
    for game in games:
        fate = choose.number(20)
        if fate == 1:
            continue
        if fate in (2, 3, 4):
            game = replace(game, status="final")
        elif fate == 5:
            game = replace(game, status=choose.of(("cancelled", "postponed")))
        elif fate in (6, 7):
            game = replace(game, pulled_at=now)
        changed.append(game)
    return changed


def border_of(choose: Choices, sources: list[Source], now: int) -> int:
    """A moment at which something of the sources changes: a season starts, a day ends."""
    source = choose.of(sources)
    day = choose.of([day for season in source.seasons for day in (season.starts, season.ends)])
    moment = choose.of((start_of_day(day, source.timezone), end_of_day(day, source.timezone)))
    return jittered(choose, moment) if abs(moment - now) < 60 * DAY else now


def random_source(choose: Choices, name: str, now: int) -> Source:
    """A source whose games lie around ``now``."""
    zone = choose.of(ZONES)
    seasons = random_seasons(choose, now)
    labels = [season.label for season in seasons]
    wanted = choose.some(labels, 80) or [labels[0]]
    known = [label for label in labels if label in wanted or choose.chance(60)]
    datasets = [random_dataset(choose, name, n, labels, now) for n in range(choose.of((1, 2, 3, 4)))]
    game_hours = choose.of((3.0, 2.5, 48.0, 0.1))
    computed = choose.chance(20)
    if computed:
        known = wanted
        datasets = [replace(dataset, first_season=None) for dataset in datasets]
    odd = not any(template.patterns for dataset in datasets for template in dataset.templates)
    games: dict[str, list[Game]] = {label: [] for label in known}
    for number in range(choose.of((3, 60, 90, 40, 1, 120, 80, 0, 100, 60))):
        game = random_game(choose, f"{name[0]}{number}", choose.of(datasets), zone, game_hours, now)
        if odd and choose.chance(20):
            game = replace(game, game_id=game.game_id + choose.of((" b", "-ü%", "'", ".json", "?&#")))
        game = replace(game, unavailable=tuple(choose.some([dataset.data_type for dataset in datasets], 6)))
        label = choose.of([season.label for season in seasons if season.starts <= game.date <= season.ends] or known)
        if label in known:
            games[label].append(replace(game, season=label))
    if not any(dataset.configured for dataset in datasets):
        datasets[0] = replace(datasets[0], configured=True)
    source = Source(
        name,
        tuple(datasets),
        seasons,
        tuple(wanted),
        {label: tuple(found) for label, found in games.items()},
        timezone=zone,
        game_hours=game_hours,
        season_types=choose.of(((), (), TYPES[:1], TYPES[:2])),
        prefix=choose.of(("", "", "", "raw/", "it's {here}/")),
        rules=random_rules(choose, name, choose.of((0, 0, 1, 2))),
        computed=computed,
    )
    return pulled_now(breaking(choose, source), now)


def breaking(choose: Choices, source: Source) -> Source:
    """The source as it is, or one whose plugin fails when it is loaded or asked."""
    asked = any(
        dataset.configured and (source.computed or not dataset.of_games) and expected_seasons(source, dataset)
        for dataset in source.datasets
    )
    return replace(
        source,
        failed="boom" if choose.chance(8) else None,
        broken="bang" if asked and choose.chance(12) else None,
    )


def pulled_now(source: Source, now: int) -> Source:
    """Games that are computed in every run are as new as the run."""
    if not source.computed:
        return source
    stored = {label: tuple(replace(game, pulled_at=now) for game in games) for label, games in source.stored.items()}
    return replace(source, stored=stored)


def random_seasons(choose: Choices, now: int) -> tuple[Season, ...]:
    """Two to four short seasons around ``now``, which may overlap or leave a pause."""
    labels = choose.of(LABELS)
    seasons: list[Season] = []
    starts = utc(now).date() - timedelta(days=choose.of((12, 20, 30, 8)))
    for number in range(choose.of((2, 3, 4))):
        ends = starts + timedelta(days=choose.of((9, 4, 1, 14)))
        seasons.append(Season(labels[number], starts, ends, random_fields(number)))
        starts = ends + timedelta(days=choose.of((1, 0, -1, 4)))
        starts = max(starts, seasons[-1].starts + timedelta(days=1))
    return tuple(seasons)


def random_fields(number: int) -> dict[str, str]:
    """The fields of a season: the year is shared by two seasons, the code by none."""
    return {"end_year": str(2024 + number // 2), "code": f"s{number}"}


def random_dataset(choose: Choices, source: str, number: int, labels: list[str], now: int) -> Dataset:
    """A dataset with layouts that no other dataset shares."""
    grain = choose.of(GRAINS)
    where = f"{source}_{number}"
    places = choose.of(
        ((f"{where}/",), (f"{where}/", f"old/{where}-"), (f"{where}x/a/", f"{where}/{{'%_}}/", f"é{where}/"))
    )
    inside = choose.of(INSIDE[grain]) if grain in INSIDE and choose.chance(25) else None
    digits = {"game_id": r"[a-z][0-9]+[a-z]*"} if grain == ("game_id",) and inside is None and choose.chance(40) else {}
    dataset = Dataset(
        f"type{number}",
        grain,
        tuple(random_template(choose, grain, place, digits, inside) for place in places),
        inside=inside,
        every_day=grain == ("date",) and choose.chance(50),
        enumerated=grain in (("season",), ("season", "team")) and choose.chance(20),
        required=not choose.chance(25),
        freshness_days=choose.of((None, 1, 0, 0.1, 7)),
        settle_days=choose.of((0.0, 2, 0.5, 30)),
        publish_lag_hours=choose.of((6.0, 0, 24, 0.1)),
        threshold=choose.of((0.95, 0.5, 1.0, 0.0)),
        min_size_bytes=choose.of((1, 100, 0)),
        undersized_ratio=choose.of(RATIOS),
        undersized_min_copies=choose.of((30, 1, 2, 5, 12)),
        scraper=choose.of(("scraper", "other", "scraper")),
        minutes_per_file=choose.of((1.0, 0.5, 2, 0.1)),
        first_season=choose.of((None, None, None, *labels)),
        allow_empty=choose.chance(15),
        configured=not choose.chance(12),
    )
    return dataset if dataset.of_games else replace(dataset, named=random_names(choose, dataset, labels, now))


def random_names(choose: Choices, dataset: Dataset, labels: list[str], now: int) -> dict[str, tuple[Named, ...]]:
    """What a plugin names by itself: some items twice, some in two seasons, of some seasons nothing at all."""
    named = {}
    for label in labels:
        if choose.chance(15):
            continue
        names = []
        for number in range(choose.of((2, 12, 20, 0))):
            back = choose.of((dataset.lag, 0, dataset.settle, dataset.lag + 7 * DAY, dataset.lag + DAY, -DAY))
            day = utc(now).date() - timedelta(days=choose.number(20) - 4)
            first = choose.of(STATIONS) if "station" in dataset.grain else f"p{label}{choose.number(8 + number)}"
            known: dict[str, Value] = {"date": day, "season": label}
            values = tuple(known.get(column, first) for column in dataset.grain)
            names.append(Named(values, jittered(choose, now - back)))
        named[label] = tuple(names)
    return named


def random_template(
    choose: Choices, grain: tuple[str, ...], place: str, patterns: dict[str, str], inside: str | None
) -> Template:
    """One of the shapes that the grain allows, under ``place``; a container's where a column lies ``inside``."""
    game, season, year, team = Hole("game_id"), Hole("season"), Hole("end_year"), Hole("team")
    station, code = Hole("station"), Hole("code")
    day = Hole("date", "%Y%m%d")
    split = (Hole("date", "%Y"), "/", Hole("date", "%m"), "/x", Hole("date", "%d"))
    shapes: dict[tuple[str, ...], tuple[tuple[str | Hole, ...], ...]] = {
        ("game_id",): (
            (game, ".json"),
            (season, "/", game, ".json"),
            (year, "/", game, "_pbp.json"),
            (day, "/", game),
            (game, "/", game, ".json"),
            (Hole("home"), "/", game, ".json"),
        ),
        ("date",): ((day, ".json"), (*split, ".json"), (season, "/", Hole("date", "%Y-%m-%d"))),
        ("season",): ((season, ".parquet"), (season, "/", year, ".parquet"), (code, ".csv")),
        ("season", "team"): ((season, "/", team, ".json"), (team, "/", season), (code, "/", team, ".csv")),
        ("date", "station"): ((station, "/", day, ".csv"), (day, "_", station)),
        ("player",): ((Hole("player"), ".json"), (season, "/", Hole("player"))),
    }
    containers: dict[str, tuple[tuple[str | Hole, ...], ...]] = {
        "game_id": ((season, ".parquet"), (year, "_x.parquet"), (day, ".parquet"), ("all.parquet",)),
        "station": ((day, ".parquet"), (season, "/", day)),
        "date": ((station, ".parquet"), (season, "/", station)),
    }
    return Template((place, *choose.of(containers[inside] if inside else shapes[grain])), patterns)


def random_game(choose: Choices, game_id: str, dataset: Dataset, zone: str, game_hours: float, now: int) -> Game:
    """A game of which some time, as the dataset sees it, is near ``now``."""
    long = round(game_hours * HOUR)
    back = choose.of(
        (
            long + dataset.lag + 3 * DAY,
            long,
            long + dataset.lag,
            long + dataset.settle,
            long + dataset.lag + 7 * DAY,
            long + dataset.settle + (dataset.freshness or 0),
            -3 * DAY,
            20 * DAY,
            DAY,
            2 * DAY,
        )
    )
    start = jittered(choose, now - back)
    day = utc(start).astimezone(ZoneInfo(zone)).date()
    own_final = jittered(choose, choose.of((start + long, start + 2 * long, now))) if choose.chance(12) else None
    final_at = own_final or start + long
    status = choose.of(STATUSES)
    pulled_at = jittered(choose, choose.of((final_at, start, now - DAY, final_at + DAY)))
    return Game(
        game_id + choose.of(("", "", "a", "b")),
        "",
        day,
        status,
        season_type=choose.of((*TYPES, "regular", "regular", None)),
        start=None if choose.chance(15) else start,
        home=choose.of((*TEAMS, *TEAMS, None)),
        away=choose.of((*TEAMS, None)),
        alt_ids=tuple(f"{game_id}{end}" for end in choose.some(("x", "y"), 15)),
        final_at=own_final,
        pulled_at=None if status in ("final", "postponed", "cancelled") and choose.chance(40) else pulled_at,
    )


TEXTS = {
    "source": ("alpha", "beta"),
    "data_type": ("type0", "type1"),
    "season": ("2024-25", "z", "2025"),
    "season_type": TYPES,
    "verdict": ("missing", "stale", "undersized", "unknown"),
    "home": TEAMS,
    "away": TEAMS,
}
NUMBERS: dict[str, tuple[Any, ...]] = {
    "age_days": (1, 7, 0, 3.5, 30),
    "completeness": (0.5, 0, 1, 0.95),
    "completeness_threshold": (0.5, 0.95, 1),
    "size": (0, 1, 100, 1000),
}
FLAGS = ("required", "current_season", "previous_season")


def random_rules(choose: Choices, name: str, number: int) -> tuple[Rule, ...]:
    """Rules of random conditions."""
    priorities = ("LOW", "CRITICAL", "MEDIUM", "HIGH")
    return tuple(Rule(f"{name}-{n}", random_expression(choose), choose.of(priorities)) for n in range(number))


def random_expression(choose: Choices, depth: int = 2) -> Expression:
    """A condition over the documented columns."""
    kind = choose.number(12 if depth else 8)
    if kind >= 8:
        if kind == 8:
            return Not(random_expression(choose, depth - 1))
        pair = Or if kind == 9 else And
        return pair(random_expression(choose, depth - 1), random_expression(choose, depth - 1))
    text = choose.of(tuple(TEXTS))
    number = choose.of(tuple(NUMBERS))
    day = date(2025, 1, 1) + timedelta(days=choose.number(30) - 15)
    operator = choose.of(("<", "<=", ">", ">=", "=", "<>"))
    return (
        Compare(text, choose.of(("=", "<>", "<")), choose.of(TEXTS[text])),
        Compare(number, operator, choose.of(NUMBERS[number])),
        Flag(choose.of(FLAGS)),
        In(text, tuple(choose.some(TEXTS[text])) or TEXTS[text][:1]),
        choose.of((Between("date", day, day + timedelta(days=5)), Compare("date", operator, day))),
        IsNull(choose.of((text, number, "date")), choose.chance(50)),
        Like(text, choose.of(("%a%", "_O_", "it's", "2%", "mis_ing"))),
        Compare("completeness", operator, Column("completeness_threshold")),
    )[kind]

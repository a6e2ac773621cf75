"""A season's games from hoopR's schedule file: one download, or the copy that the lake keeps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from recon_core.api import Context, Game, ScheduleError, Season
from recon_hoopr.client import fetch_schedule, schedule_url
from recon_hoopr.errors import NotPublishedError
from recon_hoopr.games import games_of, last_final
from recon_hoopr.options import Settings
from recon_hoopr.seasons import end_year
from recon_hoopr.source import TIMEZONE
from recon_hoopr.table import read_rows
from recon_hoopr.text import printable, without_secrets

__all__ = ["games_from_lake", "pull_games"]

_EASTERN = ZoneInfo(TIMEZONE)


def pull_games(season: Season, context: Context) -> list[Game]:
    """All games of the season, from hoopR's release; none for a season that has not begun and has no file yet.

    The rows are as old as the file's content: as the server says, else as the end of the last final game in it. A file
    is built daily at best, so that what it does not know may have happened before it was downloaded. Raises ConfigError
    for an option, UnreachableError or ScheduleError for the file.
    """
    settings = Settings.read(context.options)
    what = f"schedule file of {season.label}"
    context.progress(0, 1, what)
    try:
        download = fetch_schedule(settings, end_year(season))
    except NotPublishedError:
        if _begins(season) > context.now:
            return []
        raise
    context.progress(1, 1, what)
    where = without_secrets(schedule_url(settings, end_year(season)))
    rows = read_rows(download.content, where, parquet=settings.schedule_format == "parquet")
    said_at = download.changed_at or last_final(season, rows, where) or _begins(season)
    said_at = min(said_at, context.now)  # the server's clock need not agree with this machine's
    games = games_of(season, rows, where, said_at - timedelta(days=settings.unavailable_after_days))
    return [replace(game, pulled_at=said_at) for game in games]


def games_from_lake(season: Season, context: Context) -> list[Game]:
    """The games of the season's schedule file in the lake, and stored rows of which it knows less.

    Of several files that with the latest final game is taken, since it was written last. The file does not say when it
    was fetched, but no earlier than that game: its flags are believed as of then, and its other rows carry the season's
    first moment, so that none of them is proved to have been played. Raises ScheduleError when the lake holds no such
    file or none that can be read, LakeError when it cannot be asked.
    """
    settings = Settings.read(context.options)
    keys = sorted(key for key, fields in context.keys("schedules") if _is_of(season, fields.values()))
    if not keys:
        raise ScheduleError(
            f"the lake holds no schedule file of {season.label} (hoopr_parquet/schedules/): check the url and the "
            "prefix of hoopr, or pull from hoopR, without --from-lake"
        )
    files: list[tuple[datetime, list[Game]]] = []
    problems: list[str] = []
    for key in keys:
        content = context.read(key)
        try:
            files.append(_read(season, settings, key, content))
        except ScheduleError as error:
            problems.append(str(error))
    if not files:
        others = len(problems) - 1
        more = f" (nor can {others} other file{'s' * (others > 1)} of {season.label} be read)" if others else ""
        raise ScheduleError(problems[0] + more)
    # Until a game is over nothing tells which file is the latest but that games are only ever added.
    _, games = max(files, key=lambda file: (file[0], len(file[1])))
    earliest = min(_begins(season), context.now)
    stored = {game.game_id: game for game in context.stored}
    return [_better(stored.get(game.game_id), replace(game, pulled_at=earliest)) for game in games]


def _read(season: Season, settings: Settings, key: str, content: bytes) -> tuple[datetime, list[Game]]:
    """The games of a file in the lake, and the time before which it was not written."""
    where = f"lake object {printable(key)}"
    if len(content) > settings.max_body_bytes:
        raise ScheduleError(f"{where}: more than {settings.max_body_bytes} bytes (option max_body_bytes of hoopr)")
    rows = read_rows(content, where, parquet=not key.lower().endswith(".csv"))
    written = last_final(season, rows, where) or _begins(season)
    return written, games_of(season, rows, where, written - timedelta(days=settings.unavailable_after_days))


def _is_of(season: Season, values: Iterable[str]) -> bool:
    return not {season.label, str(end_year(season))}.isdisjoint(values)


def _better(stored: Game | None, game: Game) -> Game:
    """The row that knows more: a final one, else the one that was pulled later."""
    if stored is None or game.status == "final" or stored.pulled_at is None or game.pulled_at is None:
        return game
    return stored if stored.status == "final" or stored.pulled_at > game.pulled_at else game


def _begins(season: Season) -> datetime:
    return datetime.combine(season.starts, time(), _EASTERN).astimezone(UTC)

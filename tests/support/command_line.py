"""Runs the installed ``recon`` in a process of its own, on a small workspace with one fault of every kind.

The workspace belongs to a made-up source ``toy``: games of the seasons 2023 and 2024, in two layouts, and a file a day.
Its time is ``NOW``.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from support.fake_distributions import Site

from recon_core.cli.main import run_command_line

__all__ = ["HOSTILE", "NOW", "Done", "Inside", "Recon", "command", "install_toy", "make_workspace", "put"]

NOW = "2024-06-20T12:00:00Z"

HOSTILE = "weird/\x1b[31m[red]bold[/red]\nnext|`code`\u202etxt.json"
"""A key that would colour a terminal, forge a line, open markup and turn text around."""

_PLUGIN = """
import time
from datetime import date, datetime, timedelta, timezone

from recon_core.api import *


@hookimpl
def recon_source():
    return Source(
        name="toy",
        api_version=1,
        title="A league for tests",
        timezone="UTC",
        options={
            "count": Option(default=6, help="How many games a pull finds."),
            "trouble": Option(default="", help="What goes wrong in a pull."),
        },
        datasets=(
            DatasetSpec(
                data_type="games",
                grain=("game_id",),
                key_templates=("toy/games/{game_id}.json", "old/{game_id}.json"),
                min_size_bytes=10,
                scraper="toy_scraper",
            ),
            DatasetSpec(
                data_type="days",
                grain=("date",),
                key_templates=("toy/days/{date:%Y%m%d}.json",),
                required=False,
                scraper="toy_day_scraper",
                minutes_per_file=0.5,
            ),
        ),
    )


@hookimpl
def recon_seasons():
    return [
        Season(label=str(year), starts=date(year, 1, 1), ends=date(year, 12, 31)) for year in range(2022, 2026)
    ]


@hookimpl
def recon_expected_games(season, context):
    if context.options["trouble"] == "slow":
        context.progress(1, 100, "days")
        (context.scratch / "begun").write_text("")
        time.sleep(60)
    if context.options["trouble"]:
        raise RuntimeError(context.options["trouble"])
    for number in range(context.options["count"]):
        day = season.starts + timedelta(days=number)
        start = datetime(day.year, day.month, day.day, 18, tzinfo=timezone.utc)
        over = start + timedelta(hours=3) <= context.now
        yield Game(
            game_id=f"{season.label}-{number}",
            season=season.label,
            date=day,
            start_utc=start,
            home="A",
            away="B",
            status="final" if over else "scheduled",
        )


@hookimpl
def recon_schedule_notes(season, games):
    if len(games) == 1:
        yield "the league is said to have had more than [b]one[/b] game"
"""

_GAMES = """\
game_id,season,season_type,date,start_utc,home,away,status,alt_ids
p1,2023,regular,2023-06-01,2023-06-01T18:00:00Z,A,B,final,
p2,2023,regular,2023-06-02,2023-06-02T18:00:00Z,B,A,final,
g1,2024,regular,2024-06-01,2024-06-01T18:00:00Z,A,B,final,
g2,2024,regular,2024-06-02,2024-06-02T18:00:00Z,B,C,final,
g3,2024,regular,2024-06-03,2024-06-03T18:00:00Z,C,A,final,
g4,2024,regular,2024-06-04,2024-06-04T18:00:00Z,A,C,final,
g5,2024,regular,2024-06-17,2024-06-17T18:00:00Z,A,B,final,
g6,2024,regular,2024-06-18,2024-06-18T18:00:00Z,B,C,scheduled,
g7,2024,regular,2024-06-25,2024-06-25T18:00:00Z,C,B,scheduled,
g8,2024,regular,2024-06-05,2024-06-05T18:00:00Z,C,B,postponed,
g9,2024,regular,2024-06-06,2024-06-06T18:00:00Z,B,A,final,x9
"""

_DAYS = ("20230601", "20230602", "20240601", "20240602", "20240603", "20240604", "20240606", "20240617")


@dataclass(frozen=True)
class Done:
    """What a finished command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """stdout as one JSON document, and nothing else."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Recon:
    """The installed command, in a folder and an environment."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    program = str(Path(sysconfig.get_path("scripts")) / "recon")

    def __call__(self, *arguments: str | Path, code: int | None = 0, **environment: str) -> Done:
        """Run a command. ``code`` is the exit code that must come out; ``None`` takes any."""
        done = subprocess.run(
            [self.program, *map(str, arguments)],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        result = Done(done.returncode, done.stdout, done.stderr)
        assert code is None or result.code == code, f"exit code {result.code}\n{result.out}\n{result.err}"
        return result

    def start(self, *arguments: str | Path, **settings: Any) -> subprocess.Popen[str]:
        """Start a command without waiting for it."""
        return subprocess.Popen(
            [self.program, *map(str, arguments)],
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            **settings,
        )

    def at(self, folder: Path, **environment: str) -> Recon:
        """The same command in another folder."""
        return Recon(folder, {**self.environment, **environment})


@dataclass(frozen=True)
class Inside:
    """The same command in this process: for what does not depend on how a process begins and ends, and much quicker."""

    folder: Path
    environment: Mapping[str, str]
    site: Site

    def __call__(self, *arguments: str | Path, code: int | None = 0) -> Done:
        """Run a command; as ``Recon`` does."""
        out, err = io.StringIO(), io.StringIO()
        before, here = dict(os.environ), Path.cwd()
        handler = signal.getsignal(signal.SIGTERM)
        os.environ.clear()
        os.environ.update(self.environment)
        os.chdir(self.folder)
        try:
            with self.site.active(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                found = run_command_line([str(argument) for argument in arguments])
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(before)
            signal.signal(signal.SIGTERM, handler)
        result = Done(found, out.getvalue(), err.getvalue())
        assert code is None or found == code, f"exit code {found}\n{result.out}\n{result.err}"
        return result


def install_toy(folder: Path) -> Site:
    """A site with the source ``toy`` as ``recon-toy 2.5``."""
    site = Site(folder)
    site.install_module("toy", _PLUGIN, version="2.5")
    return site


def command(folder: Path, home: Path, *sites: Site) -> Recon:
    """The command in an environment that knows no user's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    path = os.pathsep.join(site.pythonpath() for site in sites)
    return Recon(folder, {**kept, "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": path, "COLUMNS": "100"})


def make_workspace(root: Path) -> None:
    """Write a workspace, its lake beside it, and the file of games that is to be imported."""
    files = {
        "config/reconciliation_config.yaml": f"lake:\n  url: {(root / 'lake').as_uri()}\n",
        "inventory/data_inventory.yaml": "expected_coverage:\n  toy:\n    seasons: ['2023', '2024']\n",
        "games.csv": _GAMES,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    lake = root / "lake"
    put(lake, "toy/games/p2.json", 20, "2023-06-03T00:00:00Z")
    put(lake, "toy/games/g1.json", 20, "2024-06-02T00:00:00Z")
    put(lake, "old/g1.json", 20, "2024-06-01T23:00:00Z")
    put(lake, "toy/games/g3.json", 2, "2024-06-04T00:00:00Z")
    put(lake, "toy/games/g4.json", 20, "2024-06-04T19:00:00Z")
    put(lake, "old/x9.json", 20, "2024-06-07T00:00:00Z")
    put(lake, "toy/games/nobody.json", 20, "2024-06-07T00:00:00Z")
    put(lake, HOSTILE, 20, "2024-06-07T00:00:00Z")
    for day in _DAYS:
        put(lake, f"toy/days/{day}.json", 5, "2024-06-19T00:00:00Z")


def put(lake: Path, key: str, size: int, modified: str) -> None:
    """Put an object into a local lake."""
    path = lake / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    moment = datetime.fromisoformat(modified).timestamp()
    os.utime(path, (moment, moment))

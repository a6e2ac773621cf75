"""Distributions made up for tests: folders as an installer leaves them, found by ``importlib.metadata`` on the path.

In this process::

    site = Site(tmp_path / "site")
    site.install("recon-x", "1.0", {"x": "recon_x"}, {"recon_x.py": "..."})
    with site.active():
        registry = load_registry()

In a subprocess, pass ``env={**os.environ, "PYTHONPATH": site.pythonpath()}``. The toy distributions ``WEATHER``,
``ROWING`` and ``ARCHIVE`` are folders that need no installing: ``site.add(WEATHER)``.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, MetadataPathFinder, distributions
from pathlib import Path

__all__ = ["ARCHIVE", "ROWING", "WEATHER", "Site", "simple_plugin"]

_DISTRIBUTIONS = Path(__file__).resolve().parents[1] / "plugins" / "distributions"
WEATHER = _DISTRIBUTIONS / "weather"
ARCHIVE = _DISTRIBUTIONS / "archive"
ROWING = _DISTRIBUTIONS / "rowing"


class Site:
    """A site-packages folder for fake distributions, and further folders that are distributions already."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self._names: list[str] = []
        self._added: list[Path] = []

    def install(
        self,
        distribution: str,
        version: str,
        entry_points: Mapping[str, str],
        files: Mapping[str, str],
    ) -> None:
        """Write modules and metadata; ``entry_points`` are those of the group ``recon``."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n", "utf-8")
        points = "".join(f"{name} = {value}\n" for name, value in entry_points.items())
        (info / "entry_points.txt").write_text(f"[console_scripts]\n\n[recon]\n{points}", "utf-8")
        self._names.append(distribution)
        _forget_caches()

    def install_module(self, name: str, text: str, *, version: str = "1.0") -> None:
        """Install ``recon-<name>`` with one module ``recon_<name>`` and one entry point ``<name>``."""
        self.install(f"recon-{name}", version, {name: f"recon_{name}"}, {f"recon_{name}.py": text})

    def add(self, folder: Path) -> None:
        """Add a folder that holds a distribution already, such as WEATHER."""
        self._added.append(folder)

    def paths(self) -> list[str]:
        return [str(path) for path in (self.folder, *self._added)]

    def pythonpath(self) -> str:
        """A value for PYTHONPATH that makes a subprocess see these distributions beside what is installed."""
        return os.pathsep.join(self.paths())

    def entry_points(self) -> list[EntryPoint]:
        """The entry points of these distributions only, whatever else the environment has installed."""
        points: list[EntryPoint] = []
        for distribution in distributions(path=self.paths()):
            points += distribution.entry_points.select(group="recon")
        return sorted(points, key=lambda point: (point.name, point.value))

    @contextlib.contextmanager
    def active(self) -> Iterator[None]:
        """Put the distributions on this process's path, and forget their modules afterwards."""
        before, modules = list(sys.path), set(sys.modules)
        sys.path[:0] = self.paths()
        _forget_caches()
        try:
            yield
        finally:
            sys.path[:] = before
            for name in set(sys.modules) - modules:
                if (getattr(sys.modules[name], "__file__", None) or "").startswith(tuple(self.paths())):
                    del sys.modules[name]
            _forget_caches()


def _forget_caches() -> None:
    importlib.invalidate_caches()
    MetadataPathFinder().invalidate_caches()  # 3.11 has it as a method of instances


def simple_plugin(source: str, *, template: str | None = None, extra: str = "", api_version: int = 1) -> str:
    """The text of a plugin module with one game-less dataset, ``files``, of one file a day; ``extra`` is appended."""
    return f"""
from datetime import date, datetime, timezone

from recon_core.api import *


@hookimpl
def recon_source():
    return Source(
        name={source!r},
        api_version={api_version},
        title="A source for tests",
        timezone="UTC",
        schedule="computed",
        datasets=(
            DatasetSpec(
                data_type="files",
                grain=("date",),
                key_templates=({template or source + "/{date:%Y%m%d}.csv"!r},),
                every_day=True,
            ),
        ),
    )


@hookimpl
def recon_seasons():
    return [Season(label="2024", starts=date(2024, 1, 1), ends=date(2024, 12, 31))]


{extra}
"""

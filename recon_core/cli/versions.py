"""Which versions are installed, told from metadata: no plugin is imported for it."""

from __future__ import annotations

import platform
from importlib.metadata import entry_points

from recon_core import __version__
from recon_core.text import shown

__all__ = ["plugin_versions", "version_lines"]


def plugin_versions() -> list[tuple[str, str]]:
    """Name and version of each distribution with an entry point in the group ``recon``, sorted."""
    found = {(point.dist.name, point.dist.version) for point in entry_points(group="recon") if point.dist is not None}
    return sorted(found)


def version_lines() -> list[str]:
    """``recon-core 0.1.0 (Python 3.12.1)``, then a line a plugin."""
    lines = [f"recon-core {__version__} (Python {platform.python_version()})"]
    lines += [f"{shown(name)} {shown(version)}" for name, version in plugin_versions()]
    return lines

"""A new plugin from a template: complete, tested, installable."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

from recon_core import __version__
from recon_core.api.errors import UsageError
from recon_core.files import disk_errors
from recon_core.plugins import Registry
from recon_core.text import shown

__all__ = ["KINDS", "Kind", "new_plugin"]

Kind = Literal["games", "files"]

KINDS: tuple[str, ...] = get_args(Kind)
"""``games``: files per game, with a schedule to pull; ``files``: files per day or whatever else, without games."""

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 40
_TEMPLATES = Path(__file__).parent


def new_plugin(name: str, folder: Path, kind: Kind, title: str, registry: Registry) -> list[Path]:
    """Write the plugin of a source into ``folder``, which must not hold anything; gives its files.

    Raises UsageError for a name that cannot be one, or by which something else goes already (``registry`` holds what
    is installed), and for a folder that is not empty; DiskError.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise UsageError(
            f"{shown(name)!r} cannot name a source: use small letters, digits and single underscores, as in chess_club"
        )
    if any(char in title for char in '"\\$') or not title.isprintable():
        raise UsageError(f"the title {shown(title)!r} holds a quote, a backslash, a dollar or a control character")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{shown(folder)} is not empty: name another folder with --into")
    values = {
        "name": name,
        "module": f"recon_{name}",
        "distribution": f"recon-{name.replace('_', '-')}",
        "title": title,
        "core_version": __version__,
    }
    _check_free(name, values["module"], values["distribution"], registry)
    written = []
    for place, text in _files(kind):
        path = folder / place.replace("package/", f"{values['module']}/")
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(string.Template(text).substitute(values), encoding="utf-8")
        written.append(path)
    return written


def _check_free(name: str, module: str, project: str, registry: Registry) -> None:
    """Refuse what pip would put in another's place, and a source that would cost both it and the other."""
    if module == "recon_core":
        raise UsageError(f"{name!r} cannot name a source: its distribution would be {project}, which is recon itself")
    instead = "uninstall it first or choose another name"
    owners = {plugin.source.name: plugin for plugin in registry.plugins}
    owner = owners.get(name) or next((failure for failure in registry.failures if failure.source == name), None)
    if owner is not None:
        raise UsageError(f"source {name!r} is there already, from {owner.distribution} {owner.version}: {instead}")
    try:
        found = distribution(project)
    except PackageNotFoundError:
        pass
    else:
        raise UsageError(f"{project} {shown(str(found.version))} is installed already: {instead}")
    if find_spec(module) is not None:
        raise UsageError(f"a module {module} is there already: choose another name")


def _files(kind: Kind) -> Iterator[tuple[str, str]]:
    """The template's files by their place in the new folder."""
    root = _TEMPLATES / kind
    for path in sorted(root.rglob("*.tmpl")):
        yield path.relative_to(root).as_posix().removesuffix(".tmpl"), path.read_text(encoding="utf-8")

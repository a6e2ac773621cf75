"""What a shell may offer behind ``--source``, ``--season`` and ``--data-type``: the names that the workspace uses.

A completion never fails and never says anything: where nothing can be read, nothing is offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from recon_core.cli.session import open_workspace

if TYPE_CHECKING:
    from recon_core.config import Inventory
    from recon_core.workspace import Workspace

__all__ = ["data_types", "seasons", "sources"]


def sources(incomplete: str) -> list[str]:
    """The sources of the inventory."""
    return _offer(incomplete, lambda _, inventory: inventory.sources)


def seasons(incomplete: str) -> list[str]:
    """The seasons that are asked for or stored."""

    def names(workspace: Workspace, inventory: Inventory) -> Iterable[str]:
        yield from ("current", "previous")
        for source in inventory.sources.values():
            yield from source.seasons
        yield from (path.stem for path in workspace.schedules_dir.glob("*/*.parquet"))

    return _offer(incomplete, names)


def data_types(incomplete: str) -> list[str]:
    """The data types that the inventory names; those of the plugins where it names none."""

    def names(_: Workspace, inventory: Inventory) -> Iterable[str]:
        rest = []
        for source in inventory.sources.values():
            if source.data_types is None:
                rest.append(source.name)
            else:
                yield from source.data_types
        if rest:
            from recon_core.plugins import load_registry

            for plugin in load_registry().plugins:
                if plugin.source.name in rest:
                    yield from (dataset.data_type for dataset in plugin.source.datasets)

    return _offer(incomplete, names)


def _offer(incomplete: str, names: Callable[[Workspace, Inventory], Iterable[str]]) -> list[str]:
    from recon_core.config import load_inventory

    try:
        workspace = open_workspace(None)
        found = sorted(set(names(workspace, load_inventory(workspace))))
    except Exception:
        return []
    return [name for name in found if name.startswith(incomplete)]

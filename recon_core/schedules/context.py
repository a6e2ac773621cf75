"""What the core lends to a plugin that enumerates games or items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from recon_core.api import ConfigError, Game, PluginError
from recon_core.text import shown, suggest

if TYPE_CHECKING:
    from recon_core.lake import Lake
    from recon_core.templates import KeyTemplate

__all__ = ["PluginContext"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginContext:
    """The ``Context`` of recon_core.api; see there for what each member is to a plugin.

    ``load`` gives the stored games when they are first asked for; ``layouts`` are the key templates of the source's
    data types, prefix included; ``lake`` opens the lake when it is first asked for; ``report`` gets
    ``(done, total, what)``.
    """

    now: datetime
    options: Mapping[str, str | int | float | bool]
    load: Callable[[], Sequence[Game]]
    scratch: Path | None
    from_lake: bool
    layouts: Mapping[str, tuple[KeyTemplate, ...]]
    lake: Callable[[], Lake]
    report: Callable[[int, int | None, str], None]

    @property
    def stored(self) -> Sequence[Game]:
        """The season's stored games."""
        return self.load()

    def keys(self, data_type: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Each key of a data type once, with its fields (dates as ISO text).

        Raises PluginError for a data type without key templates, LakeError when the lake cannot be listed whole.
        """
        return self._keys(self._templates(data_type))

    def candidate_keys(self, data_type: str, fields: Mapping[str, str]) -> tuple[str, ...]:
        """The keys under which the item of these values may lie, the preferred one first.

        Raises PluginError for a data type without key templates, and for fields that do not make its keys.
        """
        try:
            return tuple(template.render(fields) for template in self._templates(data_type))
        except ConfigError as error:
            raise PluginError(f"asked for a key of {shown(data_type)!r}: {error}") from error

    def _templates(self, data_type: str) -> Sequence[KeyTemplate]:
        templates = self.layouts.get(data_type)
        if not templates:
            near = suggest(data_type, self.layouts)
            raise PluginError(f"asked for the keys of {shown(data_type)!r}, which has no key templates{near}")
        return templates

    def _keys(self, templates: Sequence[KeyTemplate]) -> Iterator[tuple[str, Mapping[str, str]]]:
        lake = self.lake()
        for prefix in _outermost(template.literal_prefix for template in templates):
            for page in lake.list_pages(prefix):
                for key in page.keys:
                    fields = next((found for t in templates if (found := t.parse(key)) is not None), None)
                    if fields is not None:
                        yield key, fields

    def read(self, key: str) -> bytes:
        """The content of a lake object. Raises LakeError."""
        return self.lake().read(key)

    def last_modified(self, key: str) -> datetime | None:
        """When a lake object was last written, ``None`` where there is none. Raises LakeError."""
        return self.lake().last_modified(key)

    def progress(self, done: int, total: int, what: str) -> None:
        """Pass on how far an enumeration is."""
        self.report(done, total, what)


def _outermost(prefixes: Iterator[str]) -> list[str]:
    """The prefixes that do not begin with another one, so that no key is listed twice."""
    found: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not found or not prefix.startswith(found[-1]):
            found.append(prefix)
    return found

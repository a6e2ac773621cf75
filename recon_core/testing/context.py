"""A context as the core lends it to an enumeration hook, with a lake of a few files in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from recon_core.api import ConfigError, Game, LakeError, PluginError
from recon_core.plugins import Plugin
from recon_core.templates import KeyTemplate
from recon_core.text import suggest

__all__ = ["FakeContext"]


@dataclass(kw_only=True)
class FakeContext:
    """``recon_core.api.Context`` for a test.

    ``lake`` maps keys to contents; ``written`` says when some of them were last written, the others were at ``now``;
    ``denied`` are keys that may not be read. ``keys`` finds those of a data type by the plugin's own key templates, as
    the core does, or by ``key_templates``, which replace them as a user's do. ``given`` are options that differ from
    the plugin's defaults. ``steps`` collects what the hook reported.
    """

    plugin: Plugin
    now: datetime = datetime(2025, 1, 15, 12, tzinfo=UTC)
    given: MutableMapping[str, str | int | float | bool] = field(default_factory=dict)
    stored: Sequence[Game] = ()
    scratch: Path | None = None
    from_lake: bool = False
    lake: MutableMapping[str, bytes] = field(default_factory=dict)
    written: MutableMapping[str, datetime] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    key_templates: Mapping[str, Sequence[str]] = field(default_factory=dict)
    steps: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """Every option of the source: what the test gives, else the default. Raises KeyError for one it has not."""
        declared = self.plugin.source.options
        unknown = [name for name in self.given if name not in declared]
        if unknown:
            raise KeyError(
                f"source {self.plugin.source.name} has no option {unknown[0]!r}{suggest(unknown[0], declared)}"
            )
        return {name: self.given.get(name, option.default) for name, option in declared.items()}

    def keys(self, data_type: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        """The lake's keys of a data type in their order, each with its fields.

        Raises PluginError for a data type that has no key templates, as a run would.
        """
        templates = self._templates(data_type)
        for key in sorted(self.lake):
            fields = next((found for one in templates if (found := one.parse(key)) is not None), None)
            if fields is not None:
                yield key, fields

    def candidate_keys(self, data_type: str, fields: Mapping[str, str]) -> Sequence[str]:
        """The keys under which the item of these values may lie, by the plugin's own key templates.

        Raises PluginError for a data type that has none, and for fields that do not make its keys.
        """
        try:
            return [template.render(fields) for template in self._templates(data_type)]
        except ConfigError as error:
            raise PluginError(f"asked for a key of {data_type!r}: {error}") from error

    def _templates(self, data_type: str) -> Sequence[KeyTemplate]:
        if data_type in self.key_templates:
            (spec,) = (one for one in self.plugin.source.datasets if one.data_type == data_type)
            return [KeyTemplate.compile(text, spec.patterns) for text in self.key_templates[data_type]]
        templates = self.plugin.templates.get(data_type, ())
        if not templates:
            raise PluginError(f"asked for the keys of {data_type!r}, which has no key templates")
        return templates

    def read(self, key: str) -> bytes:
        """The content of a lake object; raises LakeError where there is none, and for one that is denied."""
        if key in self.denied:
            raise LakeError(f"{key}: access denied")
        if key not in self.lake:
            raise LakeError(f"{key}: there is no such object")
        return self.lake[key]

    def last_modified(self, key: str) -> datetime | None:
        """When a lake object was last written, ``None`` where there is none; raises LakeError if it is denied."""
        if key in self.denied:
            raise LakeError(f"{key}: access denied")
        return self.written.get(key, self.now) if key in self.lake else None

    def progress(self, done: int, total: int, what: str) -> None:
        """Note a report; AssertionError for one that a progress bar could not show."""
        if not 0 <= done <= total or not what:
            raise AssertionError(f"progress of {done} of {total} {what!r}")
        self.steps.append((done, total, what))

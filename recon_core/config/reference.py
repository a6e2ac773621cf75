"""The configuration reference, made from the JSON Schemas; ``python -m recon_core.config.reference`` prints it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from recon_core.config.validation import resolve_ref
from recon_core.schemas import schema
from recon_core.workspace import CONFIG_FILE, INVENTORY_FILE

__all__ = ["ConfigKey", "config_reference", "markdown"]

_FILES = {INVENTORY_FILE: "data_inventory", CONFIG_FILE: "reconciliation_config"}

_INTRO = """\
# Configuration

<!-- Made from the JSON Schemas by `python -m recon_core.config.reference`; change those, then this page anew. -->

A workspace has two files that are written by hand. `recon init` writes both with comments, `recon validate` checks them
without network, and an error names file, line and key:

```
inventory/data_inventory.yaml:7: expected_coverage.acme.data_types.play_by_play.freshness_days: -3 is less than 0
```

Unknown and duplicate keys are errors. An empty value (`scan:`) of a section means its defaults.

The files are YAML 1.2 (core schema) in UTF-8, at most 1 MiB. `NO` and `2025-01-01` are text; so is a number with
leading zeros (`0022400061`), and a number where a text is wanted (season `2024`). Aliases, anchors and tags are
refused.

Names of sources, seasons, data types, season types, options and rules have 1 to 64 letters, digits, dots, underscores
or hyphens, and begin with a letter or a digit.
"""

_ABOUT = {
    INVENTORY_FILE: """\
What should exist. Whatever is left out comes from the source's plugin, so this much is enough for a source `acme`
(`recon plugins list` shows the names of the installed ones):

```yaml
expected_coverage:
  acme:
    seasons: [2023-24, 2024-25]
    data_types:
      play_by_play:
        required: true
        freshness_days: 7
        completeness_threshold: 0.95
```
""",
    CONFIG_FILE: """\
How to scan, rank and batch. Every key has a default; an empty file is valid.

```yaml
lake:
  url: s3://my-bucket
priorities:
  rules:
    - name: playoffs-first
      when: season_type = 'playoffs' and age_days < 30
      priority: CRITICAL
waivers:
  - when: season = '2001-02' and data_type = 'play_by_play'
    reason: the source has none of that year
    expires: 2026-06-30
```
""",
}

_WORDS = {
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "object": "section",
    "null": "null",
}

_WITHOUT_DEFAULT = {False: "required", True: "the plugin's"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigKey:
    """One key of a configuration file.

    ``path`` has placeholders for what the user names (``expected_coverage.<source>.prefix``) and ``[]`` for the
    elements of a list. ``default`` is JSON, and None for a key that must be given in its list element and for an
    option, whose default the plugin declares.
    """

    file: str
    path: str
    type: str
    default: str | None
    title: str
    description: str

    @property
    def parent(self) -> str:
        """The path of the section or list that holds the key; empty at the top."""
        return self.path.rpartition(".")[0]

    @property
    def name(self) -> str:
        """The key itself."""
        return self.path.rpartition(".")[2]


def config_reference() -> Iterator[ConfigKey]:
    """Every key of both files, in the order of the schemas."""
    for file, name in _FILES.items():
        top = schema(name)
        yield from _keys(file, "", top, top)


def _keys(file: str, path: str, part: Mapping[str, Any], top: Mapping[str, Any]) -> Iterator[ConfigKey]:
    for key, value in part.get("properties", {}).items():
        yield from _key(file, f"{path}.{key}" if path else key, resolve_ref(value, top), top)
    others = part.get("additionalProperties")
    if isinstance(others, dict):
        yield from _key(file, f"{path}.<{part['propertyNames']['title']}>", resolve_ref(others, top), top)
    items = part.get("items", {})
    if "properties" in items:
        yield from _keys(file, f"{path}[]", items, top)


def _key(file: str, path: str, part: Mapping[str, Any], top: Mapping[str, Any]) -> Iterator[ConfigKey]:
    yield ConfigKey(
        file=file,
        path=path,
        type=_type(part),
        default=json.dumps(part["default"]) if "default" in part else None,
        title=part["title"],
        description=part["description"],
    )
    yield from _keys(file, path, part, top)


def _type(part: Mapping[str, Any]) -> str:
    kinds = [part["type"]] if isinstance(part["type"], str) else list(part["type"])
    if "enum" in part:
        return "one of " + ", ".join(f"`{option}`" for option in part["enum"])
    words = []
    for kind in kinds:
        if kind == "array":
            words.append("list of sections" if "properties" in part["items"] else "list of texts")
        elif kind == "object" and part.get("additionalProperties"):
            words.append("values by name" if "type" in part["additionalProperties"] else "sections by name")
        else:
            words.append(_WORDS.get(kind, "text"))
    # A section left empty is written as null; that goes without saying.
    if "object" in kinds or kinds == ["array", "null"]:
        words = [word for word in words if word != "null"]
    return " or ".join(words) + _range(part)


def _range(part: Mapping[str, Any]) -> str:
    low = part.get("minimum", part.get("exclusiveMinimum"))
    high = part.get("maximum")
    if low is None:
        return ""
    above = f"above {low}" if "exclusiveMinimum" in part else f"from {low}"
    return f", {above}" if high is None else f", {above} to {high}"


def markdown() -> str:
    """The text of ``docs/configuration.md``."""
    text = _INTRO
    for file in _FILES:
        text += f"\n## {file}\n\n{_ABOUT[file]}"
        keys = [key for key in config_reference() if key.file == file]
        about = {key.path: key.description for key in keys}
        for parent in dict.fromkeys(key.parent for key in keys):
            if parent:
                text += f"\n### `{parent}`\n\n{about[parent.removesuffix('[]')]}\n"
            text += "\n| key | type | default | meaning |\n| --- | --- | --- | --- |\n"
            text += "".join(_row(key) for key in keys if key.parent == parent)
    return text


def _row(key: ConfigKey) -> str:
    default = f"`{key.default}`" if key.default is not None else _WITHOUT_DEFAULT[key.name.startswith("<")]
    cells = [f"`{key.name}`", key.type, default, key.description]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())

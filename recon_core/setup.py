"""The files that ``recon init`` writes, as texts: what a new workspace expects, how it checks, what git leaves out."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recon_core.api.types import DatasetSpec
from recon_core.config.yaml_core import resolve_plain
from recon_core.schemas import schema
from recon_core.text import shown
from recon_core.workspace import CONFIG_FILE, INVENTORY_FILE

__all__ = ["SourceOutline", "config_text", "gitignore_text", "inventory_text", "workspace_files"]

_WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOutline:
    """What is known of an installed source when a workspace is made.

    ``current`` and ``previous`` are season labels, None where there is no such season.
    """

    name: str
    title: str
    datasets: Sequence[DatasetSpec]
    current: str | None
    previous: str | None


def workspace_files(sources: Sequence[SourceOutline], lake_url: str | None) -> dict[str, str]:
    """Every file of a new workspace: its path below the workspace, and its text."""
    return {
        INVENTORY_FILE: inventory_text(sources),
        CONFIG_FILE: config_text(lake_url),
        ".gitignore": gitignore_text(),
    }


def gitignore_text() -> str:
    """The ``.gitignore`` of a workspace: what recon generates anew, but not the schedules, which are kept."""
    return (
        "# Written by recon in every cycle. The two YAML files and inventory/schedules/ are worth keeping.\n"
        "/inventory/gaps.json\n"
        "/inventory/cache/\n"
        "/inventory/history/\n"
    )


_INVENTORY_HEAD = """\
# What should exist in the lake. `recon validate` checks this file, `recon run` compares the lake with it.
#
# Whatever is left out comes from the source's plugin (`recon plugins list`), so a source needs no more than its name.
# Remove the data types that you do not collect: what stands here and is not in the lake is reported as a gap.
#
# A data type may also have:
#   min_size_bytes: 1000            a smaller copy is undersized
#   settle_days: 2                  days after a game in which its content is still corrected
#   publish_lag_hours: 6            hours after a game from when on the absence of its file is a gap
#   scraper: my_scraper             who closes its gaps
#   minutes_per_file: 1             for the estimates in the task queue
#   key_templates: ["a/{id}.json"]  where its files lie, instead of the plugin's layouts
#   extra_key_templates: [...]      where they may lie as well
# A source may also have:
#   prefix: raw/                    put before every key template
#   season_types: [regular]         the kinds of games that are expected
"""

_NO_SOURCE = """
# No source is installed yet: install its plugin, then write this file anew with `recon init`, or add the source's name
# below.
"""


def inventory_text(sources: Sequence[SourceOutline]) -> str:
    """``data_inventory.yaml`` that expects the current and the previous season of every source."""
    note = "" if sources else _NO_SOURCE
    blocks = [_source_text(source) for source in sources]
    return f"{_INVENTORY_HEAD}{note}\nexpected_coverage:\n" + "\n".join(blocks)


def _source_text(source: SourceOutline) -> str:
    words = [word for word, label in (("current", source.current), ("previous", source.previous)) if label is not None]
    labels = [label for label in (source.current, source.previous) if label is not None]
    lines = [f"{source.name}:  # {shown(source.title)}"]
    if labels:
        today = f"today {' and '.join(shown(label) for label in labels)}; or labels: {_flow(labels)}"
        lines.append(f"  seasons: {_flow(words)}  # {today}")
    lines.append("  data_types:")
    for position, spec in enumerate(source.datasets):
        lines += [f"    {line}" for line in _dataset_lines(spec, explained=position == 0)]
    if not labels:
        # Expecting a season that has not begun would be an error in every run.
        lines = ["# None of its seasons has begun. Remove the `# ` when one has.", *(f"# {line}" for line in lines)]
    return "".join(f"  {line}\n" for line in lines)


def _dataset_lines(spec: DatasetSpec, *, explained: bool) -> Iterator[str]:
    freshness = (
        "# freshness_days: 7" if spec.freshness_days is None else f"freshness_days: {_scalar(spec.freshness_days)}"
    )
    settings = (
        (f"required: {_scalar(spec.required)}", "whether its recent gaps are CRITICAL"),
        (freshness, "how old a copy may be while its content still changes"),
        (f"completeness_threshold: {_scalar(spec.completeness_threshold)}", "share of a season that makes it complete"),
    )
    yield f"{spec.data_type}:"
    for text, meaning in settings:
        yield f"  {text}  # {meaning}" if explained else f"  {text}"


_CONFIG_HEAD = """\
# How recon scans, ranks and batches. `recon validate` checks this file.
#
# Every key has a default. What is commented out shows it, or an example where the default is nothing: to set a key,
# remove the `# ` before it.
"""


def config_text(lake_url: str | None) -> str:
    """``reconciliation_config.yaml``: every key with its meaning and default as comments, and the lake if given."""
    given = {} if lake_url is None else {("lake", "url"): lake_url}
    top = schema("reconciliation_config")["properties"]
    return _CONFIG_HEAD + "".join("\n" + _section(name, part, given) for name, part in top.items())


def _section(name: str, part: Mapping[str, Any], given: Mapping[tuple[str, str], str]) -> str:
    lines = list(_comment(part["description"], ""))
    if "properties" not in part:
        return "\n".join([*lines, *_setting(name, part, "")]) + "\n"
    lines.append(f"{name}:")
    for key, inner in part["properties"].items():
        lines += _comment(inner["description"], "  ")
        if "properties" in inner:
            lines.append(f"  # {key}:")
            for name_within, within in inner["properties"].items():
                lines += _comment(within["description"], "  ")
                lines.append(f"  #   {name_within}: {_flow(within['default'])}")
            continue
        value = given.get((name, key))
        lines += _setting(key, inner, "  ") if value is None else [f"  {key}: {_scalar(value)}"]
    return "\n".join(lines) + "\n"


def _comment(text: str, indent: str) -> Iterator[str]:
    for line in textwrap.wrap(text, _WIDTH - len(indent), break_on_hyphens=False):
        yield f"{indent}# {line}"


def _setting(name: str, part: Mapping[str, Any], indent: str) -> Iterator[str]:
    """A key as a comment: with its default, or with an example where it has none or an empty one."""
    example = part.get("examples", [None])[0]
    if "properties" in part.get("items", {}) and example:
        yield f"{indent}# {name}:"
        for entry in example:
            for position, (key, value) in enumerate(entry.items()):
                yield f"{indent}#   {'  ' if position else '- '}{key}: {_plain(value)}"
        return
    if part["default"] in (None, []) and example is not None:
        yield f"{indent}# {name}: {_flow(example)}"
    else:
        yield f"{indent}# {name}: {_flow(part['default'])}"


def _flow(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_scalar(item) for item in value)}]"
    return _scalar(value)


def _plain(value: str) -> str:
    """A text of the schemas' examples, which needs no quotes where it begins with a letter."""
    return value if re.fullmatch(r"[A-Za-z][^:#]*", value) else _scalar(value)


_PLAIN = re.compile(r"[A-Za-z0-9/]([A-Za-z0-9/_.:-]*[A-Za-z0-9/_.-])?")


def _scalar(value: object) -> str:
    """A scalar as YAML: a text in quotes wherever it could be read as something else."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return repr(value).removesuffix(".0")
    text = str(value)
    if _PLAIN.fullmatch(text) and isinstance(resolve_plain(text), str):
        return text
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if " " <= character <= "~":
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"

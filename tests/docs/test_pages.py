"""What the pages name exists: files, headings, commands, options, configuration keys, columns, hooks."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recon_core.api import DatasetSpec, HookSpecs
from recon_core.cli.app import build
from recon_core.config import load_settings
from recon_core.engine.analyze import COVERAGE_COLUMNS
from recon_core.engine.expressions import RULE_COLUMNS, compile_rule
from recon_core.schemas import schema
from recon_core.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]

_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as hosts of repositories make them."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def commands(group: Any, path: str = "recon") -> Iterator[tuple[str, set[str]]]:
    """Every command with its options, groups too."""
    yield path, {name for parameter in group.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, f"{path} {name}")


COMMANDS = dict(commands(build()))


def mentioned(text: str) -> Iterator[str]:
    """Command lines in a page's code, fenced or not."""
    for fenced in _FENCED.findall(text):
        for line in fenced.splitlines():
            # A comment, a second command, a pipe or a quote ends a command.
            yield from re.findall(r"(?:^|&& |run: |[ (])(recon [a-z-][^#&|>\"'`…]*)", line)
    for code in re.findall(r"`([^`\n]+)`", _FENCED.sub("", text)):
        if code.startswith("recon "):
            yield code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", _FENCED.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.is_file() or (anchor and anchor not in headings(file)):
            wrong.append(target)
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_and_option_exists(page: Path) -> None:
    wrong = []
    for line in mentioned(page.read_text(encoding="utf-8")):
        words = line.split()
        path = "recon"
        while len(words) > 1 and f"{path} {words[1].partition('|')[0]}" in COMMANDS:
            path = f"{path} {words.pop(1).partition('|')[0]}"
        unknown = {word.partition("=")[0] for word in words if re.match(r"-{1,2}[a-z]", word)} - COMMANDS[path]
        is_group = path != "recon" and any(other.startswith(f"{path} ") for other in COMMANDS)
        stray = path == "recon" and words[1:2] and not words[1].startswith("-")
        if unknown - {"--help", "-h"} or stray or (is_group and words[1:2]):
            wrong.append(line)
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_option_named_alone_exists(page: Path) -> None:
    known = set().union(*COMMANDS.values())
    named = re.findall(r"`(--[a-z][a-z-]+)", _FENCED.sub("", page.read_text(encoding="utf-8")))
    assert set(named) <= known | {"--help"}


def table(page: str, heading: str) -> list[str]:
    """The code names in the first column of the tables below a heading."""
    text = (DOCS / page).read_text(encoding="utf-8")
    _, found, rest = text.partition(f"{heading}\n")
    assert found, heading
    body = re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    cells = re.findall(r"^\| (`[^|]*) \|", body, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_the_columns_of_coverage_are_those_that_are_written() -> None:
    assert table("files.md", "### coverage.parquet") == COVERAGE_COLUMNS.split(", ")


@pytest.mark.parametrize(
    ("heading", "name"), [("### cycle.json", "cycle_report"), ("## inventory/gaps.json", "task_queue")]
)
def test_the_keys_of_reports_and_queues_are_those_of_the_schema(heading: str, name: str) -> None:
    given = set(table("files.md", heading))
    top = set(schema(name)["properties"])
    assert top <= given
    if name == "cycle_report":
        assert given == top


def test_the_columns_of_rules_are_those_that_rules_may_use() -> None:
    names = table("concepts.md", "### Rules")
    assert set(RULE_COLUMNS) <= set(names)
    assert set(names) - set(RULE_COLUMNS) == {
        "recent-required",
        "current-season-incomplete",
        "current-season",
        "recent-season-incomplete",
        "historical",
    }


def test_the_rules_that_are_shown_can_be_used(tmp_path: Path) -> None:
    text = (DOCS / "concepts.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"<!-- file: config/reconciliation_config.yaml -->\n```yaml\n(.*?)^```$", text, re.S | re.M)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "reconciliation_config.yaml").write_text(shown, encoding="utf-8")
    rules = load_settings(Workspace(tmp_path)).priorities.rules
    assert [rule.name for rule in rules] == ["playoffs-first", "shells-of-old-seasons"]
    assert all(compile_rule(rule.when, rule.where) for rule in rules)


def test_the_plugin_page_names_every_hook_and_every_field_with_its_default() -> None:
    hooks = {name for name in vars(HookSpecs) if name.startswith("recon_")}
    assert {re.sub(r"\(.*", "", name) for name in table("plugins.md", "## Hooks") if name.startswith("recon_")} == hooks
    fields = dataclasses.fields(DatasetSpec)
    assert table("plugins.md", "## Datasets") == [field.name for field in fields]
    text = (DOCS / "plugins.md").read_text(encoding="utf-8")
    for field in fields:
        if isinstance(field.default, bool | int | float | None) and field.default is not dataclasses.MISSING:
            default = field.default if isinstance(field.default, bool | None) else f"{field.default:g}"
            assert f"| `{field.name}` | `{default}` |" in text

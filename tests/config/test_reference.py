"""The configuration reference is complete and current, and the documented defaults are the real ones."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import recon_core
from recon_core.config import (
    DatasetOverrides,
    EngineSettings,
    LakeSettings,
    PrioritySettings,
    ReportSettings,
    RuleSettings,
    ScanSettings,
    Settings,
    SourceCoverage,
    TargetSettings,
    TaskQueueSettings,
    WaiverSettings,
)
from recon_core.config.reference import config_reference, markdown
from recon_core.schemas import schema

PAGE = Path(recon_core.__file__).parent.parent / "docs" / "configuration.md"

CLASSES = {
    "lake": LakeSettings,
    "scan": ScanSettings,
    "scan.inventory_report": ReportSettings,
    "priorities": PrioritySettings,
    "priorities.rules[]": RuleSettings,
    "task_queue": TaskQueueSettings,
    "waivers[]": WaiverSettings,
    "targets": TargetSettings,
    "engine": EngineSettings,
    "expected_coverage.<source>": SourceCoverage,
    "expected_coverage.<source>.data_types.<data_type>": DatasetOverrides,
}
# Fields that say where a value was written, not what it is.
INTERNAL = {"where", "positions", "option_texts"}


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), "write it anew: python -m recon_core.config.reference"


def test_the_module_prints_the_page() -> None:
    command = [sys.executable, "-m", "recon_core.config.reference"]
    assert subprocess.run(command, capture_output=True, timeout=60, check=True).stdout.decode() == markdown()


def keys_of(part: dict[str, Any]) -> Iterator[str]:
    """Every name under any ``properties`` of a schema, however deep."""
    for key, value in part.items():
        if key == "properties":
            yield from value
        if isinstance(value, dict):
            yield from keys_of(value)


def test_the_page_has_every_key() -> None:
    found = [key.name for key in config_reference() if not key.name.startswith("<")]
    assert sorted(found) == sorted([*keys_of(schema("reconciliation_config")), *keys_of(schema("data_inventory"))])
    text = PAGE.read_text(encoding="utf-8")
    for key in config_reference():
        assert f"\n| `{key.name}` | {key.type} | " in text
        assert key.parent == "" or f"\n### `{key.parent}`\n" in text


@pytest.mark.parametrize("parent", CLASSES)
def test_documented_defaults_are_the_real_ones(parent: str) -> None:
    documented = {key.name: key.default for key in config_reference() if key.parent == parent}
    fields = {field.name: field for field in dataclasses.fields(CLASSES[parent]) if field.name not in INTERNAL}
    fields.pop("name", None) if parent == "expected_coverage.<source>" else None
    assert documented.keys() == fields.keys()
    for name, field in fields.items():
        default = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
        if default is dataclasses.MISSING:
            assert documented[name] is None, name
        else:
            assert documented[name] is not None, name
            if dataclasses.is_dataclass(default):
                assert json.loads(str(documented[name])) == {}, name
                continue
            assert json.loads(str(documented[name])) == (list(default) if isinstance(default, tuple) else default), name


def test_the_sections_are_those_of_the_settings() -> None:
    top = {key.name for key in config_reference() if key.parent == "" and key.file.startswith("config/")}
    assert top == {field.name for field in dataclasses.fields(Settings)} - INTERNAL


def test_a_key_says_its_type_range_and_default() -> None:
    found = {key.path: key for key in config_reference()}
    assert found["scan.workers"].type == "whole number, from 1 to 256"
    assert found["scan.sample_rate"].type == "number or null, above 0 to 1"
    assert found["scan.mode"].type == "one of `listing`, `inventory_report`"
    assert found["priorities.rules"].type == "list of sections"
    assert found["expected_coverage.<source>.seasons"].type == "list of texts or text"
    assert found["expected_coverage.<source>.options"].type == "values by name"
    assert found["priorities.rules[].when"].default is None
    assert found["task_queue.output_file"].default == '"inventory/gaps.json"'

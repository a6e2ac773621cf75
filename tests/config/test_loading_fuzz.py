"""Whatever stands in the two files, loading gives typed values or one clear line; nothing else escapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_core.api import ConfigError
from recon_core.config import inventory_problems, load_inventory, load_settings, settings_problems
from recon_core.config.reference import config_reference
from recon_core.text import shown
from recon_core.workspace import Workspace

LOADERS = {
    "config/reconciliation_config.yaml": (load_settings, settings_problems),
    "inventory/data_inventory.yaml": (load_inventory, inventory_problems),
}
KEYS = [(key.file, key.path) for key in config_reference()]

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec="ascii"), max_size=12)
VALUES = st.recursive(
    SCALARS | st.sampled_from(["2025-01-01", "listing", "s3://b", "current", 10**400, "LOW", 0.5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc.\n ", max_size=4), inner, max_size=3),
    max_leaves=5,
)


def written(path: str, value: Any) -> Any:
    """A document that has the value at a path of the reference, such as ``priorities.rules[].name``."""
    document = value
    for part in reversed(path.split(".")):
        name = part.removesuffix("[]").strip("<>")
        document = {name: [document] if part.endswith("[]") else document}
    return document


def flow(value: Any) -> str:
    """The value as YAML in flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, float):
        return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(repr(value), repr(value))
    return json.dumps(value)


def hold(root: Path, file: str, content: bytes) -> None:
    """Loading and checking agree, and say nothing but clear lines."""
    workspace = Workspace(root)
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_bytes(content)
    load, check = LOADERS[file]
    try:
        lines = check(workspace)
    except ConfigError as error:
        lines = [str(error)]
    for line in lines:
        assert line.startswith(f"{file}:")
        assert line == shown(line)
    if lines:
        with pytest.raises(ConfigError) as raised:
            load(workspace)
        assert str(raised.value).startswith(lines[0])
    else:
        load(workspace)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(KEYS), VALUES)
def test_any_value_at_any_key(tmp_path_factory: pytest.TempPathFactory, key: tuple[str, str], value: Any) -> None:
    file, path = key
    hold(tmp_path_factory.getbasetemp() / "fuzz", file, flow(written(path, value)).encode())


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(LOADERS)), st.binary(max_size=80))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, file: str, content: bytes) -> None:
    hold(tmp_path_factory.getbasetemp() / "fuzz", file, content)

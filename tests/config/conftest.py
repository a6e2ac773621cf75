from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from recon_core.workspace import Workspace

Write = Callable[[str], Workspace]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path.resolve() / "ws"
    (root / "config").mkdir(parents=True)
    (root / "inventory").mkdir()
    return Workspace(root)


@pytest.fixture
def with_settings(workspace: Workspace) -> Write:
    """A workspace whose reconciliation_config.yaml has the given text."""

    def write(text: str) -> Workspace:
        workspace.config_file.write_text(text, encoding="utf-8")
        return workspace

    return write


@pytest.fixture
def with_inventory(workspace: Workspace) -> Write:
    """A workspace whose data_inventory.yaml has the given text."""

    def write(text: str) -> Workspace:
        workspace.inventory_file.write_text(text, encoding="utf-8")
        return workspace

    return write

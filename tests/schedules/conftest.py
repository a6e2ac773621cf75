"""A workspace to store schedules in."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.league import make_workspace

from recon_core.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "workspace")

"""hoopR's plugin keeps the contract that every plugin keeps."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import UTC, datetime

import pytest
import recon_hoopr.plugin
from hoopr_files import ROWS, as_parquet

from recon_core.testing import PluginContract

KEY = "hoopr_parquet/schedules/nba_data_2025.parquet"


class TestContract(PluginContract):
    plugin = recon_hoopr.plugin
    now = datetime(2025, 1, 15, 12, tzinfo=UTC)
    season = "2024-25"

    @pytest.fixture
    def documents(self) -> MutableMapping[str, bytes]:
        """The schedule file as a lake holds it."""
        return {KEY: as_parquet(ROWS)}

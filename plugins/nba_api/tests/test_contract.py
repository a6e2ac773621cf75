"""The NBA's plugin keeps the contract that every plugin keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import pytest
import recon_nba_api.plugin

from recon_core.testing import PluginContract


class TestContract(PluginContract):
    plugin = recon_nba_api.plugin
    now = datetime(2025, 1, 20, 12, tzinfo=UTC)
    season = "2024-25"

    @pytest.fixture
    def documents(
        self, game: Callable[..., dict[str, Any]], document: Callable[..., dict[str, Any]]
    ) -> MutableMapping[str, bytes]:
        """A schedule as a lake holds it."""
        games = [
            game("0022400061", "2025-01-14T19:30"),
            game("0022400062", "2025-01-15T22:30", "GSW", "NOP", status=1, text="PPD"),
            game("0042400407", "2025-06-22T00:00", "", "", status=1, text="TBD"),
        ]
        body = json.dumps(document(games, made="2025-01-20T09:00:00.123Z"))
        return {"nba_api_schedule/schedule_2024-25.json": body.encode()}

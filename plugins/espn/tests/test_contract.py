"""ESPN's plugin keeps the contract that every plugin keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, MutableMapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
import recon_espn.plugin

from recon_core.testing import PluginContract


class TestContract(PluginContract):
    plugin = recon_espn.plugin
    now = datetime(2025, 7, 10, 12, tzinfo=UTC)
    season = "2024-25"

    @pytest.fixture
    def documents(
        self, event: Callable[..., dict[str, Any]], page: Callable[..., dict[str, Any]]
    ) -> MutableMapping[str, bytes]:
        """Two scoreboards as a lake holds them."""
        days = {date(2025, 1, 3): "401700001", date(2025, 1, 4): "401700002"}
        return {
            f"espn_schedules/{day:%Y%m%d}.json": json.dumps(page(day, [event(name, f"{day}T23:30Z")])).encode()
            for day, name in days.items()
        }

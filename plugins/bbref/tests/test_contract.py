"""Basketball-Reference's plugin keeps the contract that every plugin keeps."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import recon_bbref.plugin
from recon_bbref.seasons import months_of

from recon_core.api import Season
from recon_core.testing import FakeContext, Plugin, PluginContract


class TestContract(PluginContract):
    plugin = recon_bbref.plugin
    now = datetime(2024, 7, 10, 12, tzinfo=UTC)
    season = "2023-24"

    @pytest.fixture
    def documents(
        self, chosen: Season, page: Callable[..., bytes], row: Callable[..., str], separator: str
    ) -> MutableMapping[str, bytes]:
        """A page for each month, and the roster."""
        pages = {
            f"basketball_reference/schedules/2024/NBA_2024_games-{month.name}.html": page(
                row(f"{month.first}", "PHO", "BRK"), separator if month.name == "april" else "", row(f"{month.last}")
            )
            for month in months_of(chosen)
        }
        return {**pages, "basketball_reference/rosters/2024.json": b'["jamesle01", {"player_id": "doncilu01"}]'}

    @pytest.fixture
    def context(
        self, loaded: Plugin, chosen: Season, documents: MutableMapping[str, bytes], tmp_path: Path
    ) -> FakeContext:
        """The lake's pages are pulled, and what they say is stored."""
        lent = FakeContext(plugin=loaded, now=self.now, lake=documents, scratch=tmp_path / "scratch", from_lake=True)
        return replace(lent, stored=loaded.call("recon_expected_games", season=chosen, context=lent))

    def test_every_dataset_has_keys(self, loaded: Plugin, chosen: Season, context: FakeContext) -> None:
        _, items = self._enumerated(loaded, chosen, context)
        assert {name: sum(len(batch.times) for batch in batches) for name, batches in items.items()} == {
            "schedule_pages": 9,
            "team_pages": 4,
            "rosters": 1,
            "player_logs": 2,
        }

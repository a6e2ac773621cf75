"""Which seasons ``current`` and ``previous`` mean, to the second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.league import SEASONS

from recon_core.api import ConfigError
from recon_core.seasons import current_and_previous, has_started, season_labels

ZONE = "America/New_York"
# The first local day, 2024-10-01, begins at 04:00 UTC.
FIRST_MOMENT = datetime(2024, 10, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (FIRST_MOMENT - timedelta(microseconds=1), ("2023-24", "2022-23")),
        (FIRST_MOMENT, ("2024-25", "2023-24")),
        (datetime(2024, 8, 1, tzinfo=UTC), ("2023-24", "2022-23")),
        (datetime(2030, 1, 1, tzinfo=UTC), ("2024-25", "2023-24")),
        (datetime(2022, 12, 1, tzinfo=UTC), ("2022-23", None)),
        (datetime(2020, 1, 1, tzinfo=UTC), (None, None)),
    ],
)
def test_the_current_season_is_the_latest_that_has_started(
    now: datetime, expected: tuple[str | None, str | None]
) -> None:
    assert current_and_previous(SEASONS, now, ZONE) == expected
    assert current_and_previous(tuple(reversed(SEASONS)), now, ZONE) == expected


def test_a_season_starts_with_its_first_local_day() -> None:
    assert has_started(SEASONS[2], FIRST_MOMENT, ZONE)
    assert not has_started(SEASONS[2], FIRST_MOMENT - timedelta(microseconds=1), ZONE)
    assert has_started(SEASONS[2], FIRST_MOMENT - timedelta(hours=4), "UTC")


def test_labels_are_named_once_and_oldest_first() -> None:
    wanted = ("current", "2024-25", "previous", "2022-23")
    assert season_labels(SEASONS, wanted, FIRST_MOMENT, ZONE) == ("2022-23", "2023-24", "2024-25")


def test_previous_of_a_first_season_names_nothing() -> None:
    assert season_labels(SEASONS, ("current", "previous"), datetime(2022, 12, 1, tzinfo=UTC), ZONE) == ("2022-23",)


def test_an_unknown_label_is_named_with_its_place_and_what_was_meant() -> None:
    with pytest.raises(ConfigError) as caught:
        season_labels(SEASONS, ("2024-2025",), FIRST_MOMENT, ZONE, where="inventory.yaml:3: seasons", source="league")
    assert str(caught.value).startswith(
        "inventory.yaml:3: seasons: source 'league' has no season '2024-2025' (did you mean"
    )
    assert "it has 2022-23 (from 2022-10-01) to 2024-25 (from 2024-10-01)" in str(caught.value)


@pytest.mark.parametrize("wanted", [("current", "previous"), ("previous",), ()])
def test_seasons_that_name_nothing_are_an_error_and_no_empty_expectation(wanted: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="none of its seasons is meant at 2020-01-01T00:00Z"):
        season_labels(SEASONS, wanted, datetime(2020, 1, 1, tzinfo=UTC), ZONE)

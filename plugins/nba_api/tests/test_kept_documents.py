"""Schedules out of a file on this machine or out of the lake: as old as they say, or as can be."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from recon_nba_api.plugin import recon_expected_games

from recon_core.api import ConfigError, LakeError, ScheduleError

BEGAN = datetime(2024, 10, 1, 4, tzinfo=UTC)
KEY = "nba_api_schedule/schedule_2024-25.json"


@pytest.fixture(params=["file", "lake"])
def keep(request, quiet_context, tmp_path):
    """Keep a body where the pull will look for it; returns how messages name the place."""

    def in_a_file(body):
        path = tmp_path / "saved 2024-25.json"
        path.write_bytes(body)
        quiet_context.given["schedule_file"] = str(tmp_path / "saved {season}.json")
        return f"file {path}"

    def in_the_lake(body):
        quiet_context.from_lake = True
        quiet_context.lake[KEY] = body
        return f"lake object {KEY}"

    return {"file": in_a_file, "lake": in_the_lake}[request.param]


@pytest.fixture
def pull(quiet_context, season):
    return lambda: list(recon_expected_games(season, quiet_context))


def test_a_document_that_says_when_it_was_made_proves_what_was_so_then(keep, pull, document, game):
    one = document([game("0022400061", "2025-01-14T19:30", status=1)], made="2025-01-10T12:00:00Z")
    keep(json.dumps(one | {"_note": "kept by hand"}).encode())
    (found,) = pull()
    assert (found.status, found.pulled_at) == ("scheduled", datetime(2025, 1, 10, 12, tzinfo=UTC))


def test_one_that_does_not_proves_only_what_was_over(keep, pull, document, game):
    games = [game("0022400061", "2025-01-14T19:30"), game("0022400062", "2025-01-14T19:30", status=1)]
    keep(json.dumps(document(games)).encode())
    assert [(found.status, found.pulled_at) for found in pull()] == [("final", BEGAN), ("scheduled", BEGAN)]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty, expected a schedule"),
        (b"{}", "no leagueSchedule"),
        (b"<html>", "an HTML page"),
        (b'{"leagueSchedule": ', "broken off"),
        (b'{"leagueSchedule": {"seasonYear": "2023-24", "gameDates": []}}', "the schedule of '2023-24'"),
        (b" " * 2000, "more than 1000 bytes"),
    ],
)
def test_what_cannot_be_used_is_named(keep, pull, quiet_context, body, told):
    quiet_context.given["max_body_bytes"] = 1000
    where = keep(body)
    with pytest.raises(ScheduleError) as caught:
        pull()
    assert str(caught.value).startswith(f"{where}: {told}")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(pull, quiet_context, tmp_path):
    quiet_context.given["schedule_file"] = str(tmp_path / "schedule_{season}.json")
    with pytest.raises(ScheduleError, match=r"schedule_2024-25\.json: No such file .*set the option schedule_file"):
        pull()
    quiet_context.given["schedule_file"] = str(tmp_path)
    with pytest.raises(ScheduleError, match="directory"):
        pull()


def test_a_lake_without_a_schedule_file_is_no_season_without_games(pull, quiet_context):
    quiet_context.from_lake = True
    quiet_context.lake["nba_api_schedule/schedule_2023-24.json"] = b"{}"
    with pytest.raises(ScheduleError, match="the lake holds no schedule file of 2024-25"):
        pull()


def test_of_several_files_in_the_lake_the_newest_counts(pull, quiet_context, document, game, monkeypatch):
    # As with key_templates of the user's own, several of them.
    def every(self, data_type):
        return [(key, {"season": key[2:9]}) for key in self.lake]

    monkeypatch.setattr(type(quiet_context), "keys", every)
    quiet_context.from_lake = True
    for folder, made, status in (("a", "2025-01-16T12:00:00Z", 3), ("b", "2025-01-10T12:00:00Z", 1), ("c", None, 1)):
        one = document([game("0022400061", "2025-01-14T19:30", status=status)], made=made)
        quiet_context.lake[f"{folder}/2024-25.json"] = json.dumps(one).encode()
    quiet_context.lake["d/2024-25.json"] = json.dumps(document([], "2025-26", "2025-09-01T00:00:00Z")).encode()
    quiet_context.lake["e/2024-25.json"] = b"{}"
    (found,) = pull()
    assert (found.status, found.pulled_at) == ("final", datetime(2025, 1, 16, 12, tzinfo=UTC))


def test_a_lake_that_cannot_be_read_passes_its_own_error_on(pull, quiet_context, monkeypatch):
    quiet_context.from_lake = True
    quiet_context.lake[KEY] = b"{}"

    def denied(self, key):
        raise LakeError(f"{key}: access denied")

    monkeypatch.setattr(type(quiet_context), "read", denied)
    with pytest.raises(LakeError, match=KEY):
        pull()


def test_a_wrong_option_is_told_before_anything_is_read(pull, quiet_context):
    quiet_context.from_lake = True
    quiet_context.given["retries"] = -1
    with pytest.raises(ConfigError, match="option retries of nba_api"):
        pull()

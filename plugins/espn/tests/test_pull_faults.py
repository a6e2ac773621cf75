"""Every way in which the server lets a pull down: repeated where that may help, else one clear error."""

from __future__ import annotations

from datetime import date

import pytest
from recon_espn.errors import UnreachableError
from recon_espn.plugin import recon_expected_games

from recon_core.api import PluginError, ReconError, ScheduleError
from recon_core.testing import load_registry

BAD_DAY = date(2025, 1, 7)


@pytest.fixture
def pull(context, season):
    return lambda: list(recon_expected_games(season, context))


@pytest.mark.parametrize("kind", ["html", "cut", "short", "drop"])
def test_a_broken_answer_is_asked_for_again(espn, pull, event, fault, kind):
    espn.add(event("401700001", "2025-01-07T23:00Z"))
    espn.faults[BAD_DAY] = [fault(kind), fault(kind)]
    assert [game.game_id for game in pull()] == ["401700001"]
    assert espn.asked.count(BAD_DAY) == 3


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_status_is_asked_for_again(espn, pull, event, fault, status):
    espn.add(event("401700001", "2025-01-07T23:00Z"))
    espn.faults[BAD_DAY] = [fault("status", status), fault("status", status)]
    assert [game.game_id for game in pull()] == ["401700001"]
    assert espn.asked.count(BAD_DAY) == 3


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        ("status", 500, "HTTP 500"),
        ("status", 429, "HTTP 429"),
        ("html", 0, "an HTML page, expected a scoreboard in JSON"),
        ("cut", 0, "broken off or no JSON"),
        ("short", 0, "the connection failed"),
        ("drop", 0, "the connection failed"),
    ],
)
def test_what_does_not_pass_is_one_line_with_address_day_and_advice(espn, context, pull, fault, kind, status, told):
    espn.faults[BAD_DAY] = [fault(kind, status)] * 10
    with pytest.raises(UnreachableError) as caught:
        pull()
    message = str(caught.value)
    assert message.startswith(f"{context.options['base_url']}/scoreboard for 2025-01-07: ")
    assert told in message
    assert "tried 3 times" in message
    assert "pull again" in message
    assert "\n" not in message
    assert caught.value.exit_code == 3
    assert espn.asked.count(BAD_DAY) == 3


def test_a_server_that_does_not_answer_in_time(espn, context, pull, fault):
    context.given |= {"timeout_seconds": 1.5, "retries": 1}
    espn.faults[BAD_DAY] = [fault("hang")] * 10
    with pytest.raises(UnreachableError, match=r"for 2025-01-07: no whole answer within 1\.5 s, tried 2 times"):
        pull()


def test_a_time_out_that_passes(espn, context, pull, event, fault):
    context.given["timeout_seconds"] = 0.5
    espn.add(event("401700001", "2025-01-07T23:00Z"))
    espn.faults[BAD_DAY] = [fault("hang")]
    assert [game.game_id for game in pull()] == ["401700001"]


def test_no_server_at_all(context, pull):
    context.given |= {"base_url": "http://127.0.0.1:9/nba", "retries": 1}
    with pytest.raises(UnreachableError, match=r"^http://127\.0\.0\.1:9/nba/scoreboard for .*the connection failed"):
        pull()


def test_an_oversized_body_is_not_read_to_its_end_nor_asked_for_again(espn, context, pull, fault):
    context.given["max_body_bytes"] = 50_000
    espn.faults[BAD_DAY] = [fault("huge")] * 10
    with pytest.raises(ScheduleError, match=r"for 2025-01-07: more than 50000 bytes.*max_body_bytes"):
        pull()
    assert espn.asked.count(BAD_DAY) == 1


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("shape", "no list of events, so no scoreboard"),
        ("other_day", "the scoreboard of 2024-12-08 instead of 2025-01-07"),
    ],
)
def test_an_answer_of_the_wrong_shape_is_an_error_and_not_a_day_without_games(espn, pull, fault, kind, told):
    espn.faults[BAD_DAY] = [fault(kind)] * 10
    with pytest.raises(ScheduleError, match=rf"/nba/scoreboard for 2025-01-07: {told}"):
        pull()
    assert espn.asked.count(BAD_DAY) == 1


@pytest.mark.parametrize(
    ("status", "headers", "told"),
    [
        (404, {}, r"HTTP 404; check the option base_url"),
        (403, {}, r"HTTP 403, ESPN refuses; .*requests_per_second"),
        (302, {"Location": "http://user:hunter2@else.test/x?token=abc"}, r"moved to http://else\.test/x; if that is"),
        (204, {}, r"HTTP 204"),
    ],
)
def test_a_refusal_is_not_repeated(espn, pull, fault, status, headers, told):
    espn.faults[BAD_DAY] = [fault("status", status, headers)] * 10
    with pytest.raises(UnreachableError, match=told) as caught:
        pull()
    assert "hunter2" not in str(caught.value)
    assert "abc" not in str(caught.value)
    assert espn.asked.count(BAD_DAY) == 1


def test_retry_after_is_waited_for(espn, context, pull, event, fault):
    # With this backoff the test would not end within its time if the server's own, shorter wait were not honoured.
    context.given["backoff_seconds"] = 1000.0
    espn.add(event("401700001", "2025-01-07T23:00Z"))
    espn.faults[BAD_DAY] = [
        fault("status", 429, {"Retry-After": "0"}),
        fault("status", 503, {"Retry-After": "Tue, 07 Jan 2025 12:00:00 GMT", "Date": "Tue, 07 Jan 2025 12:00:00 GMT"}),
    ]
    assert [game.game_id for game in pull()] == ["401700001"]


def test_a_wait_that_is_too_long_ends_the_pull_and_says_so(espn, context, pull, fault):
    context.given["max_wait_seconds"] = 60.0
    espn.faults[BAD_DAY] = [fault("status", 429, {"Retry-After": "3600"})]
    with pytest.raises(UnreachableError, match=r"HTTP 429, ESPN asks to wait 3600 s; .*pull again to go on after that"):
        pull()
    assert espn.asked.count(BAD_DAY) == 1


@pytest.mark.parametrize("text", ["soon", "", "nan", "-5", "Tue, 99 Jan 2025 12:00:00 GMT"])
def test_a_retry_after_that_says_nothing_falls_back_to_the_backoff(espn, pull, event, fault, text):
    espn.add(event("401700001", "2025-01-07T23:00Z"))
    espn.faults[BAD_DAY] = [fault("status", 429, {"Retry-After": text})]
    assert [game.game_id for game in pull()] == ["401700001"]


def test_secrets_of_the_address_are_used_but_never_shown(espn, context, pull, fault):
    context.given["base_url"] = str(context.options["base_url"]).replace("http://", "http://user:hunter2@")
    espn.faults[BAD_DAY] = [fault("status", 500)] * 10
    with pytest.raises(UnreachableError) as caught:
        pull()
    assert "hunter2" not in str(caught.value)
    assert all("Authorization" in headers for headers in espn.server.headers)


def test_one_bad_event_fails_the_pull_and_names_event_and_day(espn, pull, event):
    bad = event("401700007", "2025-01-07T23:00Z")
    bad["competitions"][0]["competitors"].pop()
    espn.add(bad)
    with pytest.raises(ScheduleError, match=r"for 2025-01-07: event 401700007: 1 competitors"):
        pull()


def test_the_core_charges_a_failed_pull_to_this_plugin(espn, context, season, fault):
    espn.every = fault("status", 500)
    with pytest.raises(PluginError, match=r"recon-espn .*recon_expected_games .*HTTP 500") as caught:
        load_registry().get("espn").call("recon_expected_games", season=season, context=context)
    assert isinstance(caught.value.__cause__, ReconError)

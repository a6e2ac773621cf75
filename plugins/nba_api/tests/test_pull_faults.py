"""Every way in which the NBA lets a pull down: repeated where that may help, else one clear error."""

from __future__ import annotations

import pytest
from recon_nba_api.errors import UnreachableError
from recon_nba_api.plugin import recon_expected_games

from recon_core.api import ConfigError, PluginError, ReconError, ScheduleError
from recon_core.testing import load_registry


@pytest.fixture
def pull(nba, context, season, document, game):
    nba.put_cdn(document([game("0022400061", "2025-01-14T19:30")]))
    return lambda: [one.game_id for one in recon_expected_games(season, context)]


@pytest.mark.parametrize("kind", ["html", "empty", "half", "cut", "drop"])
def test_a_broken_answer_is_asked_for_again(nba, pull, fault, kind):
    nba.fail(fault(kind), fault(kind))
    assert pull() == ["0022400061"]
    assert len(nba.asked) == 3


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_status_is_asked_for_again(nba, pull, fault, status):
    nba.fail(fault("status", status), fault("status", status))
    assert pull() == ["0022400061"]
    assert len(nba.asked) == 3


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        ("status", 500, "HTTP 500"),
        ("status", 429, "HTTP 429"),
        ("html", 0, "an HTML page, expected a schedule in JSON"),
        ("empty", 0, "empty, expected a schedule in JSON"),
        ("half", 0, "broken off or no JSON"),
        ("cut", 0, "the connection failed"),
        ("drop", 0, "the connection failed"),
    ],
)
def test_what_does_not_pass_is_one_line_with_address_and_advice(nba, context, pull, fault, kind, status, told):
    nba.fail(*[fault(kind, status)] * 10)
    with pytest.raises(UnreachableError) as caught:
        pull()
    message = str(caught.value)
    assert message.startswith(f"{context.given['cdn_url']}: ")
    assert told in message
    assert "tried 3 times; pull again later" in message
    assert "schedule_file" in message
    assert "\n" not in message
    assert caught.value.exit_code == 3
    assert len(nba.asked) == 3


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_a_server_that_does_not_answer_in_time(nba, context, pull, fault, kind):
    context.given |= {"timeout_seconds": 0.6, "retries": 1}
    nba.fail(*[fault(kind)] * 10)
    with pytest.raises(UnreachableError, match=r"/cdn\.json: no whole answer within 0\.6 s, tried 2 times"):
        pull()


def test_a_time_out_that_passes(nba, context, pull, fault):
    context.given["timeout_seconds"] = 1.0
    nba.fail(fault("hang"))
    assert pull() == ["0022400061"]


def test_no_server_at_all(context, pull):
    context.given |= {"cdn_url": "http://127.0.0.1:9/cdn.json", "retries": 0}
    with pytest.raises(UnreachableError, match=r"^http://127\.0\.0\.1:9/cdn\.json: the connection failed \(.*\); pull"):
        pull()


@pytest.mark.parametrize("url", ["http://exa mple.test/cdn.json", "http://a..b.ü/cdn.json", "http://x\x7f/cdn.json"])
def test_an_address_that_cannot_be_asked(context, pull, url):
    context.given |= {"cdn_url": url, "retries": 0}
    with pytest.raises((ConfigError, UnreachableError)) as caught:
        pull()
    assert "\n" not in str(caught.value)


def test_an_oversized_body_is_not_read_to_its_end_nor_asked_for_again(nba, context, pull, fault):
    context.given["max_body_bytes"] = 50_000
    nba.fail(*[fault("huge")] * 10)
    with pytest.raises(ScheduleError, match=r"/cdn\.json: more than 50000 bytes.*max_body_bytes"):
        pull()
    assert len(nba.asked) == 1


def test_an_answer_of_the_wrong_shape_is_an_error_and_not_a_season_without_games(nba, pull):
    nba.put_cdn({"resource": "scheduleleaguev2", "resultSets": []})
    with pytest.raises(ScheduleError, match=r"/cdn\.json: no leagueSchedule"):
        pull()
    assert len(nba.asked) == 1


@pytest.mark.parametrize(
    ("status", "headers", "told"),
    [
        (404, {}, r"HTTP 404; check the options cdn_url and stats_url"),
        (401, {}, r"HTTP 401, the NBA refuses"),
        (403, {}, r"HTTP 403, the NBA refuses, as it does for addresses of data centres; .*schedule_file"),
        (302, {"Location": "http://user:hunter2@else.test/x?token=abc"}, r"moved to http://else\.test/x; if that is"),
        (302, {"Location": "/elsewhere"}, r"moved to http://127\.0\.0\.1:[0-9]+/elsewhere; if that is"),
        (304, {}, r"HTTP 304"),
        (204, {}, r"HTTP 204"),
    ],
)
def test_a_refusal_is_not_repeated(nba, pull, fault, status, headers, told):
    nba.fail(*[fault("status", status, headers)] * 10)
    with pytest.raises(UnreachableError, match=told) as caught:
        pull()
    assert "hunter2" not in str(caught.value)
    assert "abc" not in str(caught.value)
    assert len(nba.asked) == 1


def test_the_season_is_named_where_the_address_does_not(nba, context, pull, fault):
    context.given["fetch"] = "stats"
    nba.fail(fault("status", 403))
    with pytest.raises(UnreachableError, match=r"/stats/scheduleleaguev2 for 2024-25: HTTP 403"):
        pull()


def test_retry_after_is_waited_for(nba, context, pull, fault):
    # With this backoff the test would not end within its time if the server's own, shorter wait were not honoured.
    context.given["backoff_seconds"] = 1000.0
    nba.fail(
        fault("status", 429, {"Retry-After": "0"}),
        fault("status", 503, {"Retry-After": "Tue, 07 Jan 2025 12:00:00 GMT", "Date": "Tue, 07 Jan 2025 12:00:00 GMT"}),
    )
    assert pull() == ["0022400061"]


def test_a_wait_that_is_too_long_ends_the_pull_and_says_so(nba, context, pull, fault):
    context.given["max_wait_seconds"] = 60.0
    nba.fail(fault("status", 429, {"Retry-After": "3600"}))
    with pytest.raises(UnreachableError, match=r"HTTP 429, the NBA asks to wait 3600 s; pull again after that"):
        pull()
    assert len(nba.asked) == 1


@pytest.mark.parametrize("text", ["soon", "", "nan", "-5", "Tue, 99 Jan 2025 12:00:00 GMT"])
def test_a_retry_after_that_says_nothing_falls_back_to_the_backoff(nba, pull, fault, text):
    nba.fail(fault("status", 429, {"Retry-After": text}))
    assert pull() == ["0022400061"]


def test_secrets_of_the_address_are_used_but_never_shown(nba, context, pull, fault):
    context.given["cdn_url"] = str(context.given["cdn_url"]).replace("http://", "http://user:hunter2@")
    nba.fail(*[fault("status", 500)] * 10)
    with pytest.raises(UnreachableError) as caught:
        pull()
    assert "hunter2" not in str(caught.value)
    assert all("Authorization" in headers for headers in nba.headers)


def test_the_core_charges_a_failed_pull_to_this_plugin(nba, context, season, fault):
    nba.fail(*[fault("status", 500)] * 10)
    with pytest.raises(PluginError, match=r"recon-nba-api .*recon_expected_games .*HTTP 500") as caught:
        load_registry().get("nba_api").call("recon_expected_games", season=season, context=context)
    assert isinstance(caught.value.__cause__, ReconError)

"""Every way in which the site lets a pull down: repeated where that may help, else one clear error; a 429 stops it."""

from __future__ import annotations

import pytest
from recon_bbref.errors import UnreachableError
from recon_bbref.plugin import recon_expected_games

from recon_core.api import PluginError, ReconError, ScheduleError
from recon_core.testing import load_registry

OCTOBER, NOVEMBER = "NBA_2024_games-october.html", "NBA_2024_games-november.html"


@pytest.fixture
def pull(context, season):
    return lambda: list(recon_expected_games(season, context))


@pytest.fixture(autouse=True)
def pages(site, page, row):
    months = ["october", "november"]
    site.pages[OCTOBER] = page(row("2023-10-24"), months=months)
    site.pages[NOVEMBER] = page(row("2023-11-24"), row("2023-11-25"), months=months)


@pytest.mark.parametrize("kind", ["empty", "cut", "short", "html", "drop"])
def test_a_broken_answer_is_asked_for_again(site, pull, fault, kind):
    site.faults[NOVEMBER] = [fault(kind), fault(kind)]
    assert len(pull()) == 3
    assert site.asked == [OCTOBER, NOVEMBER, NOVEMBER, NOVEMBER]


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
def test_a_passing_status_is_asked_for_again(site, pull, fault, status):
    site.faults[NOVEMBER] = [fault("status", status)]
    assert len(pull()) == 3
    assert site.asked == [OCTOBER, NOVEMBER, NOVEMBER]


@pytest.mark.parametrize(
    ("kind", "error", "told"),
    [
        ("status", UnreachableError, "HTTP 500"),
        ("short", UnreachableError, "the connection failed"),
        ("drop", UnreachableError, "the connection failed"),
        ("empty", ScheduleError, "empty, expected the schedule of november"),
        ("cut", ScheduleError, "broken off within the schedule of november"),
        ("html", ScheduleError, "no table 'schedule' in it"),
    ],
)
def test_what_does_not_pass_is_one_line_with_address_and_advice(site, context, pull, fault, kind, error, told):
    site.faults[NOVEMBER] = [fault(kind)] * 10
    with pytest.raises(error) as caught:
        pull()
    message = str(caught.value)
    assert message.startswith(f"{context.options['base_url']}/leagues/{NOVEMBER}: ")
    assert told in message
    assert "tried 3 times" in message
    assert "pull again" in message
    assert message.isprintable()
    assert site.asked.count(NOVEMBER) == 3


def test_a_server_that_does_not_answer_in_time(site, context, pull, fault):
    context.given |= {"timeout_seconds": 0.5, "retries": 1}
    site.faults[NOVEMBER] = [fault("hang")] * 10
    with pytest.raises(UnreachableError, match=r"november\.html: no whole answer within 0\.5 s, tried 2 times"):
        pull()
    assert UnreachableError.exit_code == 3


def test_no_server_at_all(context, pull):
    context.given |= {"base_url": "http://127.0.0.1:9/site", "retries": 0}
    with pytest.raises(
        UnreachableError, match=r"^http://127\.0\.0\.1:9/site/leagues/NBA_2024_games-october\.html: the con"
    ):
        pull()


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, "wait an hour, or a day if it still refuses"),
        ({"Retry-After": "3600"}, "wait 3600 s, as it asks"),
        ({"Retry-After": "soon\x1b[2J"}, "wait an hour, or a day"),
    ],
)
def test_too_many_requests_stop_the_pull_at_once_with_advice(site, pull, fault, headers, told):
    site.faults[NOVEMBER] = [fault("status", 429, headers)] * 10
    with pytest.raises(UnreachableError, match=f"HTTP 429, too many requests from this address: {told}") as caught:
        pull()
    assert "the pages fetched so far are kept: pull again to go on" in str(caught.value)
    assert site.asked == [OCTOBER, NOVEMBER]
    site.faults.clear()
    assert len(pull()) == 3
    assert site.asked == [OCTOBER, NOVEMBER, NOVEMBER]


@pytest.mark.parametrize(
    ("status", "headers", "told"),
    [
        (403, {}, r"HTTP 403, the site refuses; wait a day"),
        (410, {}, r"HTTP 410; check the option base_url"),
        (302, {"Location": "http://user:hunter2@else.test/x?token=abc"}, r"moved to http://else\.test/x; if that is"),
        (204, {}, r"HTTP 204"),
    ],
)
def test_a_refusal_is_not_repeated(site, pull, fault, status, headers, told):
    site.faults[NOVEMBER] = [fault("status", status, headers)] * 10
    with pytest.raises(UnreachableError, match=told) as caught:
        pull()
    assert "hunter2" not in str(caught.value)
    assert "abc" not in str(caught.value)
    assert site.asked.count(NOVEMBER) == 1


def test_an_oversized_body_is_not_read_to_its_end_nor_asked_for_again(site, context, pull, fault):
    context.given["max_body_bytes"] = 50_000
    site.faults[NOVEMBER] = [fault("huge")] * 10
    with pytest.raises(ScheduleError, match=r"november\.html: more than 50000 bytes.*max_body_bytes"):
        pull()
    assert site.asked.count(NOVEMBER) == 1


def test_a_page_of_another_month_is_not_taken_for_it_and_not_asked_for_again(site, pull):
    site.pages[NOVEMBER] = site.pages[OCTOBER]
    with pytest.raises(ScheduleError, match=r"november\.html: row 2: game 202310240ATL is not of the month"):
        pull()
    assert site.asked.count(NOVEMBER) == 1


def test_secrets_of_the_address_are_used_but_never_shown(site, context, pull, fault):
    context.given["base_url"] = str(context.options["base_url"]).replace("http://", "http://user:hunter2@")
    site.faults[NOVEMBER] = [fault("status", 500)] * 10
    with pytest.raises(UnreachableError) as caught:
        pull()
    assert "hunter2" not in str(caught.value)
    assert all("Authorization" in headers for headers in site.server.headers)


def test_the_core_charges_a_failed_pull_to_this_plugin(site, context, season, fault):
    site.faults[OCTOBER] = [fault("status", 429)]
    with pytest.raises(PluginError, match=r"recon-bbref .*recon_expected_games .*HTTP 429") as caught:
        load_registry().get("bbref").call("recon_expected_games", season=season, context=context)
    assert isinstance(caught.value.__cause__, ReconError)

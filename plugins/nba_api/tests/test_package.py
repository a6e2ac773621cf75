"""Asking through the package ``nba_api``, pointed at the local server."""

from __future__ import annotations

import builtins

import pytest
from recon_nba_api.errors import UnreachableError
from recon_nba_api.plugin import recon_expected_games

from recon_core.api import ConfigError, ScheduleError


@pytest.fixture
def pull(nba, context, season, document, game):
    nba.put_stats("2024-25", document([game("0022400061", "2025-01-14T19:30")]))
    context.given["fetch"] = "nba_api"
    return lambda: [one.game_id for one in recon_expected_games(season, context)]


def test_the_package_asks_the_address_that_is_set_with_headers_of_its_own(nba, pull):
    from nba_api.stats.library.http import NBAStatsHTTP

    assert pull() == ["0022400061"]
    assert nba.asked == ["2024-25"]
    assert nba.headers[0]["User-Agent"] == NBAStatsHTTP.headers["User-Agent"]
    assert nba.url.endswith(nba.headers[0]["Host"])
    assert NBAStatsHTTP.base_url.startswith("https://stats.nba.com/")


@pytest.mark.parametrize("kind", ["html", "empty", "half", "cut", "drop", "status"])
def test_a_broken_answer_is_asked_for_again(nba, pull, fault, kind):
    nba.fail(fault(kind), fault(kind))
    assert pull() == ["0022400061"]
    assert len(nba.asked) == 3


def test_what_does_not_pass_says_who_asked(nba, pull, fault):
    nba.fail(*[fault("html")] * 10)
    told = r"/stats/scheduleleaguev2 for 2024-25, by the package nba_api: an HTML page, .*tried 3 times; pull again"
    with pytest.raises(UnreachableError, match=told):
        pull()


def test_a_server_that_does_not_answer_in_time(nba, context, pull, fault):
    context.given |= {"timeout_seconds": 0.5, "retries": 0}
    nba.fail(fault("hang"))
    with pytest.raises(UnreachableError, match=r"by the package nba_api: no whole answer within 0\.5 s; pull again"):
        pull()


def test_no_server_at_all(context, pull):
    context.given |= {"stats_url": "http://user:hunter2@127.0.0.1:9/stats", "retries": 0}
    with pytest.raises(UnreachableError, match=r"the connection failed \(ConnectionError\)") as caught:
        pull()
    assert "hunter2" not in str(caught.value)


def test_an_oversized_body_is_refused(nba, context, pull, fault):
    context.given["max_body_bytes"] = 50_000
    nba.fail(fault("huge"))
    with pytest.raises(ScheduleError, match="more than 50000 bytes"):
        pull()


def test_without_the_package_the_command_that_installs_it_is_named(pull, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("nba_api"):
            raise ModuleNotFoundError(f"No module named {name!r}")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=r"cannot be imported .*pip install 'recon-nba-api\[client\]'"):
        pull()

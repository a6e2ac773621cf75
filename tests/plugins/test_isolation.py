"""Hooks are called one plugin at a time: never as a broadcast, and what is raised is charged to who raised it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.fake_distributions import Site, simple_plugin

from recon_core.api import PluginError
from recon_core.plugins import Plugin, PluginCallError, Registry, notify_finished

LoadText = Callable[[str], Plugin]

RECORDING = """
calls = []

@hookimpl
def recon_expected_games(season, context):
    calls.append(season.label)
    {body}
"""
RAISES_HALF_WAY = """
    yield Game(game_id="1", season=season.label, date=date(2024, 1, 1), status="final")
    raise LookupError("no second page")
"""


def games(plugin: Plugin) -> Any:
    return plugin.call("recon_expected_games", season=plugin.seasons[0], context=None)


def test_a_call_reaches_one_plugin_and_the_others_survive_it(site: Site, load: Callable[[], Registry]) -> None:
    site.install_module("a", simple_plugin("a", extra=RECORDING.format(body="raise ValueError('mine')")))
    site.install_module("b", simple_plugin("b", extra=RECORDING.format(body=RAISES_HALF_WAY)))
    site.install_module("c", simple_plugin("c", extra=RECORDING.format(body="return []")))
    registry = load()
    import recon_a  # type: ignore[import-not-found]
    import recon_b  # type: ignore[import-not-found]
    import recon_c  # type: ignore[import-not-found]

    with pytest.raises(PluginError) as caught:
        games(registry.get("a"))
    assert str(caught.value) == "recon-a 1.0: recon_expected_games failed for season 2024: ValueError: mine"
    assert isinstance(caught.value.__cause__, ValueError)
    assert (recon_a.calls, recon_b.calls, recon_c.calls) == (["2024"], [], [])
    with pytest.raises(PluginError) as caught:
        games(registry.get("b"))
    assert str(caught.value) == "recon-b 1.0: recon_expected_games failed for season 2024: LookupError: no second page"
    assert (recon_a.calls, recon_b.calls, recon_c.calls) == (["2024"], ["2024"], [])
    assert games(registry.get("c")) == []
    assert (recon_a.calls, recon_b.calls, recon_c.calls) == (["2024"], ["2024"], ["2024"])


def test_the_failure_says_it_in_parts(load_text: LoadText) -> None:
    plugin = load_text(simple_plugin("x", extra="@hookimpl\ndef recon_parse_key(key): raise ValueError(key)"))
    with pytest.raises(PluginCallError) as caught:
        plugin.call("recon_parse_key", key="a\nb\x1b[0m")
    failure = caught.value.failure
    assert (failure.distribution, failure.version, failure.entry_point) == ("recon-x", "1.0", "x")
    assert (failure.source, failure.hook) == ("x", "recon_parse_key")
    assert failure.message == "failed for 'a\\nb\\x1b[0m': ValueError: a\\nb\\x1b[0m"


@pytest.mark.parametrize("raised", ["SystemExit(0)", "GeneratorExit", "__import__('asyncio').CancelledError"])
def test_what_would_end_the_process_is_charged_to_the_plugin(load_text: LoadText, raised: str) -> None:
    plugin = load_text(simple_plugin("x", extra=RECORDING.format(body=f"raise {raised}")))
    with pytest.raises(PluginCallError):
        games(plugin)


def test_an_interrupt_passes_through(load_text: LoadText) -> None:
    plugin = load_text(simple_plugin("x", extra=RECORDING.format(body="raise KeyboardInterrupt")))
    with pytest.raises(KeyboardInterrupt):
        games(plugin)


def test_a_hook_that_is_not_implemented_is_named(load_text: LoadText) -> None:
    with pytest.raises(PluginError, match=r"^recon-x 1\.0: recon_expected_games is not implemented by this plugin$"):
        games(load_text(simple_plugin("x")))


def test_what_a_hook_prints_goes_to_stderr(load_text: LoadText, capsys: pytest.CaptureFixture[str]) -> None:
    plugin = load_text(simple_plugin("x", extra=RECORDING.format(body="print('hello'); return []")))
    games(plugin)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "hello\n")


OBSERVER = """
seen = []

@hookimpl
def recon_cycle_finished(report):
    seen.append(report["gaps"]["total"])
    report["gaps"]["total"] = -1
    report.clear()
    {body}
"""


def test_an_observer_cannot_alter_the_run(site: Site, load: Callable[[], Registry]) -> None:
    site.install_module("a", simple_plugin("a", extra=OBSERVER.format(body="raise OSError('disk full')")))
    site.install_module("b", simple_plugin("b", extra=OBSERVER.format(body="return 'anything'")))
    site.install_module("c", simple_plugin("c"))
    report = {"gaps": {"total": 7}}
    warnings = notify_finished(load(), report)
    assert report == {"gaps": {"total": 7}}
    assert warnings == [
        "recon-a 1.0: recon_cycle_finished failed: OSError: disk full (the run is not affected)",
    ]
    import recon_a  # type: ignore[import-not-found]
    import recon_b  # type: ignore[import-not-found]

    assert (recon_a.seen, recon_b.seen) == ([7], [7])

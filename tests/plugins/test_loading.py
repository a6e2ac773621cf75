"""Each entry point is loaded on its own: what one does wrong is named, and costs its own source only."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import pytest
from support.fake_distributions import ARCHIVE, WEATHER, Site, simple_plugin

from recon_core.api import ConfigError, PluginError
from recon_core.plugins import Registry, load_registry, plugin_rows

Load = Callable[[], Registry]


def test_a_good_plugin_is_found_among_what_is_installed(site: Site) -> None:
    site.install_module("good", simple_plugin("good"), version="2.3.4")
    plugin = load_registry().get("good")
    assert (plugin.distribution, plugin.version, plugin.entry_point) == ("recon-good", "2.3.4", "good")
    assert plugin.hooks == {"recon_source", "recon_seasons"}
    assert [season.label for season in plugin.seasons] == ["2024"]
    assert plugin.rules == ()
    assert plugin.templates["files"][0].text == "good/{date:%Y%m%d}.csv"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import no_such_module_anywhere", "ModuleNotFoundError: No module named 'no_such_module_anywhere'; reinstall"),
        ("raise RuntimeError('first\\nsecond \\x1b[31mred')", "RuntimeError: first\\nsecond \\x1b[31mred"),
        ("import sys; sys.exit('bye')", "SystemExit: bye"),
        ("class Odd(BaseException): pass\nraise Odd", "Odd"),
        ("this is no python", "SyntaxError"),
        ("raise OSError('GET https://me:pw@host/x?token=s3cret failed')", "OSError: GET https://host/x failed"),
        ("raise ValueError('x' * 100_000)", "ValueError: xxx"),
        ("class E(Exception):\n  def __str__(self): raise ValueError\nraise E", "E: (its message cannot be shown)"),
        (
            "from recon_core.api import Shape",
            "ImportError: cannot import name 'Shape' from 'recon_core.api'",
        ),
    ],
)
def test_a_module_that_cannot_be_imported_costs_its_own_source_only(
    site: Site, load: Load, text: str, told: str
) -> None:
    site.install_module("bad", text, version="0.9")
    site.install_module("good", simple_plugin("good"))
    registry = load()
    assert registry.names() == ("good",)
    (failure,) = registry.failures
    assert failure.line().startswith("recon-bad 0.9: entry point 'bad = recon_bad' cannot be loaded: ")
    assert told in failure.line()
    assert "\n" not in failure.line()
    assert "\x1b" not in failure.line()
    assert "s3cret" not in failure.line()
    assert len(failure.line()) < 700


def test_an_import_of_what_this_api_lacks_points_at_recon_core(site: Site, load: Load) -> None:
    site.install_module("bad", "from recon_core.api import Shape")
    (failure,) = load().failures
    assert "it needs another recon-core than the installed " in failure.message


def test_an_interrupt_while_loading_interrupts(site: Site, load: Load) -> None:
    site.install_module("bad", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load()


def test_what_a_plugin_prints_while_it_loads_stays_out_of_the_results(
    site: Site, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    site.install_module("loud", "print('imported')\n" + simple_plugin("loud"))
    assert load().names() == ("loud",)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "imported\n"


def test_an_entry_point_may_be_an_instance_or_a_class(site: Site, load: Load) -> None:
    text = """
import recon_plain
from recon_core.api import hookimpl

class Plugin:
    def __init__(self, name="klass"):
        self.name = name

    @hookimpl
    def recon_source(self):
        import dataclasses
        return dataclasses.replace(
            recon_plain.recon_source(),
            name=self.name,
            datasets=(dataclasses.replace(recon_plain.recon_source().datasets[0],
                                          key_templates=(self.name + "/{date:%Y%m%d}.csv",)),),
        )

    @hookimpl
    def recon_seasons(self):
        return recon_plain.recon_seasons()

instance = Plugin("instance")
"""
    site.install_module("plain", simple_plugin("plain"))
    site.install("recon-two", "1.0", {"a": "recon_two:Plugin", "b": "recon_two:instance"}, {"recon_two.py": text})
    registry = load()
    assert registry.failures == ()
    assert registry.names() == ("instance", "klass", "plain")


def test_an_entry_point_that_leads_nowhere_names_itself(site: Site, load: Load) -> None:
    site.install("recon-nowhere", "1.0", {"n": "recon_nowhere:absent"}, {"recon_nowhere.py": ""})
    (failure,) = load().failures
    assert "entry point 'n = recon_nowhere:absent' cannot be loaded: AttributeError" in failure.line()


def test_damaged_metadata_of_one_distribution_leaves_the_others(site: Site) -> None:
    site.install_module("good", simple_plugin("good"))
    site.install_module("broken", simple_plugin("broken"))
    (points,) = site.folder.glob("recon_broken-*.dist-info/entry_points.txt")
    points.write_text("[recon]\nbroken\n")
    registry = load_registry()
    assert "good" in registry.names()
    assert "recon-broken" in [failure.distribution for failure in registry.failures]
    failure = registry.failure_of("broken")
    assert failure is not None
    assert "damaged metadata" in failure.message


def test_unreadable_metadata_of_a_stranger_is_nothing_to_us(site: Site) -> None:
    site.install_module("good", simple_plugin("good"))
    stranger = site.folder / "stranger-1.0.dist-info"
    stranger.mkdir()
    (stranger / "entry_points.txt").write_bytes(b"\xff\xfe[")
    registry = load_registry()
    assert "good" in registry.names()
    assert "stranger" not in [failure.distribution for failure in registry.failures]


def test_two_providers_of_one_source_are_both_refused(site: Site, load: Load) -> None:
    site.install("recon-a", "1.0", {"a": "recon_a"}, {"recon_a.py": simple_plugin("same", template="a/{date:%Y%m%d}")})
    site.install("recon-b", "2.0", {"b": "recon_b"}, {"recon_b.py": simple_plugin("same", template="b/{date:%Y%m%d}")})
    site.install_module("good", simple_plugin("good"))
    registry = load()
    assert registry.names() == ("good",)
    assert len(registry.failures) == 2
    for failure in registry.failures:
        assert failure.source == "same"
        assert "recon-a 1.0 (a)" in failure.message
        assert "recon-b 2.0 (b)" in failure.message
    with pytest.raises(PluginError, match="source 'same' has 2 providers"):
        registry.get("same")


def test_plugins_whose_templates_can_match_one_key_are_all_refused(site: Site, load: Load) -> None:
    # The first two claim a key together, so do the last two: all three fail, whichever pair is looked at first.
    site.install_module("one", simple_plugin("one", template="shared/{date:%Y%m%d}.csv"))
    site.install_module("two", simple_plugin("two", template="shared/{date:%Y%m%d}.{season}"))
    site.install_module("three", simple_plugin("three", template="shared/{date:%Y%m%d}.txt"))
    site.install_module("good", simple_plugin("good", template="shared/{date:%Y%m%d}"))
    registry = load()
    assert registry.names() == ("good",)
    told = {failure.source: failure.message for failure in registry.failures}
    assert set(told) == {"one", "two", "three"}
    pattern = r"key templates of (\w+)/files \(recon-\1 1.0\) and (\w+)/files \(recon-\2 1.0\) both match "
    assert re.match(pattern + r"'shared/\d{8}\.csv'; uninstall one of the two$", told["one"])
    assert re.match(pattern + r"'shared/\d{8}\.txt'; uninstall one of the two$", told["three"])
    with pytest.raises(PluginError, match="both match"):
        registry.get("two")


def test_the_order_of_failures_and_plugins_does_not_follow_the_path(site: Site) -> None:
    for name in ("zulu", "alpha", "mike"):
        site.install_module(name, simple_plugin(name))
    for name in ("yankee", "bravo"):
        site.install_module(name, "raise ValueError")
    registry = load_registry(reversed(site.entry_points()))
    assert registry.names() == ("alpha", "mike", "zulu")
    assert [row.state.partition(":")[0] for row in plugin_rows(registry)] == ["ok"] * 3 + ["failed"] * 2
    assert [row.distribution for row in plugin_rows(registry)][3:] == ["recon-bravo", "recon-yankee"]


def test_an_unknown_source_says_how_to_install_one_here(site: Site, load: Load) -> None:
    site.install_module("espnx", simple_plugin("espnx"))
    registry = load()
    with pytest.raises(ConfigError) as caught:
        registry.get("nba_api")
    assert str(caught.value) == (
        "no installed plugin provides source 'nba_api': installed are espnx; a plugin is installed into this "
        f"environment with: {sys.executable} -m pip install recon-nba-api"
    )
    with pytest.raises(ConfigError, match=r"source 'espnz' \(did you mean 'espnx'\?\).*pip install recon-<source>$"):
        registry.get("espnz")
    with pytest.raises(ConfigError, match="none is installed"):
        Registry().get("x")
    with pytest.raises(ConfigError, match=r"recon-<source>$"):
        Registry().get("x; rm -rf /")


@pytest.mark.parametrize(
    ("distribution", "entry_point", "text"),
    [
        ("recon-other", "lost", "raise ValueError('why')"),
        ("recon_lost", "other", "raise ValueError('why')"),
        (
            "recon-other",
            "other",
            simple_plugin("lost").replace("return [Season", "raise ValueError('why')\n    [Season"),
        ),
    ],
)
def test_a_source_whose_plugin_failed_says_so_and_why(
    site: Site, load: Load, distribution: str, entry_point: str, text: str
) -> None:
    site.install(distribution, "1.0", {entry_point: "recon_it"}, {"recon_it.py": text})
    registry = load()
    failure = registry.failure_of("lost")
    assert failure is not None
    with pytest.raises(PluginError, match=r"source 'lost' cannot be used, its plugin failed: .*ValueError: why"):
        registry.get("lost")
    with pytest.raises(ConfigError, match="no installed plugin"):
        registry.get("found")
    assert registry.failure_of("found") is None


def test_a_failure_under_the_entry_points_name_does_not_hide_a_source_that_works(site: Site, load: Load) -> None:
    site.install("recon-a", "1.0", {"a": "recon_a"}, {"recon_a.py": simple_plugin("b")})
    site.install("recon-c", "1.0", {"b": "recon_c"}, {"recon_c.py": "raise ValueError"})
    registry = load()
    assert registry.get("b").distribution == "recon-a"
    assert registry.failure_of("b") is None


def test_the_toy_distributions_load_as_they_lie(site: Site, load: Load) -> None:
    site.add(WEATHER)
    site.add(ARCHIVE)
    with site.active():
        registry = load()
    assert registry.failures == ()
    rows = plugin_rows(registry)
    assert [(row.distribution, row.version, row.source, row.state) for row in rows] == [
        ("recon-archive", "0.3.0", "archive", "ok"),
        ("recon-weather", "1.2.0", "weather", "ok"),
    ]
    assert rows[1].data_types == ("readings", "bulletins")
    assert rows[1].seasons == ("2023", "2024", "2025")

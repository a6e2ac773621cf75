"""`recon plugins check` as data: what is found right and what is found wrong of each plugin."""

from __future__ import annotations

from collections.abc import Callable

from support.fake_distributions import ARCHIVE, WEATHER, Site, simple_plugin

from recon_core.engine.expressions import compile_rule
from recon_core.plugins import CheckRow, Registry, check_plugins, plugin_rows

Load = Callable[[], Registry]


def found(rows: list[CheckRow], check: str) -> CheckRow:
    (row,) = [row for row in rows if row.check == check]
    return row


def test_every_check_of_the_toy_plugins_holds(site: Site, load: Load) -> None:
    site.add(WEATHER)
    site.add(ARCHIVE)
    with site.active():
        rows = check_plugins(load(), compile_rule)
    assert [row for row in rows if not row.ok] == []
    assert [row.check for row in rows if row.source == "weather"] == [
        "load",
        "recon_source",
        "recon_seasons",
        "recon_priority_rules",
        "rule bulletins-can-wait",
        "readings: weather/daily/{station}/{date:%Y%m%d}.csv",
        "readings: weather/old/{date:%Y}/{date:%m}/{station}-{date:%d}.csv",
        "bulletins: weather/bulletins/{season}/{date:%Y-%m-%d}.txt",
    ]
    assert found(rows, "rule bulletins-can-wait").detail == "data_type = 'bulletins'"
    assert found(rows, "readings: weather/daily/{station}/{date:%Y%m%d}.csv").detail.startswith("weather/daily/")
    assert "recon_parse_key" in [row.check for row in rows if row.source == "archive"]


def test_a_plugin_that_failed_is_a_failed_check(site: Site, load: Load) -> None:
    site.install_module("bad", simple_plugin("bad", api_version=9))
    (row,) = check_plugins(load(), compile_rule)
    assert (row.distribution, row.version, row.source, row.check, row.ok) == ("recon-bad", "1.0", "bad", "load", False)
    assert "plugin API 9" in row.detail
    (listed,) = plugin_rows(load())
    assert listed.state == f"failed: {row.detail}"
    assert (listed.source, listed.data_types, listed.seasons) == ("bad", (), ())


def test_a_rule_that_does_not_compile_is_a_failed_check(site: Site, load: Load) -> None:
    rules = "@hookimpl\ndef recon_priority_rules():\n    return [PriorityRule(name='r', when={!r}, priority='LOW')]"
    site.install_module("bad", simple_plugin("bad", extra=rules.format("no_such_column = 1")))
    row = found(check_plugins(load(), compile_rule), "rule r")
    assert not row.ok
    assert "no_such_column" in row.detail


def test_a_declaration_that_changes_is_a_failed_check(site: Site, load: Load) -> None:
    text = (
        simple_plugin("moody")
        .replace("title=", "title=str(next(counter)) + ")
        .replace("@hookimpl", "import itertools\ncounter = itertools.count()\n\n@hookimpl", 1)
    )
    site.install_module("moody", text)
    row = found(check_plugins(load(), compile_rule), "recon_source")
    assert (row.ok, row.detail) == (False, "says something else when it is called again")


def test_a_declaration_that_works_once_is_a_failed_check(site: Site, load: Load) -> None:
    text = simple_plugin("once").replace("    return [Season", "    once.pop()\n    return [Season")
    site.install_module("once", "once = [1]\n" + text)
    row = found(check_plugins(load(), compile_rule), "recon_seasons")
    assert (row.ok, row.detail) == (False, "failed: IndexError: pop from empty list")


def test_a_parser_that_claims_every_key_is_a_failed_check(site: Site, load: Load) -> None:
    claims = (
        "@hookimpl\ndef recon_parse_key(key):\n    return ParsedKey(data_type='files', fields={'date': '2024-01-01'})"
    )
    site.install_module("greedy", simple_plugin("greedy", extra=claims))
    row = found(check_plugins(load(), compile_rule), "recon_parse_key")
    assert not row.ok
    assert "claims 'recon-check/no-such-layout' as files" in row.detail
    raising = "@hookimpl\ndef recon_parse_key(key):\n    return key.split('/')[7]"
    site.install_module("raising", simple_plugin("raising", extra=raising))
    rows = [row for row in check_plugins(load(), compile_rule) if row.source == "raising"]
    assert "IndexError" in found(rows, "recon_parse_key").detail
    assert not found(rows, "recon_parse_key").ok

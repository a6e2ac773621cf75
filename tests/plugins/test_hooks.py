"""What a plugin object must look like: hooks by name, decorated, plain functions, with arguments that exist."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.fake_distributions import simple_plugin

import recon_core
from recon_core.plugins import Plugin, PluginFailure

FailureOf = Callable[[str], PluginFailure]


@pytest.mark.parametrize(
    ("extra", "hook", "told"),
    [
        ("@hookimpl\ndef recon_expected_itmes(): ...", "recon_expected_itmes", "did you mean 'recon_expected_items'?"),
        ("@hookimpl\ndef recon_xyzzy(): ...", "recon_xyzzy", "the hooks are recon_cycle_finished, "),
        ("@hookimpl\ndef parse_key(key): ...", "parse_key", "did you mean 'recon_parse_key'?"),
        ("@hookimpl(specname='recon_parse')\ndef other(key): ...", "recon_parse", "did you mean 'recon_parse_key'?"),
        ("def recon_parse_key(key): ...", "recon_parse_key", "is not decorated: put @hookimpl"),
        ("def recon_parse_keys(key): ...", "recon_parse_keys", "did you mean 'recon_parse_key'?"),
        ("recon_helper = 3", "recon_helper", "names that begin with recon_ are for hooks"),
        ("@hookimpl\ndef recon_parse_key(kee): ...", "recon_parse_key", "argument 'kee' (did you mean 'key'?)"),
        ("@hookimpl\ndef recon_parse_key(key='x'): ...", "recon_parse_key", "a default: pluggy would never pass it"),
        ("@hookimpl\ndef recon_parse_key(**rest): ...", "recon_parse_key", "names its arguments plainly"),
        ("@hookimpl\ndef recon_parse_key(*, key): ...", "recon_parse_key", "names its arguments plainly"),
        ("@hookimpl\nasync def recon_parse_key(key): ...", "recon_parse_key", "is an async function"),
        ("@hookimpl\nasync def recon_parse_key(key): yield 1", "recon_parse_key", "is an async function"),
        ("@hookimpl(wrapper=True)\ndef recon_parse_key(key): yield", "recon_parse_key", "declared as a wrapper"),
        (
            "@hookimpl\ndef recon_parse_key(key): ...\n@hookimpl(specname='recon_parse_key')\ndef second(key): ...",
            "recon_parse_key",
            "is implemented twice, by recon_parse_key and second",
        ),
    ],
)
def test_what_would_never_be_called_as_meant_is_an_error(
    failure_of_text: FailureOf, extra: str, hook: str, told: str
) -> None:
    failure = failure_of_text(simple_plugin("x", extra=extra))
    assert failure.hook == hook
    assert told in failure.message


@pytest.mark.parametrize("hook", ["recon_source", "recon_seasons"])
def test_a_required_hook_that_is_absent(failure_of_text: FailureOf, hook: str) -> None:
    failure = failure_of_text(simple_plugin("x").replace(f"@hookimpl\ndef {hook}", f"def _{hook}"))
    assert (failure.hook, failure.message) == (hook, "is required, but not implemented")


def test_a_hook_of_a_later_api_may_be_marked_optional(load_text: Callable[[str], Plugin]) -> None:
    plugin = load_text(simple_plugin("x", extra="@hookimpl(optionalhook=True)\ndef recon_next(key, more): ..."))
    assert "recon_next" not in plugin.hooks


def test_modules_of_the_core_may_be_imported_by_name(load_text: Callable[[str], Plugin]) -> None:
    assert load_text("import recon_core\n" + simple_plugin("x")).source.name == "x"


def test_an_argument_that_is_not_needed_may_be_left_out(load_text: Callable[[str], Plugin]) -> None:
    plugin = load_text(simple_plugin("x", extra="@hookimpl\ndef recon_expected_games(season): return []"))
    assert plugin.call("recon_expected_games", season=plugin.seasons[0], context=None) == []


def test_an_argument_of_a_later_api_may_have_a_default(load_text: Callable[[str], Plugin]) -> None:
    plugin = load_text(simple_plugin("x", extra="@hookimpl\ndef recon_parse_key(key, more=1): return None"))
    assert plugin.call("recon_parse_key", key="k") is None


@pytest.mark.parametrize(
    ("version", "remedy"),
    [(2, "upgrade recon-core or install an older recon-x"), (0, "upgrade recon-x")],
)
def test_another_api_version_says_what_to_upgrade(failure_of_text: FailureOf, version: int, remedy: str) -> None:
    failure = failure_of_text(simple_plugin("x", api_version=version))
    assert failure.line() == (
        f"recon-x 1.0: was written for plugin API {version}, this "
        f"recon-core {recon_core.__version__} speaks 1: {remedy}"
    )
    assert failure.source == "x"

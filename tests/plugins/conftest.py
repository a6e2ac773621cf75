from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.fake_distributions import Site

from recon_core.plugins import Plugin, PluginCallError, PluginFailure, Registry, load_plugin, load_registry


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A folder of fake distributions that is on the path of this process."""
    site = Site(tmp_path / "site")
    with site.active():
        yield site


@pytest.fixture
def load(site: Site) -> Callable[[], Registry]:
    """Load the fake distributions, and none that the environment happens to have."""
    return lambda: load_registry(site.entry_points())


@pytest.fixture
def load_text(tmp_path: Path) -> Callable[[str], Plugin]:
    """Make a plugin of a module's text."""

    def make(text: str) -> Plugin:
        from types import ModuleType

        module = ModuleType("recon_x")
        exec(compile(text, "recon_x.py", "exec"), module.__dict__)
        return load_plugin(module, distribution="recon-x", version="1.0", entry_point="x")

    return make


@pytest.fixture
def failure_of_text(load_text: Callable[[str], Plugin]) -> Callable[[str], PluginFailure]:
    """The failure of a module that must not load."""

    def fail(text: str) -> PluginFailure:
        with pytest.raises(PluginCallError) as caught:
            load_text(text)
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith("recon-x 1.0: ")
        return caught.value.failure

    return fail

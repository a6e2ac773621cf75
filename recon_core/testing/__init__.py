"""The kit for those who write plugins: contract tests to inherit, and stand-ins for what a plugin works against.

::

    from recon_core.testing import PluginContract
    import recon_acme.plugin

    class TestAcme(PluginContract):
        plugin = recon_acme.plugin

Needs pytest. Nothing here is imported by recon itself.
"""

from recon_core.plugins import Plugin, Registry, load_plugin, load_registry
from recon_core.testing.context import FakeContext
from recon_core.testing.contract import PluginContract
from recon_core.testing.games import make_game
from recon_core.testing.server import Answer, LocalServer
from recon_core.testing.toy_lake import ToyLake

__all__ = [
    "Answer",
    "FakeContext",
    "LocalServer",
    "Plugin",
    "PluginContract",
    "Registry",
    "ToyLake",
    "load_plugin",
    "load_registry",
    "make_game",
]

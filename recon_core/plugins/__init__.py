"""The plugin host: finds the installed sources, loads each in isolation and calls each on its own."""

from recon_core.plugins.calling import PluginCallError, PluginFailure
from recon_core.plugins.checks import CheckRow, PluginRow, check_plugins, plugin_rows
from recon_core.plugins.declared import (
    layout_texts,
    layout_trouble,
    needs_enumeration,
    season_tellers,
    template_fields,
)
from recon_core.plugins.loading import load_plugin, load_registry
from recon_core.plugins.registry import Plugin, Registry, install_command, notify_finished

__all__ = [
    "CheckRow",
    "Plugin",
    "PluginCallError",
    "PluginFailure",
    "PluginRow",
    "Registry",
    "check_plugins",
    "install_command",
    "layout_texts",
    "layout_trouble",
    "load_plugin",
    "load_registry",
    "needs_enumeration",
    "notify_finished",
    "plugin_rows",
    "season_tellers",
    "template_fields",
]

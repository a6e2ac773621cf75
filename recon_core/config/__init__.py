"""The two files that are written by hand: how to check (settings) and what should exist (inventory)."""

from recon_core.config.inventory import (
    CURRENT,
    PREVIOUS,
    DatasetOverrides,
    Inventory,
    OptionValue,
    SourceCoverage,
    inventory_problems,
    load_inventory,
)
from recon_core.config.options import parse_option, resolve_options
from recon_core.config.settings import (
    EngineSettings,
    LakeSettings,
    PrioritySettings,
    ReportSettings,
    RuleSettings,
    ScanSettings,
    Settings,
    TargetSettings,
    TaskQueueSettings,
    WaiverSettings,
    load_settings,
    settings_problems,
)

__all__ = [
    "CURRENT",
    "PREVIOUS",
    "DatasetOverrides",
    "EngineSettings",
    "Inventory",
    "LakeSettings",
    "OptionValue",
    "PrioritySettings",
    "ReportSettings",
    "RuleSettings",
    "ScanSettings",
    "Settings",
    "SourceCoverage",
    "TargetSettings",
    "TaskQueueSettings",
    "WaiverSettings",
    "inventory_problems",
    "load_inventory",
    "load_settings",
    "parse_option",
    "resolve_options",
    "settings_problems",
]

"""Errors that a user or the world can cause: one line, what happened, where, and what to do next.

Anything else that escapes is a bug and keeps its traceback.
"""

from __future__ import annotations

__all__ = [
    "ConfigError",
    "DiskError",
    "LakeError",
    "LockHeldError",
    "PluginError",
    "ReconError",
    "RefusedError",
    "ScheduleError",
    "UsageError",
]


class ReconError(Exception):
    """Base of every error that is shown as one line; ``exit_code`` is what the CLI ends with."""

    exit_code = 2


class UsageError(ReconError):
    """The command was called with options or arguments that cannot work."""


class ConfigError(ReconError):
    """A file of the workspace is wrong: the message names file, line, path and what would be right."""


class ScheduleError(ReconError):
    """A schedule is absent, unreadable or contradicts itself."""


class RefusedError(ReconError):
    """What was asked would lose or claim something that is not proved; the message names the override."""


class PluginError(ReconError):
    """A plugin broke its contract; the message names distribution, version and hook."""


class LakeError(ReconError):
    """The lake could not be reached or read: network, credentials, bucket, folder."""

    exit_code = 3


class LockHeldError(ReconError):
    """Another cycle holds the workspace."""

    exit_code = 3


class DiskError(ReconError):
    """An output could not be written; the previous outputs are untouched."""

    exit_code = 3

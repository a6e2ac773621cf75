"""The choices of ``--format`` and ``--log-format``."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["LogFormat", "OutputFormat"]


class OutputFormat(StrEnum):
    """How results are written to stdout."""

    table = "table"
    json = "json"
    markdown = "markdown"


class LogFormat(StrEnum):
    """How progress and errors are written to stderr."""

    text = "text"
    json = "json"

"""Text from outside, made safe to stand in a one-line message."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

__all__ = ["printable", "without_secrets"]

_LONGEST = 120


def printable(value: object) -> str:
    """The value's text with everything that is not printable written as an escape, cut at 120 characters."""
    text = str(value)
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)
    return safe if len(safe) <= _LONGEST else safe[:_LONGEST] + "…"


def without_secrets(url: str) -> str:
    """The address without user name, password, query string and fragment."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "(unreadable address)"
    return printable(urlunsplit((parts.scheme, host, parts.path, "", "")))

"""Text from outside, made safe to show: keys, names and messages may hold anything."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit, urlunsplit

__all__ = ["item_name", "redact_url", "redact_urls", "shown", "suggest"]

# C0 and C1 controls, line and paragraph separators, bidirectional overrides and lone surrogates: what could move a
# cursor, forge a line, reverse a name or break an encoder.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s'\"<>)\]}`]+")


def item_name(source: str, data_type: str, values: Iterable[str]) -> str:
    """``source/data_type/value…`` with percent-encoded values."""
    return "/".join([source, data_type, *(quote(value, safe="~") for value in values)])


def shown(text: object) -> str:
    """The text with every character that a terminal or a log would act on written as an escape."""
    return _UNSAFE.sub(lambda match: match.group().encode("unicode_escape", "surrogatepass").decode("ascii"), str(text))


def redact_url(url: str) -> str:
    """The URL without user name, password, query string and fragment."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "(unreadable URL)"
    return shown(urlunsplit((parts.scheme, host, parts.path, "", ""))) if parts.scheme else shown(url)


def redact_urls(text: str) -> str:
    """The text with every URL in it as ``redact_url`` gives it."""
    return _URL.sub(lambda match: redact_url(match.group()), text)


def suggest(word: str, options: Iterable[str]) -> str:
    """`` (did you mean 'play_by_play'?)`` for a near miss, else nothing."""
    close = difflib.get_close_matches(word, list(options), n=1, cutoff=0.6)
    return f" (did you mean {shown(close[0])!r}?)" if close else ""

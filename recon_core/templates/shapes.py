"""The shape of a key: what is left of it when numbers and generated names are taken out, to group keys by."""

from __future__ import annotations

import re

from recon_core.templates.sql import text

__all__ = ["key_shape", "sql_key_shape"]

MAX_LENGTH = 200

# In this order. A generated name would else leave as many shapes as there are keys.
_RULES = (
    ("[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}", "{uuid}"),
    ("[0-9A-Fa-f]{32,}", "{hex}"),
    ("[0-9]+", "{digits}"),
)
# Most keys hold no generated name: one look, or just their length, spares them two of the three replacements.
_GENERATED = "[0-9A-Fa-f]{12}"
_SHORTEST_GENERATED = 32


def key_shape(key: str) -> str:
    """The key with UUIDs, long hexadecimal runs and runs of digits named: ``raw/espn/pbp/{digits}.json``.

    Of a key of more than 200 characters only these are looked at, and an ellipsis follows.
    """
    shape = key if len(key) <= MAX_LENGTH else f"{key[:MAX_LENGTH]}…"
    for pattern, name in _RULES:
        shape = re.sub(pattern, name, shape, flags=re.ASCII)
    return shape


def sql_key_shape(key_sql: str) -> str:
    """``key_shape`` as SQL VARCHAR, of a VARCHAR expression."""
    digits_only = _replaced(key_sql, _RULES[2:])
    cut = (
        f"CASE WHEN length({key_sql}) > {MAX_LENGTH} THEN substr({key_sql}, 1, {MAX_LENGTH}) || '…' ELSE {key_sql} END"
    )
    return (
        f"CASE WHEN length({key_sql}) < {_SHORTEST_GENERATED} THEN {digits_only} "
        f"WHEN length({key_sql}) <= {MAX_LENGTH} AND NOT regexp_matches({key_sql}, {text(_GENERATED)}) "
        f"THEN {digits_only} ELSE {_replaced(cut, _RULES)} END"
    )


def _replaced(expression: str, rules: tuple[tuple[str, str], ...]) -> str:
    for pattern, name in rules:
        expression = f"regexp_replace({expression}, {text(pattern)}, {text(name)}, 'g')"
    return expression

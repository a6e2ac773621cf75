"""Damages documents as the world does: cut short, empty, garbled, or with another value somewhere."""

from __future__ import annotations

import json
import random
from typing import Any

__all__ = ["damaged"]

_VALUES: tuple[Any, ...] = (None, "", 0, -1, 1.5, True, [], {}, "x", "2025-13-45", [None], {"a": []})


def damaged(document: bytes, chance: random.Random) -> bytes:
    """The document with one thing wrong; JSON documents mostly stay JSON."""
    kinds = [_cut, _empty, _garbled]
    if document[:1] in (b"{", b"["):
        kinds += [_other_value] * 5
    return chance.choice(kinds)(document, chance)


def _cut(document: bytes, chance: random.Random) -> bytes:
    return document[: chance.randrange(len(document) or 1)]


def _empty(document: bytes, chance: random.Random) -> bytes:
    return chance.choice((b"", b"null", b"[]", b"{}", b"<html></html>"))


def _garbled(document: bytes, chance: random.Random) -> bytes:
    changed = bytearray(document)
    for _ in range(min(len(changed), chance.randrange(1, 20))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _other_value(document: bytes, chance: random.Random) -> bytes:
    """One value of a JSON document replaced or removed, at any depth."""
    root = [json.loads(document)]
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [root]
    while waiting:
        value = waiting.pop()
        keys = list(value) if isinstance(value, dict) else range(len(value))
        for key in keys:
            places.append((value, key))
            if isinstance(value[key], dict | list):
                waiting.append(value[key])
    holder, key = chance.choice(places)
    if holder is not root and isinstance(holder, dict) and chance.random() < 0.4:
        del holder[key]
    else:
        holder[key] = chance.choice(_VALUES)
    return json.dumps(root[0]).encode()

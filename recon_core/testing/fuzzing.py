"""Damages documents as the world does: cut short, empty, garbled, or with another value somewhere."""

from __future__ import annotations

import json
import random
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

__all__ = ["Damage", "damaged", "texts_in"]

_VALUES: tuple[Any, ...] = (None, "", 0, -1, 1.5, True, [], {}, "x", "2025-13-45", [None], {"a": []})


@dataclass(frozen=True, slots=True)
class Damage:
    """A damaged document. ``lost``: it was cut or emptied, so that what it said cannot be told from it any more."""

    body: bytes
    lost: bool


def damaged(document: bytes, chance: random.Random) -> Damage:
    """The document with one thing wrong; JSON documents mostly stay JSON."""
    kinds = [_cut, _empty, _garbled]
    if document[:1] in (b"{", b"["):
        kinds += [_other_value] * 5
    kind = chance.choice(kinds)
    return Damage(kind(document, chance), kind in (_cut, _empty))


def texts_in(document: bytes) -> Container[str]:
    """What texts a document has: its values, if it is JSON, else every part of it."""
    try:
        waiting = [json.loads(document)]
    except (ValueError, RecursionError):
        return document.decode(errors="replace")
    texts: set[str] = set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            texts.add(str(value))
    return texts


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

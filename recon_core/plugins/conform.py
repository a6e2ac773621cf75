"""Checks values against the annotations of the API's dataclasses.

A plugin is somebody else's code: a list where a tuple was promised, or a number as text, must be named where it
enters and not surface as an odd error three steps later.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import re
import types
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from recon_core.text import shown, suggest
from recon_core.workspace import NAME

__all__ = [
    "FIELD_NAME",
    "InvalidError",
    "check_name",
    "check_type",
    "check_unique",
    "check_utc",
    "encodable",
    "listed",
]

FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
"""Names of grain columns, template fields and options."""


class InvalidError(Exception):
    """What a plugin returned is wrong; the message is a clause such as ``Source.name is 3, expected text``."""


def listed(names: Iterable[object]) -> str:
    """``'a', 'b' and 'c'``."""
    texts = [f"'{shown(name)}'" for name in names]
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def check_type(value: object, hint: Any, path: str) -> None:
    """Check a value, with all it holds, against a type annotation.

    Numbers must be finite, text must be encodable, and ``bool`` passes for neither ``int`` nor ``float``. Raises
    InvalidError naming the ``path`` of the first value that does not conform.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        _check_union(value, arguments, path)
    elif origin is Literal:
        if not isinstance(value, str) or value not in arguments:
            near = suggest(value, arguments) if isinstance(value, str) else ""
            raise InvalidError(f"{path} is {_brief(value)}, expected one of {listed(arguments)}{near}")
    elif origin is tuple:
        if not isinstance(value, tuple):
            raise _wrong(value, path, "a tuple")
        for index, element in enumerate(value):
            check_type(element, arguments[0], f"{path}[{index}]")
    elif origin is Mapping:
        _check_mapping(value, arguments, path)
    elif origin is Sequence:
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            raise _wrong(value, path, "a sequence")
    elif dataclasses.is_dataclass(hint):
        _check_dataclass(value, hint, path)
    else:
        _check_plain(value, hint, path)


def _check_union(value: object, arguments: tuple[Any, ...], path: str) -> None:
    if value is None and type(None) in arguments:
        return
    wanted = [argument for argument in arguments if argument is not type(None)]
    problem: InvalidError | None = None
    for argument in wanted:
        try:
            check_type(value, argument, path)
        except InvalidError as error:
            problem = problem or error
        else:
            return
    if len(wanted) == 1 and problem is not None:
        raise problem
    raise InvalidError(f"{path} is {_brief(value)}, expected {' or '.join(_word(argument) for argument in wanted)}")


def _check_mapping(value: object, arguments: tuple[Any, ...], path: str) -> None:
    if not isinstance(value, Mapping):
        raise _wrong(value, path, "a mapping")
    for key, element in value.items():
        check_type(key, arguments[0], f"a key of {path}")
        check_type(element, arguments[1], f"{path}[{_brief(key)}]")


def _check_dataclass(value: object, hint: Any, path: str) -> None:
    if not isinstance(value, hint):
        raise _wrong(value, path, f"{hint.__name__} of recon_core.api")
    for name, annotation in _annotations(hint).items():
        check_type(getattr(value, name), annotation, f"{path}.{name}")


@functools.cache
def _annotations(hint: type) -> dict[str, Any]:
    return get_type_hints(hint)


def _check_plain(value: object, hint: Any, path: str) -> None:
    if hint is datetime:
        check_utc(value, path)
        return
    if hint is float:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    elif hint is int:
        fits = isinstance(value, int) and not isinstance(value, bool)
    elif hint is date:
        fits = isinstance(value, date) and not isinstance(value, datetime)
    else:
        fits = isinstance(value, hint)
    if not fits:
        raise _wrong(value, path, _word(hint))
    if isinstance(value, str) and not encodable(value):
        raise InvalidError(f"{path} is {_brief(value)}, which has no UTF-8 form")


def encodable(text: str) -> bool:
    """Whether the text has a UTF-8 form, that is, no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_utc(value: object, path: str) -> None:
    """Check that a value is a ``datetime`` in UTC; raises InvalidError."""
    if not isinstance(value, datetime):
        raise InvalidError(f"{path} is {_brief(value)}, expected a datetime in UTC")
    if value.tzinfo is None:
        raise InvalidError(f"{path} is {_brief(value)} without a time zone, expected a datetime in UTC")
    offset = value.utcoffset()
    if offset is None or offset:
        raise InvalidError(f"{path} is {_brief(value)}, not in UTC: use .astimezone(datetime.UTC)")


def check_name(value: str, path: str, pattern: re.Pattern[str] = NAME) -> None:
    """Check a name; raises InvalidError naming the pattern."""
    if not pattern.fullmatch(value):
        raise InvalidError(f"{path} is {_brief(value)}, which does not match {pattern.pattern}")


def check_unique(values: Iterable[str], path: str) -> None:
    """Check that no text stands twice; raises InvalidError naming the first that does."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise InvalidError(f"{path} has {_brief(value)} twice")
        seen.add(value)


def _wrong(value: object, path: str, expected: str) -> InvalidError:
    return InvalidError(f"{path} is {_brief(value)}, expected {expected}")


_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", date: "a date without time"}


def _word(hint: Any) -> str:
    return _WORDS.get(hint) or str(getattr(hint, "__name__", hint))


def _brief(value: object) -> str:
    """A short, safe picture of a value of unknown type, whose own ``repr`` is not to be trusted."""
    if isinstance(value, str | int | float | date | None):
        text = str(value) if isinstance(value, date) else repr(value)
        return shown(text if len(text) <= 60 else text[:60] + "…")
    return f"of type {shown(type(value).__name__)}"

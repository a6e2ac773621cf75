"""A parsed file held to its JSON Schema: scalars read as the type that the key wants, errors in plain words."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from recon_core.api.errors import ConfigError
from recon_core.config.positions import NodePath, Problem, value_text
from recon_core.config.yaml_core import Document, parse, read_text
from recon_core.schemas import schema, validator
from recon_core.text import suggest

__all__ = ["first_problem", "read", "resolve_ref"]

_WORDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a mapping of keys",
    "string": "text",
}
_SHOWN_OPTIONS = 12


def read(path: Path, label: str, schema_name: str) -> tuple[Document, list[Problem]]:
    """Read a file and hold it to a schema; a file without content is an empty mapping.

    Returns the document, its scalars of the types that the schema wants, with all that is wrong in it, by line.
    Raises ConfigError when it cannot be parsed at all.
    """
    document = parse(read_text(path, label), label)
    top = schema(schema_name)
    data = _coerced(document.data if document.data is not None else {}, top, (), document, top)
    problems = list(document.problems)
    for error in validator(schema_name).iter_errors(data):
        problems += _problems(error, document)
    # A node that is wrong in itself, such as an alias, may break its key's rule too: the first message is the cause.
    unique: dict[tuple[int, str], Problem] = {}
    for problem in problems:
        unique.setdefault((problem.line, problem.path), problem)
    return Document(data, document.positions, document.texts), sorted(unique.values())


def first_problem(problems: list[Problem], label: str) -> ConfigError:
    """The error that loading raises: the first problem, and how to see the others."""
    text = problems[0].text(label)
    return ConfigError(text if len(problems) == 1 else f"{text} (and {len(problems) - 1} more: run `recon validate`)")


def resolve_ref(part: Mapping[str, Any], top: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that a ``#/$defs/...`` reference stands for; any other schema itself."""
    reference = part.get("$ref")
    return part if reference is None else top["$defs"][reference.rpartition("/")[2]]


def _types(part: Mapping[str, Any]) -> list[str]:
    kinds = part.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _coerced(value: Any, part: Mapping[str, Any], path: NodePath, document: Document, top: Mapping[str, Any]) -> Any:
    part = resolve_ref(part, top)
    if isinstance(value, dict):
        named = part.get("properties", {})
        others = part.get("additionalProperties") or {}
        return {key: _coerced(item, named.get(key, others), (*path, key), document, top) for key, item in value.items()}
    if isinstance(value, list):
        return [_coerced(item, part.get("items", {}), (*path, i), document, top) for i, item in enumerate(value)]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, _types(part), document.texts[path])
    return value


def _number(value: int | float, kinds: list[str], text: str) -> int | float | str:
    """A number as the type that its key wants: ``2024`` is a text where a text is wanted, ``25.0`` an integer."""
    if "integer" in kinds:
        whole = isinstance(value, float) and value.is_integer() and "number" not in kinds
        return int(value) if whole else value
    if "number" in kinds:
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return text if "string" in kinds else value


def _problems(error: Any, document: Document) -> Iterator[Problem]:
    """One schema violation as problems; an object's unknown keys are one each."""
    positions = document.positions
    path: NodePath = tuple(error.absolute_path)
    part: Mapping[str, Any] = error.schema
    if error.validator == "additionalProperties":
        known = list(part.get("properties", {}))
        for name in error.instance:
            if name not in known:
                yield positions.problem((*path, name), _unknown_key(name, known))
    elif "propertyNames" in list(error.absolute_schema_path):
        yield positions.problem((*path, error.instance), str(part.get("patternErrorMessage", "not a valid name")))
    elif error.validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                yield positions.problem(path, f"the key {name!r} is missing")
    elif error.validator == "uniqueItems":
        yield _repeated(error.instance, path, document)
    else:
        rewrite = _REWRITES.get(error.validator)
        message = rewrite(error, _shown(error.instance, path, document)) if rewrite else error.message
        yield positions.problem(path, message)


def _unknown_key(name: str, known: list[str]) -> str:
    if not known:
        return "unknown key; this version knows none here: remove it"
    near = suggest(name, known) or suggest(name.lower().replace("-", "_"), known)
    options = ", ".join(known[:_SHOWN_OPTIONS]) + (", …" if len(known) > _SHOWN_OPTIONS else "")
    return f"unknown key{near}" if near else f"unknown key; expected one of: {options}"


def _repeated(values: list[Any], path: NodePath, document: Document) -> Problem:
    position = next((i for i, value in enumerate(values) if value in values[:i]), len(values) - 1)
    here = (*path, position)
    return document.positions.problem(here, f"{_shown(values[position], here, document)} stands in the list twice")


def _shown(value: object, path: NodePath, document: Document) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return f"'{value_text(value)}'"
    text = document.texts.get(path, "")
    return value_text(text) if text else "an empty value"


def _type(error: Any, found: str) -> str:
    kinds = [kind for kind in _types(error.schema) if kind != "null"]
    if isinstance(error.instance, float) and not math.isfinite(error.instance) and {"number", "integer"} & set(kinds):
        return f"{found} is not a finite number"
    if kinds == ["string"] and isinstance(error.instance, bool):
        return f"{found} is not text: put it in quotes"
    words = [_WORDS[kind] for kind in kinds]
    return f"{found} is not {words[0]}" if len(words) == 1 else f"{found} is neither {' nor '.join(words)}"


def _enum(error: Any, found: str) -> str:
    options = [str(option) for option in error.validator_value]
    given = str(error.instance)
    folded = {option.casefold(): option for option in options}
    near = f" (did you mean {folded[given.casefold()]!r}?)" if given.casefold() in folded else suggest(given, options)
    return f"{found}: expected one of: {', '.join(options)}{near}"


def _pattern(error: Any, found: str) -> str:
    advice = error.schema.get("patternErrorMessage", f"expected text that matches {error.validator_value}")
    return f"{found}: {advice}"


_REWRITES: dict[str, Callable[[Any, str], str]] = {
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "minimum": lambda error, found: f"{found} is less than {json.dumps(error.validator_value)}",
    "maximum": lambda error, found: f"{found} is more than {json.dumps(error.validator_value)}",
    "exclusiveMinimum": lambda error, found: f"{found} is not more than {json.dumps(error.validator_value)}",
    "minLength": lambda error, found: "the text is empty",
    "maxLength": lambda error, found: f"the text is longer than {error.validator_value} characters",
    "minItems": lambda error, found: "the list is empty: name at least one, or remove the key",
    "minProperties": lambda error, found: "nothing stands in it: name at least one, or remove the key",
}

"""The JSON Schemas of every file that recon reads or writes; they lie in ``schemas/`` and in the wheel."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["SCHEMA_NAMES", "schema", "schema_path", "validate_document", "validator"]

SCHEMA_NAMES = (
    "adopted",
    "cycle_report",
    "data_inventory",
    "handover",
    "inventory_manifest",
    "last_run",
    "reconciliation_config",
    "scan_estimate",
    "schedule",
    "snapshot",
    "snapshot_diff",
    "task_queue",
)


def schema_path(name: str) -> Path:
    """Where the schema ``name`` lies: in the installed package, or in the checkout that it is installed from."""
    package = Path(__file__).parent
    candidates = [folder / f"{name}.schema.json" for folder in (package / "_schemas", package.parent / "schemas")]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(f"recon-core is installed without its schema {name!r}: {candidates[0]} is not there")


@functools.cache
def schema(name: str) -> dict[str, Any]:
    """The schema ``name`` (one of ``SCHEMA_NAMES``), to be read and not changed."""
    loaded: dict[str, Any] = json.loads(schema_path(name).read_text(encoding="utf-8"))
    return loaded


@functools.cache
def validator(name: str) -> Any:
    """A ``jsonschema`` validator of the schema ``name``.

    It differs from the library's in three points: a pattern's ``$`` is the end of the text, not also the place before
    a final newline; NaN and infinities are no numbers; and only true integers are integers.
    """
    from jsonschema import Draft202012Validator, ValidationError
    from jsonschema.validators import extend

    def pattern(_: Any, expected: str, instance: object, __: Any) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", expected), instance):
            yield ValidationError(f"{instance!r} does not match {expected!r}")

    def is_number(_: Any, instance: object) -> bool:
        if isinstance(instance, float):
            return math.isfinite(instance)
        return isinstance(instance, int) and not isinstance(instance, bool)

    checker = Draft202012Validator.TYPE_CHECKER.redefine("number", is_number).redefine(
        "integer", lambda _, instance: isinstance(instance, int) and not isinstance(instance, bool)
    )
    extended: Any = extend  # the library leaves this function untyped
    kind = extended(Draft202012Validator, {"pattern": pattern}, type_checker=checker)
    return kind(schema(name))


def validate_document(name: str, document: object) -> None:
    """Hold a document to the schema ``name``.

    Raises ValueError that lists every violation, a line each.
    """
    found = sorted(validator(name).iter_errors(document), key=lambda error: [str(part) for part in error.absolute_path])
    if found:
        raise ValueError("\n".join(f"{name}{error.json_path[1:]}: {error.message}" for error in found))

"""The options of a source: its plugin declares them, the inventory sets them, ``-o NAME=VALUE`` overrides for a run."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence

from recon_core.api.errors import ConfigError, UsageError
from recon_core.api.types import Option
from recon_core.config.inventory import OptionValue, SourceCoverage
from recon_core.config.positions import value_text
from recon_core.config.yaml_core import resolve_plain
from recon_core.text import shown, suggest

__all__ = ["parse_option", "resolve_options"]

_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def resolve_options(
    declared: Mapping[str, Option], coverage: SourceCoverage | None = None, given: Sequence[str] = ()
) -> dict[str, OptionValue]:
    """Every declared option by name: its default, else the inventory's value, else what ``-o`` says in ``given``.

    Raises ConfigError, with file and line, for what the inventory has wrong, and UsageError for ``given``.
    """
    values: dict[str, OptionValue] = {name: option.default for name, option in declared.items()}
    if coverage is not None:
        for name, value in coverage.options.items():
            where = coverage.where("options", name)
            if name not in declared:
                raise ConfigError(f"{where}: {_unknown(name, declared, coverage.name)}")
            try:
                values[name] = _typed(value, coverage.option_texts.get(name), declared[name])
            except ValueError as error:
                raise ConfigError(f"{where}: {error}") from None
    for text in given:
        name, value = parse_option(text, declared)
        values[name] = value
    return values


def parse_option(text: str, declared: Mapping[str, Option]) -> tuple[str, OptionValue]:
    """``NAME=VALUE`` of the command line as the declared type.

    Raises UsageError.
    """
    name, separator, value = text.partition("=")
    if not separator:
        raise UsageError(f"-o {value_text(text)}: expected NAME=VALUE")
    if name not in declared:
        raise UsageError(f"-o {shown(name)}: {_unknown(name, declared, None)}")
    try:
        resolved = resolve_plain(value)
        return name, _typed(value if resolved is None else resolved, value, declared[name])
    except ValueError as error:
        raise UsageError(f"-o {shown(name)}: {error}") from None


def _unknown(name: str, declared: Mapping[str, Option], source: str | None) -> str:
    owner = f"source {source!r}" if source else "the source"
    known = f"; it has {', '.join(sorted(declared))}" if declared else "; it has none"
    return f"{owner} has no such option{suggest(name, declared) or known}"


def _typed(value: OptionValue, text: str | None, option: Option) -> OptionValue:
    """The value as the type of the option's default; ``text`` is what was written, where the value is no text."""
    kind = type(option.default)
    if kind is str:
        return text if text is not None else str(value)
    if kind is type(value) and not (isinstance(value, float) and not math.isfinite(value)):
        return value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        with contextlib.suppress(OverflowError):
            return float(value)
    raise ValueError(f"'{value_text(text if text is not None else str(value))}' is not {_WORDS[kind]}")

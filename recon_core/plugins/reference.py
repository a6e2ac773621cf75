"""The reference of the plugin API, made from its docstrings; ``python -m recon_core.plugins.reference`` prints it."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
import textwrap
import typing
from collections.abc import Iterator
from typing import Any

from recon_core.api import HookSpecs, errors, hookspecs, types

__all__ = ["markdown"]

_INTRO = """\
# Plugin API

<!-- Made from recon_core/api by `python -m recon_core.plugins.reference`; change that, then this page anew. -->

Everything that a plugin imports is in `recon_core.api`; what its tests import is in `recon_core.testing`.
[Writing a plugin](plugins.md) says how the parts go together.
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join([_INTRO, *_hooks(), *_types(), *_errors()]).rstrip("\n") + "\n"


def _hooks() -> Iterator[str]:
    yield "## Hooks\n"
    yield _text(str(hookspecs.__doc__))
    for name, function in vars(HookSpecs).items():
        if name.startswith("recon_"):
            signature = inspect.signature(function)
            arguments = ", ".join(
                f"{parameter.name}: {parameter.annotation}" for parameter in list(signature.parameters.values())[1:]
            )
            yield f"### {name}\n"
            yield f"`{name}({arguments}) -> {signature.return_annotation}`\n"
            yield _text(str(function.__doc__))


def _types() -> Iterator[str]:
    yield "## Types\n"
    for name in types.__all__:
        kind = getattr(types, name)
        yield f"### {name}\n"
        if not inspect.isclass(kind):
            values = typing.get_args(kind) or (kind,)
            yield f"{', '.join(f'`{value!r}`' for value in values)}\n"
            continue
        yield _text(str(kind.__doc__))
        if dataclasses.is_dataclass(kind):
            yield "| field | type | default |\n| --- | --- | --- |"
            yield "\n".join(_field(field) for field in dataclasses.fields(kind)) + "\n"
        else:
            yield "\n".join(_members(kind)) + "\n"


def _field(field: dataclasses.Field[Any]) -> str:
    required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    kind = str(field.type).replace("|", "\\|")
    return f"| `{field.name}` | `{kind}` | {'required' if required else f'`{default!r}`'} |"


def _members(kind: type) -> Iterator[str]:
    """What a protocol offers."""
    for name, member in vars(kind).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            yield f"- `{name}: {inspect.signature(member.fget).return_annotation}`" if member.fget else f"- `{name}`"
        elif inspect.isfunction(member):
            signature = str(inspect.signature(member)).replace("self, ", "").replace("(self)", "()").replace("'", "")
            yield f"- `{name}{signature}`: {' '.join(str(inspect.getdoc(member)).split())}"


def _errors() -> Iterator[str]:
    yield "## Errors\n"
    yield _text(str(errors.__doc__))
    yield "| error | exit code | meaning |\n| --- | ---: | --- |"
    yield "\n".join(
        f"| `{name}` | {kind.exit_code} | {_literals(' '.join(str(kind.__doc__).split()))} |"
        for name in errors.__all__
        for kind in [getattr(errors, name)]
    )


def _text(docstring: str) -> str:
    """A docstring as Markdown: literals in single back quotes, and what is indented after ``::`` as Python."""
    text = inspect.cleandoc(docstring)

    def code(found: re.Match[str]) -> str:
        return f":\n\n```python\n{textwrap.dedent(found[1]).strip()}\n```"

    text = re.sub(r"::\n\n((?:[ ]{4}.*(?:\n|\Z)|\n)+)", code, text)
    return _literals(text) + "\n"


def _literals(text: str) -> str:
    return re.sub(r"``([^`\n]+)``", r"`\1`", text)


if __name__ == "__main__":
    sys.stdout.write(markdown())

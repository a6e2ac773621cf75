"""Key templates, naively: a list of parts, rendered by joining and parsed by one regular expression."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

Value = str | date


@dataclass(frozen=True)
class Hole:
    """A field of a template; ``form`` is the strftime form of a date field."""

    name: str
    form: str | None = None


@dataclass(frozen=True)
class Template:
    """A key template: literal texts and holes, and the patterns of its fields."""

    parts: tuple[str | Hole, ...]
    patterns: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The template as it is written in a file."""

        def written(part: str | Hole) -> str:
            if isinstance(part, str):
                return part.replace("{", "{{").replace("}", "}}")
            return "{" + part.name + (f":{part.form}" if part.form else "") + "}"

        return "".join(written(part) for part in self.parts)

    def under(self, prefix: str) -> Template:
        """The same template with a prefix before it."""
        return Template((prefix, *self.parts), self.patterns) if prefix else self

    @property
    def literal_prefix(self) -> str:
        """The text before the first hole."""
        texts: list[str] = []
        for part in self.parts:
            if isinstance(part, Hole):
                break
            texts.append(part)
        return "".join(texts)

    @property
    def fields(self) -> set[str]:
        """The names of the fields."""
        return {part.name for part in self.parts if isinstance(part, Hole)}

    def render(self, values: Mapping[str, Value]) -> str:
        """The key of these values."""
        texts = []
        for part in self.parts:
            if isinstance(part, str):
                texts.append(part)
                continue
            value = values[part.name]
            if isinstance(value, date):
                value = value.strftime(part.form) if part.form else value.isoformat()
            texts.append(value)
        return "".join(texts)

    def parse(self, key: str) -> dict[str, str] | None:
        """The values of a key, dates as ISO text; None where the key is not of this template."""
        expression, occurrences = "", dict[str, int]()
        for part in self.parts:
            if isinstance(part, str):
                expression += re.escape(part)
                continue
            number = occurrences[part.name] = occurrences.get(part.name, 0) + 1
            if part.form:
                # A date may be written in several places, each a part of it.
                expression += f"(?P<{part.name}_{number}>[0-9-]+)"
            elif number > 1:
                expression += f"(?P={part.name})"
            else:
                expression += f"(?P<{part.name}>(?:{self.patterns.get(part.name, '[^/]+')}))"
        found = re.fullmatch(expression, key, re.ASCII | re.DOTALL)
        if found is None:
            return None
        values = {name: found[name] for name in occurrences if name in found.groupdict()}
        for name in occurrences.keys() - values.keys():
            forms = [part.form or "" for part in self.parts if isinstance(part, Hole) and part.name == name]
            texts = [found[f"{name}_{number}"] for number in range(1, len(forms) + 1)]
            try:
                day = datetime.strptime("|".join(texts), "|".join(forms)).date()  # noqa: DTZ007
            except ValueError:
                return None
            if day.year < 1000 or [day.strftime(form) for form in forms] != texts:
                return None
            values[name] = day.isoformat()
        return values


def template(text: str, **patterns: str) -> Template:
    """Read ``a/{game_id}.json`` or ``a/{date:%Y%m%d}.json``; no escapes."""
    parts: list[str | Hole] = []
    for index, piece in enumerate(re.split(r"[{}]", text)):
        if index % 2:
            name, _, form = piece.partition(":")
            parts.append(Hole(name, form or None))
        elif piece:
            parts.append(piece)
    return Template(tuple(parts), patterns)

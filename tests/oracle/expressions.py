"""Rule expressions as trees: written as SQL text for the engine, evaluated with three values by the oracle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

Row = Mapping[str, Any]


class Expression(Protocol):
    """A boolean expression over the columns of a row."""

    def sql(self) -> str:
        """The expression as a user writes it."""
        ...

    def holds(self, row: Row) -> bool | None:
        """True, False, or None where SQL would say NULL."""
        ...


def literal(value: Any) -> str:
    """A literal in SQL."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, date):
        return f"'{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


@dataclass(frozen=True)
class Flag:
    """A boolean column by itself."""

    column: str

    def sql(self) -> str:
        return self.column

    def holds(self, row: Row) -> bool | None:
        value = row[self.column]
        return None if value is None else bool(value)


@dataclass(frozen=True)
class Column:
    """A column as the right-hand side of a comparison."""

    name: str


@dataclass(frozen=True)
class Compare:
    """A column against a literal or another column."""

    column: str
    operator: str
    other: Any

    def sql(self) -> str:
        other = self.other.name if isinstance(self.other, Column) else literal(self.other)
        return f"{self.column} {self.operator} {other}"

    def holds(self, row: Row) -> bool | None:
        left = row[self.column]
        right = row[self.other.name] if isinstance(self.other, Column) else self.other
        if left is None or right is None:
            return None
        return bool(
            {
                "=": left == right,
                "<>": left != right,
                "<": left < right,
                "<=": left <= right,
                ">": left > right,
                ">=": left >= right,
            }[self.operator]
        )


@dataclass(frozen=True)
class And:
    """Both."""

    left: Expression
    right: Expression

    def sql(self) -> str:
        return f"({self.left.sql()}) AND ({self.right.sql()})"

    def holds(self, row: Row) -> bool | None:
        values = (self.left.holds(row), self.right.holds(row))
        if False in values:
            return False
        return None if None in values else True


@dataclass(frozen=True)
class Or:
    """Either."""

    left: Expression
    right: Expression

    def sql(self) -> str:
        return f"({self.left.sql()}) OR ({self.right.sql()})"

    def holds(self, row: Row) -> bool | None:
        values = (self.left.holds(row), self.right.holds(row))
        if True in values:
            return True
        return None if None in values else False


@dataclass(frozen=True)
class Not:
    """The opposite."""

    inner: Expression

    def sql(self) -> str:
        return f"NOT ({self.inner.sql()})"

    def holds(self, row: Row) -> bool | None:
        value = self.inner.holds(row)
        return None if value is None else not value


@dataclass(frozen=True)
class In:
    """A column among literals."""

    column: str
    values: tuple[Any, ...]

    def sql(self) -> str:
        return f"{self.column} IN ({', '.join(literal(value) for value in self.values)})"

    def holds(self, row: Row) -> bool | None:
        value = row[self.column]
        return None if value is None else value in self.values


@dataclass(frozen=True)
class Between:
    """A column between two literals, inclusive."""

    column: str
    low: Any
    high: Any

    def sql(self) -> str:
        return f"{self.column} BETWEEN {literal(self.low)} AND {literal(self.high)}"

    def holds(self, row: Row) -> bool | None:
        value = row[self.column]
        return None if value is None else bool(self.low <= value <= self.high)


@dataclass(frozen=True)
class IsNull:
    """A column that has no value."""

    column: str
    negated: bool = False

    def sql(self) -> str:
        return f"{self.column} IS {'NOT ' if self.negated else ''}NULL"

    def holds(self, row: Row) -> bool | None:
        return (row[self.column] is None) != self.negated


@dataclass(frozen=True)
class Like:
    """A text column against a pattern of ``%`` and ``_``."""

    column: str
    pattern: str

    def sql(self) -> str:
        return f"{self.column} LIKE {literal(self.pattern)}"

    def holds(self, row: Row) -> bool | None:
        value = row[self.column]
        if value is None:
            return None
        expression = re.escape(self.pattern).replace("%", ".*").replace("_", ".")
        return re.fullmatch(expression, value, re.DOTALL) is not None


@dataclass(frozen=True)
class Always:
    """The literal TRUE."""

    def sql(self) -> str:
        return "TRUE"

    def holds(self, row: Row) -> bool | None:
        return True

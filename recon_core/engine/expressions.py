"""Rule expressions: a user's condition on gaps, checked and written anew as SQL.

The condition is parsed, walked against a list of what is allowed, type-checked, and rebuilt from the tree: no text of
the user's reaches the database other than as a quoted literal.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from recon_core.api import ConfigError
from recon_core.text import shown, suggest

__all__ = ["RULE_COLUMNS", "compile_rule"]

Type: TypeAlias = Literal["text", "number", "boolean", "date"]

Node: TypeAlias = Any
"""A node of sqlglot's tree, whose class has had other names in other versions."""

RULE_COLUMNS: Mapping[str, Type] = {
    "source": "text",
    "data_type": "text",
    "season": "text",
    "season_type": "text",
    "date": "date",
    "verdict": "text",
    "required": "boolean",
    "age_days": "number",
    "completeness": "number",
    "completeness_threshold": "number",
    "current_season": "boolean",
    "previous_season": "boolean",
    "home": "text",
    "away": "text",
    "size": "number",
}
"""The columns that a rule may use, with their types."""

MAX_LENGTH = 4000
MAX_DEPTH = 50

_ALLOWED = "a condition is made of columns, literals, comparisons, AND, OR, NOT, IN, BETWEEN, IS NULL and LIKE"
_TOKENS = frozenset(
    {"STRING", "NUMBER", "VAR", "IDENTIFIER", "DATE", "L_PAREN", "R_PAREN", "COMMA", "DASH"}
    | {
        "EQ",
        "NEQ",
        "LT",
        "LTE",
        "GT",
        "GTE",
        "AND",
        "OR",
        "NOT",
        "IN",
        "BETWEEN",
        "IS",
        "NULL",
        "TRUE",
        "FALSE",
        "LIKE",
    }
)
_COMPARISONS = {"eq": "=", "neq": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_EXAMPLES: Mapping[Type, str] = {"text": "'2024-25'", "number": "7", "boolean": "true", "date": "'2025-01-31'"}
_NUMBER = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,9}))?", re.ASCII)


def compile_rule(text: str, where: str) -> str:
    """The condition as SQL BOOLEAN over the columns ``RULE_COLUMNS``: never NULL, what is unknown does not match.

    ``where`` is the place that errors name, such as ``config/reconciliation_config.yaml:12: priorities.rules[0].when``.
    Raises ConfigError for text that is no condition, or holds anything that the list does not allow.
    """
    try:
        compiled = _condition(_parse(text))
    except _RuleError as error:
        raise ConfigError(f"{where}: {shown(error)}") from None
    except RecursionError:
        raise ConfigError(f"{where}: the condition is nested too deep") from None
    return f"coalesce({compiled}, false)"


class _RuleError(Exception):
    """What is wrong with a rule, without the place."""


def _parse(text: str) -> Node:
    if len(text) > MAX_LENGTH:
        raise _RuleError(f"the condition has {len(text)} characters, more than {MAX_LENGTH}")
    if not text.strip():
        raise _RuleError("the condition is empty; write true for one that always holds")
    from sqlglot import exp, parse_one
    from sqlglot.dialects.duckdb import DuckDB
    from sqlglot.errors import ParseError, SqlglotError

    try:
        _check_tokens(text, DuckDB().tokenize(text))
        return parse_one(text, dialect="duckdb", into=exp.Condition)
    except ParseError as error:
        found = error.errors[0].get("highlight") if error.errors else None
        near = f" near {found!r}" if found else ""
        raise _RuleError(f"{_short(text)} cannot be read{near}; {_ALLOWED}") from None
    except SqlglotError:
        raise _RuleError(f"{_short(text)} cannot be read: a quote or comment is not closed") from None


def _check_tokens(text: str, tokens: Sequence[Any]) -> None:
    """Refuse what no rule may hold before it is parsed: comments, several statements, casts, deep nesting."""
    depth = negations = 0
    for place, token in enumerate(tokens):
        kind = token.token_type.name
        if token.comments:
            raise _RuleError(f"{_short(text)} holds a comment; a condition has none")
        after = tokens[place + 1].token_type.name if place + 1 < len(tokens) else ""
        if after == "L_PAREN" and kind in {"VAR", "IDENTIFIER", "DATE"}:
            raise _RuleError(f"{token.text}(...) is a function, and functions cannot be used; {_ALLOWED}")
        if kind not in _TOKENS:
            raise _RuleError(f"{token.text!r} cannot be used; {_ALLOWED}")
        depth += (kind == "L_PAREN") - (kind == "R_PAREN")
        negations = negations + 1 if kind == "NOT" else 0
        if max(depth, negations) > MAX_DEPTH:
            raise _RuleError(f"the condition is nested more than {MAX_DEPTH} deep")


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:79]}…")


def _given(node: Node, *names: str) -> list[Any]:
    """The node's arguments of these names; refuses a node that has any other (an ESCAPE, a subquery, a table)."""
    extra = [name for name, value in node.args.items() if name not in names and value]
    if extra:
        raise _RuleError(f"{_text(node)} cannot be used here; {_ALLOWED}")
    return [node.args.get(name) for name in names]


def _text(node: Node) -> str:
    return _short(node.sql(dialect="duckdb"))


def _bare(node: Node) -> Node:
    while node.key == "paren":
        (node,) = _given(node, "this")
    return node


def _condition(node: Node) -> str:
    """SQL of a boolean expression, in parentheses where it has parts."""
    node = _bare(node)
    match node.key:
        case "and" | "or":
            return f"({f' {node.key.upper()} '.join(map(_condition, _chain(node)))})"
        case "not":
            (inner,) = _given(node, "this")
            return f"(NOT {_condition(inner)})"
        case "eq" | "neq" | "lt" | "lte" | "gt" | "gte":
            return _comparison(node)
        case "in":
            column, values, negated = _given(node, "this", "expressions", "negate")
            return _negated(negated, _among(node, column, values))
        case "between":
            column, low, high, negated = _given(node, "this", "low", "high", "negate")
            value, lowest, highest = _alike(node, [column, low, high], ordered=True)
            return _negated(negated, f"({value} BETWEEN {lowest} AND {highest})")
        case "like":
            column, pattern, negated = _given(node, "this", "expression", "negate")
            return _negated(negated, _like(node, column, pattern))
        case "is":
            column, null = _given(node, "this", "expression")
            if _bare(column).key != "column" or null.key != "null":
                raise _RuleError(f"{_text(node)}: IS is followed by NULL or NOT NULL, after a column")
            return f"({_operand(column).sql} IS NULL)"
    operand = _operand(node)
    if operand.type != "boolean":
        raise _RuleError(f"{_text(node)} is {_article(operand.type)}, where a condition is needed")
    return operand.sql


def _negated(negated: object, condition: str) -> str:
    return f"(NOT {condition})" if negated else condition


def _chain(node: Node) -> list[Node]:
    """The terms of ``a AND b AND c``, which is parsed as a tree leaning to the left."""
    key, terms = node.key, []
    while node.key == key:
        node, right = _given(node, "this", "expression")
        terms.append(right)
    return [node, *reversed(terms)]


def _comparison(node: Node) -> str:
    left, right = _given(node, "this", "expression")
    operator = _COMPARISONS[node.key]
    one, other = _alike(node, [left, right], ordered=operator not in ("=", "<>"))
    return f"({one} {operator} {other})"


def _among(node: Node, column: Node, values: list[Node] | None) -> str:
    if not values:
        raise _RuleError(f"{_text(node)}: after IN stand one or more literals in parentheses")
    value, *options = _alike(node, [column, *values], ordered=False)
    return f"({value} IN ({', '.join(options)}))"


def _like(node: Node, column: Node, pattern: Node) -> str:
    value, like = _operand(column), _operand(pattern)
    if value.type != "text" or like.type != "text" or like.literal is None:
        raise _RuleError(f"{_text(node)}: LIKE compares text with a pattern in single quotes")
    return f"({value.sql} LIKE {like.sql})"


@dataclass(frozen=True, slots=True)
class _Operand:
    """A column or literal; ``literal`` is a text literal's text."""

    sql: str
    type: Type
    literal: str | None = None


def _alike(node: Node, given: Iterable[Node], *, ordered: bool) -> list[str]:
    """SQL of operands that are compared with each other, which must be of one type."""
    operands = [_operand(operand) for operand in given]
    if any(operand.type == "date" for operand in operands):
        operands = [_as_date(operand) for operand in operands]
    types = list(dict.fromkeys(operand.type for operand in operands))
    if len(types) > 1:
        raise _RuleError(
            f"{_text(node)} compares {_article(types[0])} with {_article(types[1])}; "
            f"{_article(types[0])} is written like {_EXAMPLES[types[0]]}"
        )
    if ordered and types == ["boolean"]:
        raise _RuleError(f"{_text(node)}: true and false have no order; use = or <>")
    return [operand.sql for operand in operands]


def _operand(node: Node) -> _Operand:
    node = _bare(node)
    match node.key:
        case "column":
            return _column(node)
        case "literal":
            text, is_text = _given(node, "this", "is_string")
            return _Operand(_quoted(text), "text", text) if is_text else _Operand(_number(text), "number")
        case "neg":
            (inner,) = _given(node, "this")
            if inner.key == "literal" and not inner.args.get("is_string"):
                return _Operand(f"-{_number(inner.name)}", "number")
        case "boolean":
            (value,) = _given(node, "this")
            return _Operand("true" if value else "false", "boolean")
        case "cast":
            literal, target = _given(node, "this", "to")
            if literal.key == "literal" and literal.args.get("is_string") and target.sql() == "DATE":
                return _as_date(_Operand("", "text", literal.name))
        case "null":
            raise _RuleError("comparing with NULL is never true; write IS NULL or IS NOT NULL")
    raise _RuleError(f"{_text(node)} cannot be used as a value; {_ALLOWED}")


def _column(node: Node) -> _Operand:
    (identifier,) = _given(node, "this")
    if identifier.key != "identifier":
        raise _RuleError(f"{_text(node)} cannot be used; {_ALLOWED}")
    name, quoted = _given(identifier, "this", "quoted")
    column = name.lower()
    if column not in RULE_COLUMNS:
        hint = suggest(column, RULE_COLUMNS)
        if not hint:
            hint = "; text is written in single quotes" if quoted else f"; the columns are {', '.join(RULE_COLUMNS)}"
        raise _RuleError(f"there is no column {name!r}{hint}")
    return _Operand(f'"{column}"', RULE_COLUMNS[column])


def _as_date(operand: _Operand) -> _Operand:
    if operand.literal is None:
        return operand
    try:
        # fromisoformat alone would also take 20250131 and week dates, which a reader may take for something else.
        day = datetime.date.fromisoformat(operand.literal) if len(operand.literal) == 10 else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != operand.literal:
        raise _RuleError(f"{operand.literal!r} is no date; a date is written like '2025-01-31'")
    return _Operand(f"DATE '{operand.literal}'", "date")


def _number(text: str) -> str:
    """A number as SQL; fractions as DOUBLE, in which the columns that have fractions are."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise _RuleError(f"{text!r} is no number that can be used; write at most 15 digits, such as 7 or 0.95")
    whole, fraction = found.groups()
    return f"CAST({int(whole)}.{fraction} AS DOUBLE)" if fraction else str(int(whole))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _article(kind: Type) -> str:
    return {"text": "text", "number": "a number", "boolean": "a condition", "date": "a date"}[kind]

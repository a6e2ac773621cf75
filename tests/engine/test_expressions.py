"""Rule expressions: what is allowed means what SQL means, and nothing else gets through."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon_core.api import ConfigError
from recon_core.engine.expressions import RULE_COLUMNS, compile_rule
from recon_core.text import shown

Row = Mapping[str, object]
Value = Callable[[Row], object]

SQL_TYPES = {"text": "VARCHAR", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}
ROW: dict[str, object] = {
    "source": "espn",
    "data_type": "play_by_play",
    "season": "2024-25",
    "season_type": "regular",
    "date": date(2025, 1, 14),
    "verdict": "missing",
    "required": True,
    "age_days": 0.5,
    "completeness": 0.95,
    "completeness_threshold": 0.95,
    "current_season": True,
    "previous_season": False,
    "home": "LAL",
    "away": None,
    "size": 1024,
}


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def holds(database: duckdb.DuckDBPyConnection, rule: str, row: Row) -> object:
    """What DuckDB says of the compiled rule on a row."""
    types = {**{name: SQL_TYPES[kind] for name, kind in RULE_COLUMNS.items()}, "size": "BIGINT"}
    columns = ", ".join(f"CAST(? AS {types[name]}) AS {name}" for name in RULE_COLUMNS)
    query = f"SELECT {compile_rule(rule, 'here')} FROM (SELECT {columns})"
    found = database.execute(query, [row[name] for name in RULE_COLUMNS]).fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("true", True),
        ("required", True),
        ("not previous_season", True),
        ("SOURCE = 'espn' AND Season in ('2023-24', '2024-25')", True),
        ("\n  source = 'espn'\n  and required\n", True),
        ("source = 'ESPN'", False),
        ("source == 'espn' and source != 'x' and source <> 'y'", True),
        ("false and false or true", True),
        ("true or true and false", True),
        ("not false or true", True),
        ("not (false or true)", False),
        ("not source = 'x'", True),
        ("date = '2025-01-14'", True),
        ("date >= DATE '2025-01-14' and date < '2025-01-15'", True),
        ("'2025-01-13' < date", True),
        ("date between '2025-01-01' and '2025-01-14'", True),
        ("date not between '2025-01-01' and '2025-01-14'", False),
        ("date in ('2025-01-14')", True),
        ("age_days < 7", True),
        ("age_days > -1", True),
        ("completeness = 0.95", True),
        ("completeness < completeness_threshold", False),
        ("size between 1024 and 1024.5", True),
        ("size < 1024.5 and size > 1023.5", True),
        ("size < 123456789012345", True),
        ("home like 'L%'", True),
        ("home like 'l%'", False),
        ("home like 'L_L'", True),
        ("home not like 'L_L'", False),
        ("not home not like 'L_L'", True),
        ("home like 'L\\_L'", False),
        ("home not in ('BOS')", True),
        ("away = 'BOS'", False),
        ("not away = 'BOS'", False),
        ("away <> home", False),
        ("away not in ('BOS')", False),
        ("away is null", True),
        ("home is not null and not home is null", True),
        ("away = 'BOS' or required", True),
        ("required = true and current_season <> previous_season", True),
        ("required in (true)", True),
        ("\"home\" = 'LAL'", True),
        ("home = 'it''s'", False),
        ("((required))", True),
    ],
)
def test_a_rule_means_what_sql_means(database: duckdb.DuckDBPyConnection, rule: str, expected: bool) -> None:
    assert holds(database, rule, ROW) is expected


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("", "the condition is empty; write true for one that always holds"),
        (" \n", "the condition is empty"),
        ("required and " * 400 + "true", "the condition has 5204 characters, more than 4000"),
        ("(" * 51 + "true" + ")" * 51, "the condition is nested more than 50 deep"),
        ("not " * 51 + "true", "the condition is nested more than 50 deep"),
        ("sorce = 'espn'", "there is no column 'sorce' (did you mean 'source'?)"),
        ("zzz", "there is no column 'zzz'; the columns are source, data_type,"),
        ('season = "2024-25"', "there is no column '2024-25'; text is written in single quotes"),
        ("season = 2024", "'season = 2024' compares text with a number; text is written like '2024-25'"),
        ("age_days < '7'", "compares a number with text; a number is written like 7"),
        ("date > 5", "compares a date with a number; a date is written like '2025-01-31'"),
        ("date = home", "compares a date with text"),
        ("date > 'yesterday'", "'yesterday' is no date; a date is written like '2025-01-31'"),
        ("date > '20250101'", "'20250101' is no date"),
        ("date > '2025-02-30'", "'2025-02-30' is no date"),
        ("date > DATE '2025-W01-1'", "'2025-W01-1' is no date"),
        ("size in (1, 'a')", "compares a number with text"),
        ("required < true", "true and false have no order; use = or <>"),
        ("required between false and true", "true and false have no order"),
        ("date", "'date' is a date, where a condition is needed"),
        ("size or required", "'size' is a number, where a condition is needed"),
        ("not 'x'", "is text, where a condition is needed"),
        ("(size = 1) = required", "'size = 1' cannot be used as a value"),
        ("home = null", "comparing with NULL is never true; write IS NULL or IS NOT NULL"),
        ("home in ('a', null)", "comparing with NULL is never true"),
        ("null", "comparing with NULL is never true"),
        ("required is true", "IS is followed by NULL or NOT NULL, after a column"),
        ("1 is null", "IS is followed by NULL or NOT NULL, after a column"),
        ("home in ()", "after IN stand one or more literals in parentheses"),
        ("home in 'x'", "cannot be used"),
        ("home like source", "LIKE compares text with a pattern in single quotes"),
        ("date like '2025%'", "LIKE compares text with a pattern in single quotes"),
        ("home like 'a!%' escape '!'", "'escape' cannot be used"),
        ("home ilike 'x'", "'ilike' cannot be used; a condition is made of columns, literals, comparisons"),
        ("home similar to 'x'", "cannot be used"),
        ("home ~ 'x'", "'~' cannot be used"),
        ("home is not distinct from 'x'", "cannot be used"),
        ("lower(home) = 'lal'", "lower(...) is a function, and functions cannot be used"),
        ("date('2025-01-01') = date", "date(...) is a function"),
        ("cast('2025-01-01' as date) = date", "cast(...) is a function"),
        ("date = '2025-01-01'::date", "'::' cannot be used"),
        ("home = 'a' || 'b'", "'||' cannot be used"),
        ("home = 'a' 'b'", "cannot be used as a value"),
        ("size + 1 = 2", "'+' cannot be used"),
        ("size - 1 = 2", "'size - 1' cannot be used as a value"),
        ("-size = 2", "'-size' cannot be used as a value"),
        ("size > 1e5", "'1e5' is no number that can be used; write at most 15 digits, such as 7 or 0.95"),
        ("size > 1234567890123456", "is no number that can be used"),
        ("size in (select 1)", "'select' cannot be used"),
        ("exists (select 1)", "cannot be used"),
        ("case when required then true end", "'case' cannot be used"),
        ("required -- yes", "holds a comment; a condition has none"),
        ("required /* yes */", "holds a comment"),
        ("/* yes */ required", "holds a comment"),
        ("/* yes", "cannot be read"),
        ("required; drop table x", "';' cannot be used"),
        ("size = ?", "'?' cannot be used"),
        ("size = $1", "'$' cannot be used"),
        ("size = :a", "':' cannot be used"),
        ("*", "'*' cannot be used"),
        ("x -> x", "'->' cannot be used"),
        ("t.size = 1", "'.' cannot be used"),
        ("size[1] = 1", "'[' cannot be used"),
        ("'open", "cannot be read: a quote or comment is not closed"),
        ("required and", "'required and' cannot be read near 'and'"),
        ("(required", "cannot be read"),
        ("required)", "cannot be read"),
        ("required required", "cannot be read"),
        ("size between symmetric 1 and 2", "here: "),
        ("home = E'x'", "here: "),
        ("home = $$x$$", "here: "),
        ("home = X'00'", "here: "),
        ("home = 'a\x1b[31m' 'b'", "\\x1b[31m"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(rule: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compile_rule(rule, "here")
    text = str(caught.value)
    assert text.startswith("here: ")
    assert message in text
    assert "\n" not in text
    assert "\x1b" not in text


def test_text_of_the_user_reaches_the_database_as_a_literal_only(database: duckdb.DuckDBPyConnection) -> None:
    hostile = "'; DROP TABLE x; --"
    rule = f"home = '{hostile.replace(chr(39), chr(39) * 2)}'"
    assert holds(database, rule, ROW) is False
    assert holds(database, rule, {**ROW, "home": hostile}) is True


# A second reading of rules, for the property below: SQL's three values, None being unknown.


@dataclass(frozen=True)
class Rule:
    """A condition as a user writes it, and what it says of a row; ``loose`` binds weaker than NOT, AND and OR."""

    text: str
    says: Value
    loose: int = 0


def keyword(draw: st.DrawFn, text: str) -> str:
    return text.upper() if draw(st.booleans()) else text


def inside(rule: Rule, limit: int) -> str:
    return f"({rule.text})" if rule.loose > limit else rule.text


def negation(value: object) -> object:
    return None if value is None else not value


def conjunction(left: object, right: object) -> object:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "FALSE"
    if isinstance(value, int | float):
        return f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return "'" + str(value).replace("'", "''") + "'"


VALUES: dict[str, st.SearchStrategy[object]] = {
    "text": st.one_of(
        st.sampled_from(["espn", "LAL", "a", "A", "", "it's", "100%", "a_b", "é", "😀", "a\nb", "\\"]),
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4),
    ),
    "number": st.one_of(
        st.integers(-3, 3),
        st.sampled_from([0.95, 0.1, 0.3, -0.5, 1.5]),
        st.integers(0, 10**9).map(lambda thousandths: thousandths / 1000),
    ),
    "boolean": st.booleans(),
    "date": st.dates(date(2024, 12, 30), date(2025, 1, 2)),
}
OPERATORS: dict[str, Callable[[object, object], object]] = {
    "=": operator.eq,
    "==": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@st.composite
def operands(draw: st.DrawFn, kind: str, *, column: bool | None = None) -> tuple[str, Value]:
    """The text and the value of a column or literal of one type."""
    if column or (column is None and draw(st.booleans())):
        name = draw(st.sampled_from([name for name, of in RULE_COLUMNS.items() if of == kind]))
        text = draw(st.sampled_from([name, name.upper(), f'"{name}"', f"({name})"]))
        return text, lambda row: row[name]
    value = draw(VALUES[kind])
    text = f"DATE {written(value)}" if kind == "date" and draw(st.booleans()) else written(value)
    return text, lambda row: value


def compared(symbol: str, left: Value, right: Value) -> Value:
    def says(row: Row) -> object:
        one, other = left(row), right(row)
        return None if one is None or other is None else OPERATORS[symbol](one, other)

    return says


@st.composite
def predicates(draw: st.DrawFn) -> Rule:
    kind = draw(st.sampled_from(sorted(VALUES)))
    text, value = draw(operands(kind, column=True))
    negated = draw(st.booleans())
    no = keyword(draw, "not ") if negated else ""
    form = draw(st.sampled_from(["compare", "in", "between", "null", "like", "flag"]))
    if form == "flag":
        text, value = draw(operands("boolean"))
        return Rule(text, value)
    if form == "null":
        return Rule(
            f"{text} {keyword(draw, 'is')} {no}{keyword(draw, 'null')}", lambda row: (value(row) is None) != negated
        )
    if form == "in":
        options = draw(st.lists(operands(kind, column=False), min_size=1, max_size=3))
        listed = ", ".join(option for option, _ in options)

        def among(row: Row) -> object:
            found = value(row)
            return None if found is None else (found in [option(row) for _, option in options]) != negated

        return Rule(f"{text} {no}{keyword(draw, 'in')} ({listed})", among)
    if form == "like" and kind == "text":
        pattern = draw(st.text(st.sampled_from("aLe%_\\'é"), max_size=4))
        expression = re.escape(pattern).replace("%", ".*").replace("_", ".")

        def like(row: Row) -> object:
            found = value(row)
            return None if found is None else bool(re.fullmatch(expression, str(found), re.DOTALL)) != negated

        return Rule(f"{text} {no}{keyword(draw, 'like')} {written(pattern)}", like)
    if form == "between" and kind != "boolean":
        (low, lowest), (high, highest) = draw(operands(kind)), draw(operands(kind))

        def between(row: Row) -> object:
            found = conjunction(compared(">=", value, lowest)(row), compared("<=", value, highest)(row))
            return negation(found) if negated else found

        return Rule(f"{text} {no}{keyword(draw, 'between')} {low} {keyword(draw, 'and')} {high}", between)
    other_text, other = draw(operands(kind))
    symbol = draw(st.sampled_from(["=", "==", "<>", "!="] if kind == "boolean" else sorted(OPERATORS)))
    if draw(st.booleans()):
        return Rule(f"{text} {symbol} {other_text}", compared(symbol, value, other))
    return Rule(f"{other_text}{symbol}{text}", compared(symbol, other, value))


def combined(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    @st.composite
    def build(draw: st.DrawFn) -> Rule:
        form = draw(st.sampled_from(["not", "and", "or"]))
        left = draw(inner)
        if form == "not":
            return Rule(f"{keyword(draw, 'not')} {inside(left, 1)}", lambda row: negation(left.says(row)), 1)
        right = draw(inner)
        if form == "and":
            text = f"{inside(left, 2)} {keyword(draw, 'and')} {inside(right, 2)}"
            return Rule(text, lambda row: conjunction(left.says(row), right.says(row)), 2)

        def either(row: Row) -> object:
            return negation(conjunction(negation(left.says(row)), negation(right.says(row))))

        return Rule(f"{left.text} {keyword(draw, 'or')} {right.text}", either, 3)

    return build()


RULES = st.recursive(predicates(), combined, max_leaves=8)
ROWS = st.fixed_dictionaries(
    {name: st.none() | (st.integers(0, 3) if name == "size" else VALUES[kind]) for name, kind in RULE_COLUMNS.items()}
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RULES, st.lists(ROWS, min_size=1, max_size=3))
def test_a_compiled_rule_matches_where_it_is_true(
    database: duckdb.DuckDBPyConnection, rule: Rule, rows: list[dict[str, object]]
) -> None:
    for row in rows:
        assert holds(database, rule.text, row) is (rule.says(row) is True), rule.text


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([*RULE_COLUMNS, "and", "or", "not", "in", "(", ")", ",", "=", "<", "like", "is", "null"]),
            st.sampled_from(
                ["between", "'x'", "1", "-", "select", "from", "date '2025-01-01'", "::", ";", "case", "."]
            ),
            st.text(max_size=3),
        ),
        max_size=10,
    ).map(" ".join)
)
def test_any_text_gives_a_condition_or_a_sentence(database: duckdb.DuckDBPyConnection, text: str) -> None:
    try:
        message, result = "here: ", holds(database, text, ROW)
    except ConfigError as error:
        message, result = str(error), False
    assert message.startswith("here: ")
    assert shown(message) == message
    assert result in (True, False)

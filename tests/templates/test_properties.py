"""Rendering and parsing are inverse, and SQL agrees with Python on any key."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.random_templates import CHARACTERS, Drawn, patterns, templates

from recon_core.api import ConfigError
from recon_core.templates import KeyTemplate, key_shape, sql_key_shape
from recon_core.templates.patterns import parse_pattern, regex, width

many = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TEXTS = st.text(CHARACTERS, max_size=12)
ODD_KEYS = [
    "",
    "\0",
    "a\0b",
    "\n",
    "a\n",
    "'",
    "''",
    "%",
    "\\",
    "\\z",
    "é",
    "e\u0301",
    "👩‍👩‍👧",
    "/",
    "//",
    "a/b",
    "٣",
    "$",
    "{a}",
    "NULL",
]


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@st.composite
def keys_near(draw: st.DrawFn, drawn: Drawn) -> list[str]:
    """Keys of the template, and keys that are almost so."""
    found = list(ODD_KEYS)
    rendered = [drawn.template.render(draw(drawn.values())) for _ in range(4)]
    for key in rendered:
        found.append(key)
        at = draw(st.integers(0, len(key)))
        inserted = draw(st.one_of(TEXTS, st.sampled_from(["\n", "/", "0", "a", "é", "\0"])))
        found += [key[:at] + inserted + key[at:], key[:at] + key[at + 1 :], key[:at] + inserted, key + "\n", "\n" + key]
        # A day that no calendar has, a year before 1000, occurrences that disagree.
        digits = [place for place, char in enumerate(key) if char.isdigit()]
        if digits:
            place = draw(st.sampled_from(digits))
            found += [key[:place] + digit + key[place + 1 :] for digit in "012359"]
    return [*found, draw(TEXTS)]


@many
@given(st.data())
def test_parsing_what_was_rendered_gives_the_values_back(data: st.DataObject) -> None:
    drawn = data.draw(templates())
    for _ in range(5):
        values = data.draw(drawn.values())
        key = drawn.template.render(values)
        assert key.startswith(drawn.template.literal_prefix)
        assert drawn.template.parse(key) == values


@many
@given(st.data())
def test_a_key_is_recognised_only_if_rendering_gives_it_back(data: st.DataObject) -> None:
    drawn = data.draw(templates())
    for key in data.draw(keys_near(drawn)):
        values = drawn.template.parse(key)
        assert values is None or drawn.template.render(values) == key


@many
@given(st.data())
def test_sql_reads_every_key_as_python_does(database: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    drawn = data.draw(templates())
    template = drawn.template
    keys = data.draw(keys_near(drawn))
    fields = ", ".join(f"CASE WHEN matched THEN {template.sql_field(name, 'key')} END" for name in template.fields)
    rows = database.execute(
        f"SELECT key, matched, {fields} FROM "
        f"(SELECT key, {template.sql_match('key')} AS matched FROM (SELECT unnest(?) AS key))",
        [keys],
    ).fetchall()
    assert sorted(row[0] for row in rows) == sorted(keys)
    for key, matched, *values in rows:
        parsed = template.parse(key)
        assert matched == (parsed is not None), key
        assert values == (list(parsed.values()) if parsed else [None] * len(template.fields))
    where = database.execute(
        f"SELECT key FROM (SELECT unnest(?) AS key) WHERE {template.sql_match('key')} ORDER BY key", [keys]
    ).fetchall()
    assert [key for (key,) in where] == sorted(key for key in keys if template.parse(key) is not None)


@many
@given(st.data())
def test_sql_writes_every_key_as_python_does(database: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    drawn = data.draw(templates())
    template = drawn.template
    rows = [data.draw(drawn.values()) for _ in range(4)]
    # Values that no key can hold: render refuses exactly those that sql_accepts is false for.
    rows += [{name: data.draw(st.one_of(TEXTS, st.just("2023-02-29"))) for name in template.fields} for _ in range(4)]
    columns = {name: f"c{place}" for place, name in enumerate(template.fields)}
    found = database.execute(
        f"SELECT {template.sql_accepts(columns)}, {template.sql_render(columns)} FROM "
        f"(SELECT {', '.join(f'unnest(?) AS {column}' for column in columns.values())})",
        [[row[name] for row in rows] for name in template.fields],
    ).fetchall()
    for row, (accepted, key) in zip(rows, found, strict=True):
        try:
            assert template.render(row) == key
        except ConfigError:
            assert not accepted
        else:
            assert accepted


@many
@given(patterns(), st.lists(TEXTS, max_size=5), st.data())
def test_a_pattern_means_what_python_and_duckdb_take_it_for(
    database: duckdb.DuckDBPyConnection, pattern: str, texts: list[str], data: st.DataObject
) -> None:
    try:
        node = parse_pattern(pattern)
    except ConfigError:
        return
    strategy = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True, alphabet=CHARACTERS)
    matching = [data.draw(strategy) for _ in range(4)]
    texts = [*texts, *matching, *(text[:-1] for text in matching), *(text + "0" for text in matching), *ODD_KEYS]
    found = database.execute(
        "SELECT text, regexp_full_match(text, ?), regexp_full_match(text, ?) FROM (SELECT unnest(?) AS text)",
        [pattern, regex(node), texts],
    ).fetchall()
    for text, as_given, as_written_anew in found:
        matches = re.fullmatch(pattern, text, re.ASCII) is not None
        assert (as_given, as_written_anew) == (matches, matches), text
        assert (re.fullmatch(regex(node), text, re.ASCII) is not None) == matches
        assert not matches or (text and width(node) in (None, len(text)))


@many
@given(st.lists(st.one_of(TEXTS, st.text("0123456789abcdefABCDEF-/.", min_size=20, max_size=250)), min_size=1))
def test_shapes_are_the_same_in_sql(database: duckdb.DuckDBPyConnection, keys: list[str]) -> None:
    keys = [*keys, *ODD_KEYS, "é9" * 150, "0f" * 16, "12345678-1234-abcd-ABCD-1234567890ab.csv"]
    rows = database.execute(f"SELECT key, {sql_key_shape('key')} FROM (SELECT unnest(?) AS key)", [keys]).fetchall()
    assert len(rows) == len(keys)
    for key, shape in rows:
        assert shape == key_shape(key)


def test_the_largest_pattern_compiles_in_duckdb(database: duckdb.DuckDBPyConnection) -> None:
    template = KeyTemplate.compile("{a}/x", {"a": "[^/]{1,1000}"})
    key = "é" * 1000 + "/x"
    row = database.execute(
        f"SELECT {template.sql_match('k')}, {template.sql_field('a', 'k')} FROM (SELECT ? AS k)", [key]
    )
    assert row.fetchone() == (True, "é" * 1000)
    assert template.parse("é" + key) is None

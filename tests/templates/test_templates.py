"""Key templates by example: what they read and write, and what is refused with which words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from recon_core.api import ConfigError
from recon_core.templates import KeyTemplate, escape, key_shape


@pytest.mark.parametrize(
    ("text", "patterns", "key", "values"),
    [
        ("espn_pbp/{game_id}.json", {"game_id": "[0-9]+"}, "espn_pbp/401704627.json", {"game_id": "401704627"}),
        ("pbp/{game_id}.json", {}, "pbp/any text.json", {"game_id": "any text"}),
        ("schedule/{date:%Y%m%d}.json", {}, "schedule/20241015.json", {"date": "2024-10-15"}),
        ("{date:%Y}/{date:%m}/{date:%d}.json", {}, "2024/02/29.json", {"date": "2024-02-29"}),
        ("{date:%Y/%m/%d}", {}, "2024/02/29", {"date": "2024-02-29"}),
        ("{date:%d.%m.%Y %%}", {}, "29.02.2024 %", {"date": "2024-02-29"}),
        ("{date:%Y}/{date:%Y%m%d}", {}, "2024/20241231", {"date": "2024-12-31"}),
        ("y={season}/{season}-{id}", {"season": "[0-9]{4}"}, "y=2024/2024-a-b", {"season": "2024", "id": "a-b"}),
        ("pbp/{end_year}/{game_id}_pbp.json", {"end_year": r"\d{4}", "game_id": r"\d{9}[A-Z]{3}"},
         "pbp/2024/202310240DEN_pbp.json", {"end_year": "2024", "game_id": "202310240DEN"}),
        ("{season}/{team}-{date:%Y%m%d}.json", {}, "2024/a-b-20240101.json",
         {"season": "2024", "team": "a-b", "date": "2024-01-01"}),
        ("{{{a}}}/{{", {}, "{x}/{", {"a": "x"}),
        ("plain.json", {}, "plain.json", {}),
        ("é/{a}", {}, "é/é\n", {"a": "é\n"}),
    ],
)  # fmt: skip
def test_reads_and_writes(text: str, patterns: dict[str, str], key: str, values: dict[str, str]) -> None:
    template = KeyTemplate.compile(text, patterns)
    assert template.parse(key) == values
    assert template.render(values) == key
    assert template.fields == tuple(values)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{date:%Y%m%d}", "20240230"),
        ("{date:%Y%m%d}", "20230229"),
        ("{date:%Y%m%d}", "19000229"),
        ("{date:%Y%m%d}", "09991231"),
        ("{date:%Y%m%d}", "2024011"),
        ("{date:%Y%m%d}", "20241301"),
        ("{date:%Y%m%d}", "２０２４０１０１"),
        ("{date:%Y%m%d}", "20240101\n"),
        ("{date:%Y}/{date:%Y%m%d}", "2023/20241231"),
        ("{a}/{a}", "x/y"),
        ("pbp/{a}.json", "pbp/.json"),
        ("pbp/{a}.json", "pbp/x/y.json"),
        ("pbp/{a}.json", "pbp/xZjson"),
        ("pbp/{a}.json", "PBP/x.json"),
        ("pbp/{a}.json", "pbp/x.json\n"),
        ("plain.json", "plain.json2"),
    ],
)
def test_does_not_recognise(text: str, key: str) -> None:
    assert KeyTemplate.compile(text, {}).parse(key) is None


def test_literal_prefix_is_what_every_key_begins_with() -> None:
    assert KeyTemplate.compile("a{{b/{x}/c", {}).literal_prefix == "a{b/"
    assert KeyTemplate.compile("{x}/c", {}).literal_prefix == ""
    assert KeyTemplate.compile("%/x{date:-%Y%m%d}", {}).literal_prefix == "%/x-"


def test_templates_of_one_text_and_pattern_are_equal_and_hashable() -> None:
    one, same = (KeyTemplate.compile("{a}/{b}", {"a": "[0-9]+"}) for _ in range(2))
    assert len({one, same}) == 1
    assert one != KeyTemplate.compile("{a}/{b}", {"a": "[0-8]+"})


def test_an_escaped_prefix_stands_for_itself() -> None:
    assert KeyTemplate.compile(escape("{raw}/") + "{a}", {}).parse("{raw}/x") == {"a": "x"}


def test_renders_dates_and_times_of_day_as_the_date() -> None:
    template = KeyTemplate.compile("{date:%Y%m%d}/{day}", {})
    values = {"date": datetime(2024, 1, 2, 23, tzinfo=UTC), "day": date(2024, 1, 2), "other": "unused"}
    assert template.render(values) == "20240102/2024-01-02"
    assert (template.is_date("date"), template.is_date("day")) == (True, False)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"d": "2024-01-01"}, "key template 'x/{a}/{d:%Y%m%d}': field 'a' has no value"),
        (
            {"a": "y", "d": "2024-01-01"},
            "key template 'x/{a}/{d:%Y%m%d}': field 'a' cannot be 'y': it must match [0-9]+",
        ),
        ({"a": "1", "d": "2024-02-30"}, "field 'd' cannot be '2024-02-30': it must be a date such as 2025-01-31"),
        ({"a": "1", "d": "20240201"}, "field 'd' cannot be '20240201'"),
        ({"a": "1", "d": date(999, 1, 1)}, "field 'd' cannot be '0999-01-01'"),
    ],
)
def test_refuses_values_whose_key_would_not_be_recognised(values: dict[str, str | date], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        KeyTemplate.compile("x/{a}/{d:%Y%m%d}", {"a": "[0-9]+"}).render(values)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "key template '': it is empty"),
        ("a" * 1025, "it is longer than 1024 characters"),
        ("a\n{b}", "it holds a control character"),
        ("a/{b", "the '{' at character 3 is not closed; write '{{' for the character"),
        ("a/b}", "the '}' at character 4 closes nothing; write '}}' for the character"),
        ("{a{b}}", "a second '{' before the one at character 1 is closed"),
        ("{}", "{}: a field's name is made of ASCII letters, digits and underscores"),
        ("{game id}", "{game id}: a field's name"),
        ("{a!r}", "{a!r}: a field's name"),
        ("{é}", "{é}: a field's name"),
        ("{1a}", "{1a}: a field's name"),
        ("{date:%Y%m%d%H}", "{date:%Y%m%d%H}: only %Y, %m and %d are known, not '%H'"),
        ("{date:%Y%m%d%}", "only %Y, %m and %d are known, not '%'"),
        ("{n:05d}", "{n:05d}: after the colon stand %Y, %m and %d; a text field's pattern is given apart"),
        ("{n:}", "{n:}: after the colon stand %Y, %m and %d"),
        ("{date:%Y}/{id}", "date field 'date' lacks %m and %d, so a key would not say the day"),
        ("{date}/{date:%Y%m%d}", "field 'date' is used both as a date and as text"),
        ("{a}{b}", "the key '000' could be read as a='00' b='0' and as a='0' b='00'; put a separator between"),
        ("{a}_{b}.json", "the key '0__0.json' could be read as"),
        ("{season}/{season}_{id}", "could be read as"),
        ("{n}{date:%Y%m%d}{m}", "could be read as"),
    ],
)
def test_refuses_templates_with_a_sentence(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        KeyTemplate.compile(text, {})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_fields_side_by_side_are_fine_where_their_patterns_part_them() -> None:
    template = KeyTemplate.compile("{team}{number}", {"team": "[A-Z]+", "number": "[0-9]+"})
    assert template.parse("LAL007") == {"team": "LAL", "number": "007"}
    fixed = KeyTemplate.compile("{team}{rest}", {"team": r"\w{3}"})
    assert fixed.parse("LALx") == {"team": "LAL", "rest": "x"}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "pattern '': it is empty; leave it out for any text without a slash"),
        ("a" * 501, "it is longer than 500 characters"),
        ("é", "pattern 'é' at character 1: only printable ASCII characters may be used"),
        ("a\n", "only printable ASCII characters may be used"),
        (".+", "pattern '.+' at character 1: '.' is not supported"),
        ("^a", "no anchor is needed"),
        ("a$", "at character 2: no anchor is needed"),
        ("(a)", "only groups written (?:...) are supported"),
        ("(?=a)b", "only groups written (?:...) are supported"),
        ("(?i:a)", "only groups written (?:...) are supported"),
        ("(?:a", "at character 1: this group is not closed"),
        ("a)", "at character 2: this ')' closes nothing"),
        ("(?:)", "an alternative or group is empty"),
        ("a|", "an alternative or group is empty"),
        ("[abc", "at character 1: this set is not closed"),
        ("[]", "this set is empty"),
        ("[[:alpha:]]", "write \\[ for a bracket in a set"),
        ("[z-a]", "this is no range from a lower to a higher character"),
        (r"[\d-z]", "this is no range"),
        (r"\b", r"'\b' is not supported; of letters only \d and \w"),
        (r"a\s", r"'\s' is not supported"),
        (r"\1", r"'\1' is not supported"),
        ("a\\", "'\\' is not supported"),
        ("+a", "nothing stands before '+' that could be repeated"),
        ("a+?", "a second quantifier; lazy and possessive ones are not supported"),
        ("a++", "a second quantifier"),
        ("a{,3}", "a repetition is written {3}, {3,} or {3,5}"),
        ("a{x}", "a repetition is written"),
        ("a{3", "a repetition is written"),
        ("a{3,2}", "a repetition of 3 to 2 times"),
        ("a{0}", "a repetition of 0 to 0 times"),
        ("a{1001}", "this stands for more than 1000 characters in a row"),
        ("(?:a{100}){11}", "this stands for more than 1000 characters in a row"),
        ("a{600}b{600}", "it stands for more than 1000 characters in a row"),
        ("(?:a*)+", "this repeats something that may be empty"),
        ("(?:a+)+", "this repeats without limit what is already repeated without limit"),
        ("a*", "it matches the empty text, and a field of a key is never empty"),
        ("a|b?", "it matches the empty text"),
        ("(?:" * 21 + "a" + ")" * 21, "groups are nested more than 20 deep"),
    ],
)
def test_refuses_patterns_with_a_sentence(pattern: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        KeyTemplate.compile("x/{a}", {"a": pattern})
    assert message in str(caught.value)
    assert "field 'a': pattern" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_patterns_of_fields_that_a_template_does_not_use_are_not_looked_at() -> None:
    assert KeyTemplate.compile("{a}", {"b": "("}).fields == ("a",)


def test_refuses_fields_too_long_to_compare() -> None:
    with pytest.raises(ConfigError, match="its fields stand for more than 1000 characters in a row"):
        KeyTemplate.compile("{a}/{b}", {"a": "x{600}", "b": "y{600}"})
    with pytest.raises(ConfigError, match="too intricate to show that a key has one reading"):
        KeyTemplate.compile("{a}{b}", {"a": "(?:x{400})+", "b": "(?:x{401})+"})


def test_sql_of_an_unknown_field_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        KeyTemplate.compile("{a}", {}).sql_field("b", "key")


@pytest.mark.parametrize(
    ("key", "shape"),
    [
        ("raw/espn/pbp/401704627.json", "raw/espn/pbp/{digits}.json"),
        ("schedule/2024-10-15.json", "schedule/{digits}-{digits}-{digits}.json"),
        ("athena-results/8f14e45f-ceea-467f-ab3e-0123456789ab.csv.metadata", "athena-results/{uuid}.csv.metadata"),
        ("cache/d41d8cd98f00b204e9800998ecf8427e", "cache/{hex}"),
        ("pbp/2024/202310240DEN_pbp.json", "pbp/{digits}/{digits}DEN_pbp.json"),
        ("٣/x", "٣/x"),
        ("", ""),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 200 + "…"),
    ],
)
def test_shapes(key: str, shape: str) -> None:
    assert key_shape(key) == shape

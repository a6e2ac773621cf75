"""Templates of two datasets that can match one key are found, with such a key; others are not."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.random_templates import templates

from recon_core.api import ConfigError
from recon_core.templates import KeyTemplate, find_ambiguity

PATTERNS = {"digits": "[0-9]+", "year": "[0-9]{4}", "team": "[A-Z]{3}", "hex": "[0-9a-f]+", "rare": "[0-9a]+"}
PATTERNS |= {"early": "0[23]", "late": "29|3[01]", "short": "[a-c]{1,3}", "maybe": "-[a-c]{0,2}"}


def compiled(text: str) -> KeyTemplate:
    return KeyTemplate.compile(text, PATTERNS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pbp/{digits}.json", "box/{digits}.json"),
        ("pbp/{digits}.json", "pbp/{digits}.csv"),
        ("pbp/{a}.json", "pbp/{a}/x.json"),
        ("{team}/{digits}", "{digits}/{team}"),
        ("schedule/{date:%Y%m%d}.json", "schedule/{digits}_{team}.json"),
        ("schedule/{date:%Y%m%d}.json", "schedule/{year}.json"),
        ("schedule/{date:%Y%m%d}.json", "schedule/20240230.json"),
        ("{date:%Y}/{date:%m}/{date:%d}", "2024/04/31"),
        ("{year}/{year}_x", "2023/2024_x"),
        ("{a}/{a}", "x/y"),
        ("x/{short}", "x/abcd"),
        ("x/{maybe}", "x/-aaa"),
        ("{date:%d%m%Y}", "{late}021900"),
        ("{date:%d%m%Y}", "290219{digits}7"),
        ("espn_play_by_play/{digits}.json", "espn_box_scores/{digits}.json"),
    ],
)
def test_templates_without_a_common_key(one: str, other: str) -> None:
    assert find_ambiguity([("one", compiled(one)), ("other", compiled(other))]) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pbp/{digits}.json", "pbp/{a}.json"),
        ("{a}/{b}.json", "pbp/{digits}.json"),
        ("schedule/{date:%Y%m%d}.json", "schedule/{digits}.json"),
        ("{date:%Y%m%d}", "{day:%d%m%Y}"),
        ("{date:%Y%m%d}", "{year}02{b}"),
        ("{date:%Y%m%d}", "20{digits}29"),
        ("{date:%Y}/{date:%Y%m%d}", "2024/{digits}"),
        ("{date:%Y}/{date:%Y%m%d}", "{digits}/2024{b}"),
        ("{year}/{year}_{digits}", "{digits}/2024_{a}"),
        ("{year}/{year}_{digits}", "2024/{a}"),
        ("{a}/{a}", "{rare}/{hex}"),
        ("{a}/{a}", "{rare}/5a5"),
        ("{a}/{a}/{b}/{b}", "{c}/x1/{d}/y2"),
        ("{hex}é/{a}", "{b}/'"),
        ("{date:%d%m%Y}", "30{early}{year}"),
        ("{date:%d%m%Y}", "{late}02{year}"),
        ("{date:%d%m%Y}", "290219{digits}"),
        ("x/{short}", "x/a"),
        ("x/{short}", "x/abc"),
        ("x/{maybe}", "x/-"),
        ("x/{maybe}", "x/-aa"),
        ("plain.json", "plain.{a}"),
        ("plain.json", "plain.json"),
    ],
)
def test_templates_with_a_common_key(one: str, other: str) -> None:
    left, right = compiled(one), compiled(other)
    for first, second in ((left, right), (right, left)):
        found = find_ambiguity([("one", first), ("other", second)])
        assert found is not None
        assert found[:2] == ("one", "other")
        assert first.parse(found[2]) is not None
        assert second.parse(found[2]) is not None


def test_the_example_is_short_and_easily_read() -> None:
    found = find_ambiguity([("a", compiled("pbp/{a}.json")), ("b", compiled("pbp/{digits}.json"))])
    assert found == ("a", "b", "pbp/0.json")


def test_one_dataset_may_have_templates_that_overlap() -> None:
    overlapping = [("espn/pbp", compiled("pbp/{digits}.json")), ("espn/pbp", compiled("pbp/{a}.json"))]
    assert find_ambiguity(overlapping) is None
    found = find_ambiguity([*overlapping, ("espn/box", compiled("box/{a}")), ("x/y", compiled("pbp/7{a}"))])
    assert found == ("espn/pbp", "x/y", "pbp/7.json")


def test_templates_too_intricate_to_compare_are_refused() -> None:
    one = KeyTemplate.compile("{a}", {"a": "(?:[a-y]{700})+"})
    other = KeyTemplate.compile("{a}", {"a": "(?:[b-z]{701})+"})
    with pytest.raises(ConfigError, match=r"^one and other: key templates .* are too intricate to compare"):
        find_ambiguity([("one", one), ("other", other)])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_a_key_that_two_templates_match_is_never_overlooked(data: st.DataObject) -> None:
    literals = st.sampled_from(["/", "0", "a", "-", "x/"])
    one, other = data.draw(templates(literals=literals)), data.draw(templates(literals=literals))
    found = find_ambiguity([("one", one.template), ("other", other.template)])
    if found is not None:
        assert one.template.parse(found[2]) is not None
        assert other.template.parse(found[2]) is not None
        return
    for _ in range(5):
        assert other.template.parse(one.template.render(data.draw(one.values()))) is None
        assert one.template.parse(other.template.render(data.draw(other.values()))) is None

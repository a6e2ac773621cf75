"""data_inventory.yaml: typed coverage, and the exact line for everything that can be wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recon_core.api import ConfigError, Option, UsageError
from recon_core.config import (
    DatasetOverrides,
    Inventory,
    SourceCoverage,
    inventory_problems,
    load_inventory,
    parse_option,
    resolve_options,
)
from recon_core.workspace import Workspace

Write = Callable[[str], Workspace]

MINIMAL = """\
expected_coverage:
  acme:
    seasons: [2023-24, 2024-25]        # or `current`, `previous`
    data_types:
      play_by_play:
        required: true
        freshness_days: 7
        completeness_threshold: 0.95
"""

FULL = """\
expected_coverage:
  acme:
    seasons: 2024
    prefix: raw/
    season_types: [regular, playoffs]
    game_hours: 4
    options: {base_url: NO, version: 1.10, retries: 3, fast: true, id: 0022}
    data_types:
      play_by_play:
        required: false
        freshness_days: 7
        completeness_threshold: 1
        min_size_bytes: 100
        settle_days: 0.5
        publish_lag_hours: 12
        scraper: 007
        minutes_per_file: 2
        key_templates: ["a/{game_id}.json"]
        extra_key_templates: ["b/{game_id}.json", "c/{game_id}.json"]
        undersized_ratio: 0
        undersized_min_copies: 5
        allow_empty: true
      box_scores:
  other:
"""


def test_the_minimal_form(with_inventory: Write) -> None:
    inventory = load_inventory(with_inventory(MINIMAL))
    assert inventory == Inventory(
        sources={
            "acme": SourceCoverage(
                name="acme",
                seasons=("2023-24", "2024-25"),
                data_types={
                    "play_by_play": DatasetOverrides(required=True, freshness_days=7.0, completeness_threshold=0.95)
                },
            )
        }
    )


def test_every_key(with_inventory: Write) -> None:
    inventory = load_inventory(with_inventory(FULL))
    assert list(inventory.sources) == ["acme", "other"]
    assert inventory.sources["other"] == SourceCoverage(name="other")
    assert inventory.sources["acme"] == SourceCoverage(
        name="acme",
        seasons=("2024",),
        prefix="raw/",
        season_types=("regular", "playoffs"),
        game_hours=4.0,
        options={"base_url": "NO", "version": 1.1, "retries": 3, "fast": True, "id": "0022"},
        option_texts={"version": "1.10", "retries": "3", "fast": "true"},
        data_types={
            "play_by_play": DatasetOverrides(
                required=False,
                freshness_days=7.0,
                completeness_threshold=1.0,
                min_size_bytes=100,
                settle_days=0.5,
                publish_lag_hours=12.0,
                scraper="007",
                minutes_per_file=2.0,
                key_templates=("a/{game_id}.json",),
                extra_key_templates=("b/{game_id}.json", "c/{game_id}.json"),
                undersized_ratio=0.0,
                undersized_min_copies=5,
                allow_empty=True,
            ),
            "box_scores": DatasetOverrides(),
        },
    )


def test_lines_for_errors_that_are_found_later(with_inventory: Write) -> None:
    inventory = load_inventory(with_inventory(FULL))
    file = "inventory/data_inventory.yaml"
    acme = inventory.sources["acme"]
    expected = f"{file}:9: expected_coverage.acme.data_types.play_by_play"
    assert inventory.where("acme", "data_types", "play_by_play") == expected
    assert acme.where("data_types", "play_by_play") == expected
    assert acme.where() == f"{file}:2: expected_coverage.acme"
    assert acme.where("seasons") == f"{file}:3: expected_coverage.acme.seasons"
    assert acme.where("data_types", "play_by_play", "extra_key_templates", 1).startswith(f"{file}:19: ")
    assert acme.line_of("options", "fast") == 7
    # A key that is not written down is on the line of what would hold it.
    assert inventory.sources["other"].line_of("seasons") == 24


def test_a_source_may_be_a_name_only_and_a_season_any_scalar(with_inventory: Write) -> None:
    text = "expected_coverage:\n  a:\n  b: {seasons: [2024, 0022, 2023-24, NO, 2025-01-01, 1.50, current]}\n"
    inventory = load_inventory(with_inventory(text))
    assert inventory.sources["a"].seasons == ("current", "previous")
    assert inventory.sources["a"].data_types is None
    assert inventory.sources["a"].season_types is None
    assert inventory.sources["b"].seasons == ("2024", "0022", "2023-24", "NO", "2025-01-01", "1.50", "current")


def test_names_that_look_like_other_things(with_inventory: Write) -> None:
    inventory = load_inventory(with_inventory("expected_coverage: {no: , 2024: , null: {season_types: []}, 1.50: }\n"))
    assert list(inventory.sources) == ["no", "2024", "null", "1.50"]
    assert inventory.sources["null"].season_types == ()


NAME = "a name has 1 to 64 letters, digits, dots, underscores or hyphens, and begins with a letter or a digit"
TOP = "expected_coverage"
NOTHING = (
    "names no source, so nothing is expected: add one by its name in `recon plugins list`, "
    "or write the file anew with `recon init`"
)
WRONG = [
    ("", f"1: {TOP}: {NOTHING}"),
    ("# comment\n", f"1: {TOP}: {NOTHING}"),
    (f"\n{TOP}:\n", f"2: {TOP}: {NOTHING}"),
    (f"{TOP}: {{}}\n", f"1: {TOP}: {NOTHING}"),
    (MINIMAL.replace("7", "-3"), "7: expected_coverage.acme.data_types.play_by_play.freshness_days: -3 is less than 0"),
    (
        MINIMAL.replace("freshness_days", "fresness_days"),
        "7: expected_coverage.acme.data_types.play_by_play.fresness_days: unknown key (did you mean 'freshness_days'?)",
    ),
    (
        MINIMAL.replace("0.95", "95"),
        "8: expected_coverage.acme.data_types.play_by_play.completeness_threshold: 95 is more than 1",
    ),
    (
        MINIMAL.replace("true", "1"),
        "6: expected_coverage.acme.data_types.play_by_play.required: 1 is not true or false",
    ),
    (f"{TOP}:\n  a b:\n", f'2: {TOP}."a b": {NAME}'),
    (f"{TOP}:\n  ../a:\n", f'2: {TOP}."../a": {NAME}'),
    (f"{TOP}:\n  {'a' * 65}:\n", f"2: {TOP}.{'a' * 65}: {NAME}"),
    (f"{TOP}:\n  a: {{data_types: {{.x: }}}}\n", f'2: {TOP}.a.data_types.".x": {NAME}'),
    (f"{TOP}:\n  a: {{options: {{'x/y': 1}}}}\n", f'2: {TOP}.a.options."x/y": {NAME}'),
    (f"{TOP}:\n  a:\n    seasons: [x, 20 24]\n", f"3: {TOP}.a.seasons[1]: '20 24': {NAME}"),
    (f"{TOP}: {{a: {{seasons: 20/24}}}}\n", f"1: {TOP}.a.seasons: '20/24': {NAME}"),
    (f"{TOP}: {{a: {{seasons: {{}}}}}}\n", f"1: {TOP}.a.seasons: a mapping is neither a list nor text"),
    (
        f"{TOP}: {{a: {{seasons: []}}}}\n",
        f"1: {TOP}.a.seasons: the list is empty: name at least one, or remove the key",
    ),
    (f"{TOP}: {{a: {{seasons: }}}}\n", f"1: {TOP}.a.seasons: an empty value is neither a list nor text"),
    (f"{TOP}: {{a: {{seasons: [x, true]}}}}\n", f"1: {TOP}.a.seasons[1]: true is not text: put it in quotes"),
    (f"{TOP}: {{a: {{seasons: [2024, '2024']}}}}\n", f"1: {TOP}.a.seasons[1]: '2024' stands in the list twice"),
    (
        f"{TOP}: {{a: {{data_types: {{}}}}}}\n",
        f"1: {TOP}.a.data_types: nothing stands in it: name at least one, or remove the key",
    ),
    (f"{TOP}: {{a: {{data_types: [x]}}}}\n", f"1: {TOP}.a.data_types: a list is not a mapping of keys"),
    (f"{TOP}: {{a: {{data_types: {{x: 1}}}}}}\n", f"1: {TOP}.a.data_types.x: 1 is not a mapping of keys"),
    (
        f"{TOP}: {{a: {{options: {{x: [1]}}}}}}\n",
        f"1: {TOP}.a.options.x: a list is neither text nor a whole number nor a number nor true or false",
    ),
    (f"{TOP}: {{a: {{options: {{x: .inf}}}}}}\n", f"1: {TOP}.a.options.x: .inf is not a finite number"),
    (f"{TOP}: {{a: {{prefx: x}}}}\n", f"1: {TOP}.a.prefx: unknown key (did you mean 'prefix'?)"),
    (f"{TOP}: [a]\n", f"1: {TOP}: a list is not a mapping of keys"),
    ("expected: {}\n", f"1: expected: unknown key (did you mean '{TOP}'?)"),
]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_what_is_wrong_is_said_in_one_line(with_inventory: Write, text: str, expected: str) -> None:
    workspace = with_inventory(text)
    line = f"inventory/data_inventory.yaml:{expected}"
    assert inventory_problems(workspace) == [line]
    with pytest.raises(ConfigError) as raised:
        load_inventory(workspace)
    assert str(raised.value) == line


def test_a_missing_file_names_init(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match=r"^inventory/data_inventory\.yaml: there is no such file: .*`recon init`$"):
        load_inventory(workspace)


DECLARED = {
    "base_url": Option(default="https://example.org", help=""),
    "version": Option(default="1.0", help=""),
    "retries": Option(default=5, help=""),
    "rate": Option(default=2.0, help=""),
    "fast": Option(default=False, help=""),
}


def coverage_with(with_inventory: Write, options: str) -> SourceCoverage:
    text = f"expected_coverage:\n  acme:\n    options: {{{options}}}\n"
    return load_inventory(with_inventory(text)).sources["acme"]


def test_options_take_the_type_that_the_plugin_declares(with_inventory: Write) -> None:
    coverage = coverage_with(with_inventory, "version: 1.10, rate: 3, fast: true, base_url: true")
    found = resolve_options(DECLARED, coverage, ["retries=7", "base_url=http://a/?b=c"])
    assert found == {"base_url": "http://a/?b=c", "version": "1.10", "retries": 7, "rate": 3.0, "fast": True}
    assert isinstance(found["rate"], float)
    assert resolve_options(DECLARED)["retries"] == 5
    assert resolve_options(DECLARED, coverage)["base_url"] == "true"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("retris: 3", "retris: source 'acme' has no such option (did you mean 'retries'?)"),
        ("zz: 3", "zz: source 'acme' has no such option; it has base_url, fast, rate, retries, version"),
        ("retries: 1.5", "retries: '1.5' is not a whole number"),
        ("retries: true", "retries: 'true' is not a whole number"),
        ("rate: x", "rate: 'x' is not a number"),
        ("fast: 1", "fast: '1' is not true or false"),
    ],
)
def test_wrong_options_of_the_inventory(with_inventory: Write, options: str, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        resolve_options(DECLARED, coverage_with(with_inventory, options))
    assert str(raised.value) == f"inventory/data_inventory.yaml:3: expected_coverage.acme.options.{message}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("retries", "-o retries: expected NAME=VALUE"),
        ("retrys=3", "-o retrys: the source has no such option (did you mean 'retries'?)"),
        ("retries=", "-o retries: '' is not a whole number"),
        ("rate=.nan", "-o rate: '.nan' is not a number"),
        ("rate=1e999", "-o rate: '1e999' is not a number"),
        (f"rate=1{'0' * 400}", f"-o rate: '1{'0' * 59}…' is not a number"),
    ],
)
def test_wrong_options_of_the_command_line(given: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_option(given, DECLARED)
    assert str(raised.value) == message


def test_options_of_the_command_line() -> None:
    assert parse_option("base_url=", DECLARED) == ("base_url", "")
    assert parse_option("version=null", DECLARED) == ("version", "null")
    assert parse_option("fast=true", DECLARED) == ("fast", True)
    with pytest.raises(UsageError, match="the source has no such option; it has none"):
        parse_option("a=b", {})

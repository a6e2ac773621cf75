"""Wrong declarations are named where they enter, one by one, with what would be right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.fake_distributions import simple_plugin

from recon_core.plugins import Plugin, PluginFailure

FailureOf = Callable[[str], PluginFailure]

HEAD = """
from datetime import date, datetime, timezone
from recon_core.api import *
"""
GAMES = "@hookimpl\ndef recon_expected_games(season, context): return []\n"
ITEMS = "@hookimpl\ndef recon_expected_items(dataset, season, context): return []\n"
PARSE = "@hookimpl\ndef recon_parse_key(key): return None\n"


def declared(*, source: str = "", dataset: str = "", seasons: str = "", hooks: str = GAMES) -> str:
    """A plugin's text, with keyword arguments of Source, of its one dataset, and its seasons replaced."""
    return f"""
{HEAD}
def spec(**given):
    usual = {{"data_type": "logs", "grain": ("game_id",), "key_templates": ("logs/{{game_id}}",)}}
    return DatasetSpec(**{{**usual, **given}})

@hookimpl
def recon_source():
    given = dict({source})
    return Source(**{{
        "name": "x", "api_version": 1, "title": "X", "timezone": "UTC", "schedule": "computed",
        "datasets": (spec({dataset}),), **given,
    }})

def year(label="2024", starts=date(2024, 1, 1), ends=date(2024, 12, 31), **fields):
    return Season(label=label, starts=starts, ends=ends, fields=fields)

@hookimpl
def recon_seasons():
    return {seasons or "[year()]"}

{hooks}
"""


def test_the_declaration_that_the_others_vary_is_right(load_text: Callable[[str], Plugin]) -> None:
    assert load_text(declared()).source.name == "x"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("name='two words'", "Source.name is 'two words', which does not match [A-Za-z0-9]"),
        ("name='x' * 65", "which does not match"),
        ("name='-x'", "which does not match"),
        ("name=3", "Source.name is 3, expected text"),
        ("api_version='1'", "Source.api_version is '1', expected a whole number"),
        ("api_version=True", "Source.api_version is True, expected a whole number"),
        ("title=' '", "Source.title is empty"),
        ("timezone='Europe/Berlim'", "no IANA time zone (did you mean 'Europe/Berlin'?)"),
        ("timezone='America'", "no IANA time zone"),
        ("timezone='../../etc/passwd'", "no IANA time zone"),
        ("timezone=''", "no IANA time zone"),
        ("datasets=()", "Source.datasets is empty"),
        ("datasets=[spec()]", "Source.datasets is of type list, expected a tuple"),
        ("datasets=(spec(), spec())", "Source.datasets has 'logs' twice"),
        ("datasets=('logs',)", "Source.datasets[0] is 'logs', expected DatasetSpec of recon_core.api"),
        ("teams={'LAL': 3}", "Source.teams['LAL'] is 3, expected text"),
        ("teams={'LAL': ''}", "Source.teams: a text is empty"),
        ("teams=[('a', 'b')]", "Source.teams is of type list, expected a mapping"),
        ("schedule='pulledd'", "expected one of 'pulled' and 'computed' (did you mean 'pulled'?)"),
        ("season_types='regular'", "Source.season_types is 'regular', expected a tuple"),
        ("season_types=('regular', 'regular')", "Source.season_types has 'regular' twice"),
        ("game_hours=-1", "Source.game_hours is -1, expected 0 to"),
        ("game_hours=float('nan')", "Source.game_hours is nan, expected a number"),
        ("game_hours=1e12", "expected 0 to 876,600 hours"),
        ("options={'a b': Option(default=1, help='')}", "the name of an option is 'a b', which does not match"),
        (
            "options={'a': Option(default=None, help='')}",
            "expected text or a whole number or a number or true or false",
        ),
        ("league='\\udc80'", "has no UTF-8 form"),
        (
            "datasets=(spec(), spec(data_type='more', key_templates=('logs/a{game_id}',)))",
            "its key templates 'logs/{game_id}' (logs) and 'logs/a{game_id}' (more) both match 'logs/a",
        ),
    ],
)
def test_a_wrong_source(failure_of_text: FailureOf, source: str, told: str) -> None:
    failure = failure_of_text(declared(source=source))
    assert failure.hook == "recon_source"
    assert failure.message.startswith("gave a wrong answer: ")
    assert told in failure.message


@pytest.mark.parametrize(
    ("dataset", "told"),
    [
        ("data_type='a/b'", "the name of a dataset is 'a/b', which does not match"),
        ("grain=()", "has an empty grain"),
        ("grain=('game_id', 'game_id')", "has 'game_id' twice"),
        ("grain=('game id',)", "a grain column of dataset logs is 'game id', which does not match"),
        ("grain=('a', 'b', 'c', 'd', 'e')", "a grain of 5 columns, at most 4"),
        ("grain='game_id'", "grain is 'game_id', expected a tuple"),
        ("grain=('player',), key_templates=('{player}',)", "but the plugin does not implement recon_expected_items"),
        ("grain=('game_id', 'season')", "key template 'logs/{game_id}' of dataset logs lacks 'season'"),
        ("key_templates=()", "without them it needs a container, or prefixes and the hook recon_parse_key"),
        ("container='{season}.parquet'", "has container alone: give both or none"),
        ("inside='id'", "has inside alone: give both or none"),
        ("container='{season}.parquet', inside='id'", "has a container and key_templates as well"),
        ("key_templates=(), container='', inside='id'", "container and inside of dataset logs: a text is empty"),
        ("key_templates=(), container='{season}.parquet', inside=''", "container and inside of dataset logs: a text"),
        ("key_templates=(), container='{season}.parquet', inside=3", "inside is 3, expected text"),
        ("key_templates=(), container='{game_id}.parquet', inside='id'", "has every grain column: of a container all"),
        (
            "key_templates=(), container='all.parquet', inside='id', grain=('game_id', 'season')",
            "lacks 'game_id' and 'season': of a container all grain columns but one are in its key",
        ),
        ("key_templates=(), container='{year}.parquet', inside='id'", "has the field 'year', which nothing fills"),
        ("key_templates=('logs/{game_id',)", "key template 'logs/{game_id' of dataset logs: "),
        ("key_templates=('logs/{game_id}', 'logs/{game_id}')", "the key templates of dataset logs has"),
        ("key_templates=('',)", "the key templates of dataset logs: a text is empty"),
        ("key_templates=('{end_year}/{game_id}',)", "has the field 'end_year', which nothing fills: known are away,"),
        ("key_templates=('logs/{game_id}', 'logs/{game_id}x')", "both match"),
        ("patterns={'game_id': '[0-9'}", "key template 'logs/{game_id}' of dataset logs: "),
        ("patterns={'game': '[0-9]+'}", "a pattern for 'game', which no key template has (did you mean 'game_id'?)"),
        ("prefixes=('logs/',)", "has prefixes, which serve recon_parse_key"),
        ("every_day=True", "has every_day, which needs the grain ('date',)"),
        (
            "enumerated=True, grain=('season',), key_templates=('{season}',)",
            "is enumerated, but the plugin does not implement recon_expected_items",
        ),
        ("every_day=1", "every_day is 1, expected true or false"),
        ("freshness_days=-3", "freshness_days of dataset logs is -3, expected 0 to"),
        ("freshness_days='7'", "freshness_days is '7', expected a number"),
        ("settle_days=-0.5", "settle_days of dataset logs is -0.5"),
        ("publish_lag_hours=-1", "publish_lag_hours of dataset logs is -1"),
        ("publish_lag_hours=float('inf')", "publish_lag_hours is inf, expected a number"),
        ("completeness_threshold=1.01", "completeness_threshold of dataset logs is 1.01, expected 0 to 1"),
        ("min_size_bytes=-1", "min_size_bytes of dataset logs is -1, expected 0 or more"),
        ("min_size_bytes=1.5", "min_size_bytes is 1.5, expected a whole number"),
        ("minutes_per_file=-1", "minutes_per_file of dataset logs is -1, expected 0 or more"),
        ("scraper=' '", "has a blank scraper name"),
    ],
)
def test_a_wrong_dataset(failure_of_text: FailureOf, dataset: str, told: str) -> None:
    failure = failure_of_text(declared(dataset=dataset))
    assert failure.hook == "recon_source"
    assert failure.source == "x"
    assert failure.message.startswith("gave a wrong answer: ")
    assert told in failure.message


def test_a_dataset_of_games_needs_games(failure_of_text: FailureOf, load_text: Callable[[str], Plugin]) -> None:
    failure = failure_of_text(declared(hooks=""))
    assert "is made of games and the schedule is 'computed'" in failure.message
    # Stored games may come from a file, and calendar days need none.
    assert load_text(declared(source="schedule='pulled'", hooks="")).hooks == {"recon_source", "recon_seasons"}
    assert load_text(simple_plugin("x")).hooks == {"recon_source", "recon_seasons"}


def test_a_layout_that_templates_cannot_say_needs_prefixes_and_the_hook(
    failure_of_text: FailureOf, load_text: Callable[[str], Plugin]
) -> None:
    prefixes = "key_templates=(), prefixes=('logs/',)"
    assert load_text(declared(dataset=prefixes, hooks=GAMES + PARSE)).templates == {"logs": ()}
    assert "prefixes" in failure_of_text(declared(dataset="key_templates=()", hooks=GAMES + PARSE)).message
    empty = failure_of_text(declared(dataset="prefixes=('',)", hooks=GAMES + PARSE))
    assert "the prefixes of dataset logs: a text is empty" in empty.message


@pytest.mark.parametrize(
    ("seasons", "told"),
    [
        ("None", "is None, expected a sequence"),
        ("'2024'", "is '2024', expected a sequence"),
        ("[]", "it returned no season"),
        ("iter([year()])", "expected a sequence"),
        ("['2024']", "[0] is '2024', expected Season of recon_core.api"),
        ("[year('20 24')]", "[0].label is '20 24', which does not match"),
        ("[year(), year()]", "the list of seasons has '2024' twice"),
        ("[year(ends=date(2023, 1, 1))]", "season 2024 ends on 2023-01-01, before it starts on 2024-01-01"),
        ("[year(starts=datetime(2024, 1, 1))]", "[0].starts is 2024-01-01 00:00:00, expected a date without time"),
        ("[year(), year('2023', date(2023, 1, 1))]", "season 2023 stands after 2024, but starts before it"),
        ("[year(end_year=2024)]", "[0].fields['end_year'] is 2024, expected text"),
        ("[year(end_year='')]", "the fields of season 2024: a text is empty"),
        (
            "[Season(label='2024', starts=date(2024, 1, 1), ends=date(2024, 12, 31), games={'regular': 'all'})]",
            "[0].games['regular'] is 'all', expected a whole number",
        ),
        (
            "[Season(label='2024', starts=date(2024, 1, 1), ends=date(2024, 12, 31), games={'regular': -1})]",
            "season 2024 has a negative number of games",
        ),
        (
            "[Season(label='2024', starts=date(2024, 1, 1), ends=date(2024, 12, 31), games={'': 1})]",
            "the games of season 2024: a text is empty",
        ),
        ("[year(**{'a b': 'c'})]", "a field of season 2024 is 'a b', which does not match"),
        ("[year(game_id='1')]", "season 2024 has the extra field 'game_id', which is a column already"),
        ("[year(season='1')]", "season 2024 has the extra field 'season', which is a column already"),
    ],
)
def test_wrong_seasons(failure_of_text: FailureOf, seasons: str, told: str) -> None:
    failure = failure_of_text(declared(seasons=seasons))
    assert failure.hook == "recon_seasons"
    assert told in failure.message


def test_a_first_season_must_be_one_of_the_seasons(failure_of_text: FailureOf) -> None:
    failure = failure_of_text(declared(dataset="first_season='2042'"))
    assert "has first_season '2042', which is not among the seasons (did you mean '2024'?)" in failure.message


def test_a_template_field_must_be_in_every_season(
    failure_of_text: FailureOf, load_text: Callable[[str], Plugin]
) -> None:
    dataset = "key_templates=('logs/{end_year}/{game_id}',)"
    seasons = "[year('2023', date(2023, 1, 1), date(2023, 12, 31), end_year='2023'), year({})]"
    assert load_text(declared(dataset=dataset, seasons=seasons.format("end_year='2024'"))).source.name == "x"
    failure = failure_of_text(declared(dataset=dataset, seasons=seasons.format("")))
    assert "has the field 'end_year', which nothing fills" in failure.message


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ("None", "is None, expected a sequence"),
        ("[3]", "[0] is 3, expected PriorityRule of recon_core.api"),
        ("[PriorityRule(name='a b', when='true', priority='LOW')]", "[0].name is 'a b', which does not match"),
        ("[PriorityRule(name='a', when=' ', priority='LOW')]", "rule a has an empty 'when'"),
        ("[PriorityRule(name='a', when='true', priority='low')]", "[0].priority is 'low', expected one of 'CRITICAL'"),
        ("[PriorityRule(name='a', when='true', priority='LOW')] * 2", "the list of rules has 'a' twice"),
    ],
)
def test_wrong_rules(failure_of_text: FailureOf, rules: str, told: str) -> None:
    failure = failure_of_text(declared(hooks=GAMES + f"@hookimpl\ndef recon_priority_rules(): return {rules}"))
    assert failure.hook == "recon_priority_rules"
    assert told in failure.message


@pytest.mark.parametrize("answer", ["None", "3", "{'name': 'x'}", "Source"])
def test_what_is_no_source_at_all(failure_of_text: FailureOf, answer: str) -> None:
    failure = failure_of_text(
        f"{HEAD}\n@hookimpl\ndef recon_source(): return {answer}\n@hookimpl\ndef recon_seasons(): return []"
    )
    assert failure.hook == "recon_source"
    assert "expected Source of recon_core.api" in failure.message

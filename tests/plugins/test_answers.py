"""What the enumeration and key parsing hooks return is checked, element by element and batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from support.fake_distributions import simple_plugin

from recon_core.api import DatasetSpec, Game, Items, ParsedKey, Undetermined, hookimpl
from recon_core.plugins import Plugin, PluginCallError, load_plugin

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


class Answering:
    """A plugin whose enumeration hooks give whatever a test wants."""

    def __init__(self, answer: Any) -> None:
        namespace: dict[str, Any] = {}
        exec(simple_plugin("x"), namespace)
        self._namespace, self._answer = namespace, answer

    @hookimpl
    def recon_source(self) -> Any:
        import dataclasses

        source = self._namespace["recon_source"]()
        readings = DatasetSpec(data_type="readings", grain=("date", "station"), key_templates=("r/{station}/{date}",))
        return dataclasses.replace(source, datasets=(*source.datasets, readings))

    @hookimpl
    def recon_seasons(self) -> Any:
        return self._namespace["recon_seasons"]()

    @hookimpl
    def recon_expected_games(self) -> Any:
        return self._answer

    @hookimpl
    def recon_expected_items(self) -> Any:
        return self._answer

    @hookimpl
    def recon_parse_key(self) -> Any:
        return self._answer

    @hookimpl
    def recon_game_id(self) -> Any:
        return self._answer


def answering(answer: Any) -> Plugin:
    return load_plugin(Answering(answer), distribution="recon-x", version="1.0", entry_point="x")


def games(answer: Any) -> Any:
    plugin = answering(answer)
    return plugin.call("recon_expected_games", season=plugin.seasons[0], context=None)


def items(answer: Any) -> Any:
    plugin = answering(answer)
    dataset = plugin.source.datasets[1]
    return plugin.call("recon_expected_items", dataset=dataset, season=plugin.seasons[0], context=None)


def parsed(answer: Any) -> Any:
    return answering(answer).call("recon_parse_key", key="some/key")


def told_id(answer: Any) -> Any:
    return answering(answer).call("recon_game_id", game=game(home="A", away="B"))


def problem(call: Callable[[Any], Any], answer: Any) -> str:
    with pytest.raises(PluginCallError) as caught:
        call(answer)
    return caught.value.failure.message


def game(game_id: Any = "1", **given: Any) -> Game:
    return Game(**{"game_id": game_id, "season": "2024", "date": date(2024, 5, 1), "status": "final", **given})


def batch(*, dates: Any = ("2024-05-01",), stations: Any = ("oslo",), times: Any = (NOON,)) -> Items:
    return Items(columns={"date": dates, "station": stations}, times=times)


def test_any_iterable_of_games_becomes_a_list() -> None:
    wanted = [game("1"), game("2", alt_ids=("22",), start_utc=NOON, home="A", ordinal=2)]
    assert games(wanted) == games(tuple(wanted)) == games(iter(wanted)) == games(one for one in wanted) == wanted


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "it returned None, expected an iterable of Game"),
        (7, "it returned a value of type int, expected an iterable of Game"),
        ("abc", "it returned a value of type str, expected an iterable of Game"),
        ({}, "it returned a value of type dict, expected an iterable of Game"),
        ([game(), None], "game 2 is None, expected Game of recon_core.api"),
        ([{"game_id": "1"}], "game 1 is of type dict, expected Game"),
        ([game("")], "game 1 ('') has an empty id"),
        ([game(" ")], "game 1 (' ') has an empty id"),
        ([game(401)], "game 1.game_id is 401, expected text"),
        ([game("\udc80")], "game 1.game_id is '\\udc80', which has no UTF-8 form"),
        ([game(season="2023")], "game 1 ('1') is of season '2023', but 2024 was asked for"),
        ([game(status="done")], "game 1.status is 'done', expected one of 'scheduled', 'in_progress'"),
        ([game(status="Final")], "(did you mean 'final'?)"),
        ([game(date="2024-05-01")], "game 1.date is '2024-05-01', expected a date without time"),
        ([game(date=NOON)], "game 1.date is 2024-05-01 12:00:00+00:00, expected a date without time"),
        ([game(start_utc=NOON.replace(tzinfo=None))], "start_utc is 2024-05-01 12:00:00 without a time zone"),
        ([game(start_utc=NOON.astimezone(ZoneInfo("Europe/Oslo")))], "not in UTC: use .astimezone(datetime.UTC)"),
        ([game(final_at="2024-05-01")], "game 1.final_at is '2024-05-01', expected a datetime in UTC"),
        ([game(pulled_at=date(2024, 5, 1))], "game 1.pulled_at is 2024-05-01, expected a datetime in UTC"),
        ([game(home="")], "has an empty home: use None where it is unknown"),
        ([game(ordinal=0)], "has the ordinal 0, expected 1 or more"),
        ([game(ordinal="1")], "game 1.ordinal is '1', expected a whole number"),
        ([game(alt_ids=["2"])], "game 1.alt_ids is of type list, expected a tuple"),
        ([game(alt_ids="23")], "game 1.alt_ids is '23', expected a tuple"),
        ([game(alt_ids=("",))], "has an empty id"),
        ([game(unavailable=("filess",))], "has no 'filess', which is no data type of the source"),
        ([game("1"), game("1")], "game 2 ('1') has the id '1', which game '1' has too"),
        ([game("1", alt_ids=("2",)), game("2")], "game 2 ('2') has the id '2', which game '1' has too"),
        ([game("a\x1b[2J\n")] * 2, "has the id 'a\\x1b[2J\\n'"),
    ],
)
def test_wrong_games(answer: Any, told: str) -> None:
    message = problem(games, answer)
    assert message.startswith("gave a wrong answer for season 2024: ")
    assert told in message
    assert message.isprintable()


def test_times_in_utc_by_any_name_are_fine() -> None:
    for zone in (UTC, ZoneInfo("UTC"), timezone(timedelta(0))):
        moment = NOON.replace(tzinfo=zone)
        assert games([game(start_utc=moment)])[0].start_utc == NOON
        assert items([batch(times=[moment])])[0].times == [NOON]


def test_batches_of_items_become_a_list() -> None:
    wanted = [
        batch(),
        batch(dates=[date(2024, 5, 1), date(2024, 5, 2)], stations=["a", "b"], times=[NOON, NOON]),
        batch(dates=[], stations=[], times=[]),
    ]
    assert items(one for one in wanted) == wanted
    assert items([]) == []
    assert items([Undetermined(reason="no list")]) == [Undetermined(reason="no list")]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "it returned None, expected an iterable of Items or Undetermined"),
        (batch(), "it returned a value of type Items, expected an iterable"),
        ([game()], "batch 1 is of type Game, expected Items or Undetermined"),
        ([Undetermined(reason=" ")], "an Undetermined gives no reason"),
        ([Undetermined(reason=3)], "Undetermined.reason is 3, expected text"),  # type: ignore[arg-type]
        ([batch(), Undetermined(reason="half")], "an Undetermined stands among other batches"),
        ([Undetermined(reason="a"), Undetermined(reason="b")], "an Undetermined stands among other batches"),
        ([Items(columns={"date": ["2024-05-01"]}, times=[NOON])], "batch 1 lacks the grain column 'station'"),
        (
            [Items(columns={"date": ["2024-05-01"], "statoin": ["a"]}, times=[NOON])],
            "lacks the grain column 'station' (did you mean 'statoin'?)",
        ),
        (
            [Items(columns={"date": ["2024-05-01"], "station": ["a"], "more": ["b"]}, times=[NOON])],
            "has the column 'more', which is not in the grain of readings",
        ),
        ([batch(), batch(stations=["a", "b"])], "batch 2: column 'station' has 2 values, but there are 1 times"),
        ([batch(times=[])], "column 'date' has 1 values, but there are 0 times"),
        ([batch(stations="a")], "expected a sequence"),
        ([batch(stations=iter("a"))], "expected a sequence"),
        ([batch(stations=[3])], "column 'station' has a value of type int, expected text or dates"),
        ([batch(stations=[None])], "column 'station' has a value of type NoneType, expected text or dates"),
        ([batch(dates=[NOON])], "column 'date' has a value of type datetime, expected text or dates"),
        ([batch(dates=["1 May"])], "column 'date' has '1 May', expected dates or texts such as 2025-01-31"),
        ([batch(dates=["20240501"])], "column 'date' has '20240501', expected dates"),
        ([batch(stations=[""])], "column 'station' has an empty text"),
        ([batch(stations=["\ud800"])], "column 'station' has a text without UTF-8 form"),
        (
            [batch(dates=["2024-05-01", date(2024, 5, 2)], stations=["a", "b"], times=[NOON, NOON])],
            "column 'date' mixes text and dates",
        ),
        ([batch(times=["2024-05-01"])], "times has a value of type str, expected datetimes in UTC"),
        ([batch(times=[NOON.replace(tzinfo=None)])], "times are without a time zone, expected UTC"),
        ([batch(times=[NOON.astimezone(ZoneInfo("Europe/London"))])], "times are not in UTC, expected UTC"),
    ],
)
def test_wrong_items(answer: Any, told: str) -> None:
    message = problem(items, answer)
    assert message.startswith("gave a wrong answer for readings, season 2024: ")
    assert told in message


def test_a_parsed_key_is_one_or_none() -> None:
    right = ParsedKey(data_type="readings", fields={"date": "2024-05-01", "station": "a"})
    assert parsed(right) == right
    assert parsed(None) is None


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("readings", "is 'readings', expected ParsedKey of recon_core.api"),
        (ParsedKey(data_type="reading", fields={}), "which the source does not declare (did you mean 'readings'?)"),
        (ParsedKey(data_type="readings", fields={"date": "2024-05-01"}), "no text for the grain column 'station'"),
        (
            ParsedKey(data_type="readings", fields={"date": "2024-05-01", "station": ""}),
            "no text for the grain column 'station' of readings",
        ),
        (ParsedKey(data_type="files", fields={"date": date(2024, 5, 1)}), "expected text"),  # type: ignore[dict-item]
    ],
)
def test_wrong_parsed_keys(answer: Any, told: str) -> None:
    message = problem(parsed, answer)
    assert message.startswith("gave a wrong answer for 'some/key': ")
    assert told in message


def test_an_id_is_a_text_or_nothing() -> None:
    assert told_id("202405010A") == "202405010A"
    assert told_id(None) is None


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (401, "what it returned is 401, expected text"),
        (b"401", "what it returned is of type bytes, expected text"),
        ("", "it returned the id ''"),
        (" 401", "it returned the id ' 401'"),
        ("401\n", "it returned the id '401\\n'"),
        ("4\x1b01", "it returned the id '4\\x1b01'"),
    ],
)
def test_wrong_ids(answer: Any, told: str) -> None:
    message = problem(told_id, answer)
    assert message.startswith("gave a wrong answer for B at A on 2024-05-01: ")
    assert told in message
    assert message.isprintable()

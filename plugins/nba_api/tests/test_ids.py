"""Game ids: every kind, every season, and texts that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recon_nba_api.ids import GameId, SeriesGame, build_id, decode_id
from recon_nba_api.seasons import SEASONS

KINDS = ["preseason", "regular", "allstar", "playoffs", "playin", "cup_final"]


@pytest.mark.parametrize(
    ("game_id", "kind", "year", "number"),
    [
        ("0012400001", "preseason", 2024, 1),
        ("0022400061", "regular", 2024, 61),
        ("0022401230", "regular", 2024, 1230),
        ("0021201214", "regular", 2012, 1214),
        ("0021901318", "regular", 2019, 1318),
        ("0032400011", "allstar", 2024, 11),
        ("0042400405", "playoffs", 2024, 405),
        ("0052400211", "playin", 2024, 211),
        ("0062400001", "cup_final", 2024, 1),
        ("0024600001", "regular", 1946, 1),
        ("0029900001", "regular", 1999, 1),
        ("0020000001", "regular", 2000, 1),
        ("0024500001", "regular", 2045, 1),
    ],
)
def test_an_id_says_kind_season_and_number(game_id, kind, year, number):
    assert decode_id(game_id) == GameId(season_type=kind, start_year=year, number=number)
    assert build_id(GameId(season_type=kind, start_year=year, number=number)) == game_id


@pytest.mark.parametrize(
    ("game_id", "found"),
    [
        ("0042400101", (1, 0, 1)),
        ("0042400177", (1, 7, 7)),
        ("0042400231", (2, 3, 1)),
        ("0042400311", (3, 1, 1)),
        ("0042400407", (4, 0, 7)),
        ("0040300405", (4, 0, 5)),
        ("0049600001", None),  # numbered from 1 on
        ("0042400108", None),  # no eighth game
        ("0042400100", None),
        ("0042400241", None),  # no fifth series in the second round
        ("0042400411", None),
        ("0042400501", None),
        ("0042401101", None),
        ("0052400101", None),  # no series
        ("0022400101", None),
    ],
)
def test_the_playoffs_say_round_series_and_game(game_id, found):
    expected = None if found is None else SeriesGame(round=found[0], series=found[1], game=found[2])
    said = decode_id(game_id)
    assert said is not None
    assert said.series_game == expected
    if expected is not None:
        assert build_id(GameId(season_type="playoffs", start_year=said.start_year, number=expected.number)) == game_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "22400061",  # a spreadsheet took the zeros
        "022400061",
        "00224000611",
        "0072400061",  # no such kind
        "0002400061",
        "1022400061",  # another league
        "0022400000",  # no game has the number 0
        "002240006l",
        "٠٠٢٢٤٠٠٠٦١",
        " 0022400061",
        "0022400061\n",
    ],
)
def test_other_texts_are_no_ids(text):
    assert decode_id(text) is None


@pytest.mark.parametrize(("year", "number"), [(1945, 1), (2046, 1), (2024, 0), (2024, 100_000), (2024, -1)])
def test_what_no_id_can_say_is_refused(year, number):
    with pytest.raises(ValueError, match="is not from"):
        GameId(season_type="regular", start_year=year, number=number)


@pytest.mark.parametrize("numbers", [(0, 0, 1), (5, 0, 1), (1, 8, 1), (2, 4, 1), (4, 1, 1), (1, 0, 0), (1, 0, 8)])
def test_what_no_playoffs_have_is_refused(numbers):
    with pytest.raises(ValueError, match="no playoffs have"):
        SeriesGame(round=numbers[0], series=numbers[1], game=numbers[2])


games = st.builds(
    GameId, season_type=st.sampled_from(KINDS), start_year=st.integers(1946, 2045), number=st.integers(1, 99_999)
)


@given(games)
def test_decoding_is_the_inverse_of_building(game):
    assert decode_id(build_id(game)) == game


@given(st.from_regex(r"00[0-9]{8}", fullmatch=True))
def test_what_decodes_builds_the_same_text(text):
    said = decode_id(text)
    assert (said is None) == (text[2] in "0789" or text.endswith("00000"))
    assert said is None or build_id(said) == text


@given(st.text(max_size=12))
def test_no_text_is_too_odd(text):
    said = decode_id(text)
    assert said is None or build_id(said) == text


def test_every_season_of_the_source_has_ids():
    for season in SEASONS:
        said = decode_id(build_id(GameId(season_type="regular", start_year=int(season.label[:4]), number=1)))
        assert said is not None
        assert f"{said.start_year}" == season.label[:4]

"""Ids of the old kind, which say date and home team, and of the new kind, which say nothing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recon_espn.ids import OldId, decode_old_id, encode_old_id, is_new_id


@pytest.mark.parametrize(
    ("game_id", "played", "team"),
    [
        ("131105001", date(1993, 11, 5), 1),
        ("200101030", date(2000, 1, 1), 30),
        ("240229017", date(2004, 2, 29), 17),
        ("320426002", date(2012, 4, 26), 2),
    ],
)
def test_an_old_id_says_day_and_home_team(game_id, played, team):
    assert decode_old_id(game_id) == OldId(played, team)
    assert encode_old_id(played, team) == game_id
    assert not is_new_id(game_id)


@pytest.mark.parametrize(
    "text",
    [
        "401704627",  # new
        "400278000",
        "131305001",  # no month 13
        "230229001",  # 2003 was no leap year
        "131105000",  # no team 0
        "121105001",  # before 1993
        "331105001",  # after 2012
        "13110500",
        "1311050011",
        "131105OO1",
        "١٣١١٠٥٠٠١",
        "",
    ],
)
def test_other_texts_are_no_old_ids(text):
    assert decode_old_id(text) is None


def test_a_new_id_begins_with_four():
    assert is_new_id("400278000")
    assert is_new_id("401704627")
    assert not is_new_id("40170462")
    assert not is_new_id("501704627")


@given(st.dates(date(1993, 1, 1), date(2012, 12, 31)), st.integers(1, 999))
def test_decoding_is_the_inverse_of_encoding(played, team):
    assert decode_old_id(encode_old_id(played, team)) == OldId(played, team)


@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_what_decodes_encodes_to_the_same_text_and_is_no_new_id(text):
    old = decode_old_id(text)
    assert old is None or (encode_old_id(old.date, old.home_team_id) == text and not is_new_id(text))

"""The league's plugins know how many games each season had, and know the same."""

from __future__ import annotations

import pytest

from recon_core.plugins import load_registry

FIRST = {"bbref": "1946-47", "espn": "1993-94", "hoopr": "2001-02", "nba_api": "1946-47"}
LAST = "2025-26"
# Season: regular season, play-in, playoffs, Cup final; None where nobody counted.
KNOWN = {
    "1946-47": (331, None, None, None),
    "1949-50": (561, None, None, None),
    "1954-55": (288, None, None, None),
    "1960-61": (316, None, None, None),
    "1965-66": (360, None, None, None),
    "1979-80": (902, None, None, None),
    "1998-99": (725, None, None, None),
    "2002-03": (1189, None, None, None),
    "2003-04": (1189, None, 82, None),
    "2011-12": (990, None, 84, None),
    "2012-13": (1229, None, 85, None),
    "2019-20": (1059, 1, 83, None),
    "2020-21": (1080, 6, 85, None),
    "2023-24": (1230, 6, 82, 1),
    "2025-26": (1230, 6, 85, 1),
}
TYPES = ("regular", "playin", "playoffs", "cup_final")


@pytest.mark.parametrize("name", FIRST)
def test_every_season_that_was_played_is_known(name: str) -> None:
    told = {season.label: season.games for season in load_registry().get(name).seasons}
    known = [label for label, games in told.items() if games]
    assert (known[0], known[-1]) == (FIRST[name], LAST)
    assert known == [label for label in told if FIRST[name] <= label <= LAST]
    assert all("regular" in told[label] for label in known)
    assert [label for label in known if "playoffs" in told[label]] == [label for label in known if label >= "2003-04"]
    for label, numbers in KNOWN.items():
        if label in told:
            assert dict(told[label]) == {kind: n for kind, n in zip(TYPES, numbers, strict=True) if n is not None}


def test_all_of_them_know_the_same() -> None:
    plugins = [load_registry().get(name) for name in FIRST]
    whole = {season.label: dict(season.games) for season in plugins[0].seasons}
    for plugin in plugins:
        assert {one.label: dict(one.games) for one in plugin.seasons if one.label in whole} == {
            one.label: whole[one.label] for one in plugin.seasons if one.label in whole
        }

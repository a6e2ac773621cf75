"""Basketball-Reference's team codes by era, and the code that every source of the league shares.

The canonical code is the NBA's current one of the franchise; a franchise that is no more keeps its own. Unlike other
sources, Basketball-Reference writes the code of the day: New Jersey is ``NJN`` and not today's ``BRK``.

How sure this is: the codes of 2017-18 to 2023-24 were held against the NBA's ids for all 8,742 games. The others, and
the years of all, come from a table of abbreviations compiled from public data; those of the years before 1976 were not
counted against anything.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ERAS", "TEAMS", "Era", "canonical", "era_code"]


@dataclass(frozen=True, slots=True)
class Era:
    """A code and the seasons (by end year, both inclusive, ``None``: still) in which its home games bear it."""

    canonical: str
    code: str
    first: int
    last: int | None = None

    def covers(self, end_year: int) -> bool:
        return self.first <= end_year and (self.last is None or end_year <= self.last)


ERAS: tuple[Era, ...] = (
    Era("ATL", "TRI", 1950, 1951),
    Era("ATL", "MLH", 1952, 1955),
    Era("ATL", "STL", 1956, 1968),
    Era("ATL", "ATL", 1969),
    Era("BKN", "NYN", 1977, 1977),
    Era("BKN", "NJN", 1978, 2012),
    Era("BKN", "BRK", 2013),
    Era("BOS", "BOS", 1947),
    Era("CHA", "CHH", 1989, 2002),
    Era("CHA", "CHA", 2005, 2014),
    Era("CHA", "CHO", 2015),
    Era("CHI", "CHI", 1967),
    Era("CLE", "CLE", 1971),
    Era("DAL", "DAL", 1981),
    Era("DEN", "DEN", 1977),
    Era("DET", "FTW", 1949, 1957),
    Era("DET", "DET", 1958),
    Era("GSW", "PHW", 1947, 1962),
    Era("GSW", "SFW", 1963, 1971),
    Era("GSW", "GSW", 1972),
    Era("HOU", "SDR", 1968, 1971),
    Era("HOU", "HOU", 1972),
    Era("IND", "IND", 1977),
    Era("LAC", "BUF", 1971, 1978),
    Era("LAC", "SDC", 1979, 1984),
    Era("LAC", "LAC", 1985),
    Era("LAL", "MNL", 1949, 1960),
    Era("LAL", "LAL", 1961),
    Era("MEM", "VAN", 1996, 2001),
    Era("MEM", "MEM", 2002),
    Era("MIA", "MIA", 1989),
    Era("MIL", "MIL", 1969),
    Era("MIN", "MIN", 1990),
    Era("NOP", "NOH", 2003, 2005),
    Era("NOP", "NOK", 2006, 2007),
    Era("NOP", "NOH", 2008, 2013),
    Era("NOP", "NOP", 2014),
    Era("NYK", "NYK", 1947),
    Era("OKC", "SEA", 1968, 2008),
    Era("OKC", "OKC", 2009),
    Era("ORL", "ORL", 1990),
    Era("PHI", "SYR", 1950, 1963),
    Era("PHI", "PHI", 1964),
    Era("PHX", "PHO", 1969),
    Era("POR", "POR", 1971),
    Era("SAC", "ROC", 1949, 1957),
    Era("SAC", "CIN", 1958, 1972),
    Era("SAC", "KCO", 1973, 1975),
    Era("SAC", "KCK", 1976, 1985),
    Era("SAC", "SAC", 1986),
    Era("SAS", "SAS", 1977),
    Era("TOR", "TOR", 1996),
    Era("UTA", "NOJ", 1975, 1979),
    Era("UTA", "UTA", 1980),
    Era("WAS", "CHP", 1962, 1962),
    Era("WAS", "CHZ", 1963, 1963),
    Era("WAS", "BAL", 1964, 1973),
    Era("WAS", "CAP", 1974, 1974),
    Era("WAS", "WSB", 1975, 1997),
    Era("WAS", "WAS", 1998),
    # Franchises that are no more.
    Era("AND", "AND", 1950, 1950),
    Era("BLB", "BLB", 1948, 1954),
    Era("CHS", "CHS", 1947, 1950),
    Era("CLR", "CLR", 1947, 1947),
    Era("DNN", "DNN", 1950, 1950),
    Era("DTF", "DTF", 1947, 1947),
    Era("INJ", "INJ", 1949, 1949),
    Era("INO", "INO", 1950, 1953),
    Era("PIT", "PIT", 1947, 1947),
    Era("PRO", "PRO", 1947, 1949),
    Era("SHE", "SHE", 1950, 1950),
    Era("STB", "STB", 1947, 1950),
    Era("TRH", "TRH", 1947, 1947),
    Era("WAT", "WAT", 1950, 1950),
    Era("WSC", "WSC", 1947, 1951),
)
"""Who played under which code when; a franchise has at most one code in a season."""

TEAMS: dict[str, str] = {era.code: era.canonical for era in ERAS}
"""Basketball-Reference code -> canonical code."""


def canonical(code: str | None) -> str | None:
    """The canonical code, or the code itself where it is of no team that is known."""
    return None if code is None else TEAMS.get(code, code)


def era_code(team: str, end_year: int) -> str | None:
    """The code that a team, given by its canonical code, bears in a season; ``None`` where it did not play."""
    return next((era.code for era in ERAS if era.canonical == team and era.covers(end_year)), None)

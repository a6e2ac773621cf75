"""The estimate of a scan, as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recon_core.cli.render.blocks import Block, Bullets, Cell, Code, Column, Heading, Line, Table
from recon_core.cli.render.numbers import count, dollars, percent

__all__ = ["estimate_blocks"]


def estimate_blocks(estimate: Mapping[str, Any]) -> Iterator[Block]:
    """What a scan would do in each mode, what each proves, and on whose word the numbers rest."""
    objects = estimate["objects"]
    if objects["basis"] == "not_known":
        yield Line(f"How many objects a scan of {estimate['lake']} would see is not known", "strong")
    else:
        yield Line(f"A scan of {estimate['lake']} would see about {count(objects['number'], 'object')}", "strong")
    match objects["basis"]:
        case "last_snapshot":
            yield Line(f"By the last snapshot, of {objects['as_of']}.", "dim")
        case "expected_items":
            yield Line("One for each item that should exist; no whole snapshot tells what else there is.", "warn")
        case _:
            yield Line("There is no whole snapshot of it, and no stored schedule says what should exist.", "warn")
    timing = estimate["timing"]
    each = f"{timing['seconds_per_request']:.3g} s a request"
    yield Line(f"{each}, as in the last scan." if timing["basis"] == "last_scan" else f"{each} is assumed.", "dim")
    yield Heading("Modes")
    yield Table(
        [
            *(Column("mode"), Column("ranges", right=True, drop=2), Column("requests", right=True)),
            *(Column("time", right=True), Column("USD", right=True), Column("may stay unknown", right=True)),
            Column("proves", below=True),
        ],
        [
            [
                _name(mode) + (" (configured)" if mode["mode"] == estimate["configured"] else ""),
                _number(mode["ranges"]),
                _number(mode["requests"]),
                None if mode["seconds"] is None else f"{mode['seconds']:.1f} s",
                None if mode["usd"] is None else dollars(mode["usd"]),
                _number(mode["unknown_items"]),
                mode["proves"],
            ]
            for mode in estimate["modes"]
        ],
    )
    reasons = [
        Cell(
            f"{mode['mode'].replace('_', ' ')}: {count(mode['unknown_items'], 'due item')}: {mode['unknown_because']}",
            "warn",
        )
        for mode in estimate["modes"]
        if mode["unknown_because"]
    ]
    if reasons:
        yield Heading("What may stay unknown")
        yield Bullets(reasons)
    if estimate["cheapest"] is not None:
        yield Line(f"The cheapest is {estimate['cheapest'].replace('_', ' ')}, at S3's list prices.", "good")
    yield Heading("What to do next")
    yield Code(
        ["recon run                          # scan, compare, write the queue"]
        if objects["basis"] != "not_known"
        else ["recon schedules pull               # which games there are, and so how much to expect"]
    )


def _name(mode: Mapping[str, Any]) -> str:
    name = str(mode["mode"]).replace("_", " ")
    return name if mode["rate"] is None else f"{name} of {percent(mode['rate'])}"


def _number(number: int | None) -> str | None:
    return None if number is None else f"{number:,}"

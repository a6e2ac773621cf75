"""What a scan would do and cost, mode by mode, said before it is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil, inf
from pathlib import Path
from typing import Any

from recon_core.api import ReconError, ScheduleError
from recon_core.engine.connection import LAKE_NOTE
from recon_core.engine.expected_keys import build_expected_keys
from recon_core.engine.inputs import Expectation
from recon_core.engine.sizes import Items, count_items, count_objects
from recon_core.expectation import gather
from recon_core.kept import load_snapshot
from recon_core.lake import place_of
from recon_core.lake.listing import first_pieces
from recon_core.lake.spans import Span, prefix_spans, without
from recon_core.prices import REPORT_GETS, scan_usd
from recon_core.progress import Progress
from recon_core.request import RunRequest
from recon_core.snapshot import KeyRange, Snapshot
from recon_core.steps import Cycle
from recon_core.times import format_utc
from recon_core.workspace import Workspace

__all__ = ["ASSUMED_SECONDS", "estimate_scan"]

SCHEMA_VERSION = 1

ASSUMED_SECONDS = 0.1
"""How long S3 is taken to need for a page where no scan was timed; it takes 0.05 to 0.2 s."""

EXAMPLE_RATE = 0.1
"""The sample that is told of where none is asked for."""

# Without a report read before: S3 is taken to put a million objects into a file, and finding the newest report
# takes a look at the configurations, the folders and, at worst, one more page of them.
_FILE_OBJECTS = 1_000_000
_LOOKS = 3

PROVES = {
    "listing": "every item in what is listed: there, or missing",
    "inventory_report": "what S3 saw when it began the newest report; later items only where they are listed afresh",
    "sample": "the items of the sample; of each season a completeness with a 95 % interval",
}
"""What each mode proves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an estimate rests on.

    ``last`` is the lake's last snapshot, ``whole`` the same where that looked at all that a listing would look at.
    ``expectation`` is what should exist, None where no schedule says it. ``denied`` are ranges that the lake refused
    the last time. ``gaps`` is how many gaps the last run found. ``seconds`` is the time for a request; ``timed``: the
    last scan showed it.
    """

    last: Snapshot | None
    whole: Snapshot | None
    expectation: Expectation | None
    denied: tuple[KeyRange, ...]
    gaps: int
    seconds: float
    timed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one mode would list: so many ranges and pages, None where nobody knows how much is in them.

    ``objects`` are those of the last whole snapshot, ``items`` what should exist.
    """

    ranges: int
    pages: int | None
    objects: int | None
    items: Items | None


def estimate_scan(ws: Workspace, request: RunRequest, progress: Progress) -> dict[str, Any]:
    """The estimate as in ``scan_estimate.schema.json``. Neither the lake nor a source is asked, and nothing is written.

    Raises ReconError for a workspace that cannot be read.
    """
    cycle = Cycle.open(ws, replace(request, dry_run=True), progress)
    lake = cycle.lake().url
    asked = cycle.scanner(None).sample_rate
    rate = asked or EXAMPLE_RATE
    with cycle.outputs() as outputs:
        known = _known(cycle, place_of(cycle.lake()))
        listing = _seen(cycle, known, replace(cycle.request, full=True, sample_rate=None), outputs.path)
        modes = [_row("listing", lake, known, listing, _unlisted(known))]
        if known.expectation is not None:
            sample = _seen(cycle, known, replace(cycle.request, full=False, sample_rate=rate), outputs.path)
            why = f"a sample of {rate:.3g} leaves them out, or {_unlisted(known)}"
            modes.append({**_row("sample", lake, known, sample, why), "rate": rate})
    if _reports(cycle):
        modes.append(_report(cycle, lake, known, listing))
    priced = [mode for mode in modes if mode["usd"] is not None]
    return {
        "schema_version": SCHEMA_VERSION,
        "as_of": format_utc(request.now),
        "lake": lake,
        "objects": _objects(known, listing),
        "expected_items": listing.items.expected if listing.items else None,
        "due_items": listing.items.due if listing.items else None,
        "timing": {"seconds_per_request": known.seconds, "basis": "last_scan" if known.timed else "assumed"},
        "modes": modes,
        "configured": "sample" if asked is not None else cycle.settings.scan.mode,
        "cheapest": min(priced, key=_price)["mode"] if priced else None,
    }


def _price(mode: dict[str, Any]) -> tuple[float, int, float]:
    """Of what costs the same, what leaves less unknown is cheaper, then what is quicker."""
    seconds = mode["seconds"]
    return mode["usd"], mode["unknown_items"] or 0, inf if seconds is None else seconds


def _known(cycle: Cycle, place: str) -> Known:
    try:
        last = load_snapshot(cycle.ws)
    except ReconError:
        last = None
    if last is not None and last.place != place:
        last = None
    expectation = None
    try:
        expectation, _ = gather(cycle.ws, cycle.plan, cycle.registry, cycle.lake, cycle.progress)
    except ScheduleError as error:
        cycle.progress.log(f"what should exist is not known: {error}")
    seconds = _seconds_a_request(last)
    in_flight = cycle.settings.scan.workers if cycle.lake().concurrent else 1
    return Known(
        last=last,
        whole=last if last and _looked_at(last, prefix_spans(cycle.settings.lake.prefixes)) else None,
        expectation=expectation,
        denied=tuple(found for found in last.ranges if found.state == "denied") if last else (),
        gaps=_gaps(cycle, place),
        seconds=ASSUMED_SECONDS / in_flight if seconds is None else seconds,
        timed=seconds is not None,
    )


def _gaps(cycle: Cycle, place: str) -> int:
    """How many gaps the last run found, if it was of this lake."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        of = (pq.read_metadata(cycle.ws.coverage).metadata or {}).get(LAKE_NOTE.encode())
        return int(pq.read_metadata(cycle.ws.gaps).num_rows) if of == place.encode() else 0
    except (OSError, pa.ArrowException):
        return 0


def _seconds_a_request(last: Snapshot | None) -> float | None:
    """Of a scan with many requests in flight at once, the time that each added."""
    if last is None or last.mode != "listing" or not last.requests:
        return None
    return (last.finished_at - last.started_at).total_seconds() / last.requests


def _looked_at(last: Snapshot, spans: Sequence[Span]) -> bool:
    """Whether the snapshot looked at all keys of the spans, denied or not."""
    return not without(spans, [found for found in last.ranges if found.state != "sampled_out"])


def _seen(cycle: Cycle, known: Known, request: RunRequest, folder: Path) -> Seen:
    """What a scan would list that is asked for so."""
    lake = cycle.lake()
    todo = replace(cycle.scanner(known.expectation), request=request).scan_plan(folder)
    pieces = first_pieces(lake, todo.spans, todo.known, cycle.settings.scan.workers)
    objects = items = None
    with cycle.engine(folder) as engine:
        if known.whole:
            objects = count_objects(engine, cycle.ws.snapshot_parquet, _bounds(pieces))
        if known.expectation is not None:
            build_expected_keys(engine, cycle.plan, known.expectation, cycle.registry)
            looked_at = _bounds(without(todo.spans, known.denied))
            now = cycle.plan.now
            items = count_items(engine, looked_at, now=now, since=now - _report_age(cycle))
    pages: int | None = None
    if objects is not None:
        pages = sum(max(1, ceil(number / lake.page_keys)) for number in objects)
    elif items is not None:
        pages = max(len(pieces), ceil((items.expected if todo.sample is None else items.covered) / lake.page_keys))
    return Seen(ranges=len(pieces), pages=pages, objects=None if objects is None else sum(objects), items=items)


def _bounds(spans: Iterable[Span]) -> list[tuple[str, str | None]]:
    return [(span.start, span.end) for span in spans]


def _objects(known: Known, listing: Seen) -> dict[str, Any]:
    """How many objects a full scan would see, and who says so."""
    if known.whole is not None:
        return {
            "number": listing.objects,
            "basis": "last_snapshot",
            "as_of": format_utc(known.whole.evidence_at),
        }
    if listing.items is not None:
        return {"number": listing.items.expected, "basis": "expected_items", "as_of": None}
    return {"number": None, "basis": "not_known", "as_of": None}


def _unlisted(known: Known) -> str:
    why = "a key of theirs lies outside lake.prefixes"
    return f"{why}, or where the lake denied the last listing" if known.denied else why


def _reports(cycle: Cycle) -> bool:
    """Whether the settings speak of inventory reports at all."""
    options = cycle.settings.scan.inventory_report
    return cycle.settings.scan.mode == "inventory_report" or bool(options.destination or options.config_id)


def _report_age(cycle: Cycle) -> timedelta:
    """How old a daily report's evidence may be: a day, and the margin."""
    return timedelta(days=1, hours=cycle.settings.scan.inventory_report.margin_hours)


def _places(cycle: Cycle, known: Known, listing: Seen) -> int:
    """In how many places is listed afresh at most: for what fell due since the report, and for gaps that it is too old
    to call gaps. What lies on one page is one place, so there are no more of them than a listing has pages.
    """
    wanted = listing.items.newest if listing.items else 0
    if _report_age(cycle) > timedelta(hours=cycle.settings.scan.max_gap_evidence_hours):
        wanted += known.gaps
    return wanted if listing.pages is None else min(wanted, listing.pages)


def _report(cycle: Cycle, lake: str, known: Known, listing: Seen) -> dict[str, Any]:
    """By the last scan of a report where there was one; else as for a daily report in files of a million objects."""
    last = known.last if known.last and known.last.report else None
    items, objects = listing.items, listing.objects
    if objects is None and items is not None:
        objects = items.expected
    afresh = cycle.settings.scan.inventory_report.list_afresh
    unknown = None
    if items is not None:
        unknown = items.unseen + (0 if afresh else items.newest)
    requests = usd = None
    if last:
        requests, usd = last.requests, last.usd
    elif objects is not None:
        gets = max(1, ceil(objects / _FILE_OBJECTS)) + REPORT_GETS
        lists = _LOOKS + (_places(cycle, known, listing) if afresh else 0)
        requests, usd = gets + lists, scan_usd(lake, lists=lists, gets=gets, reported=objects)
    hours = _report_age(cycle) / timedelta(hours=1)
    because = _unlisted(known) if afresh else f"they fell due in the last {hours:g} hours, or {_unlisted(known)}"
    return {
        "mode": "inventory_report",
        "rate": None,
        "ranges": None,
        "requests": requests,
        "seconds": (last.finished_at - last.started_at).total_seconds() if last else None,
        "usd": usd,
        "proves": PROVES["inventory_report"],
        "unknown_items": unknown,
        "unknown_because": because if unknown else None,
    }


def _row(mode: str, lake: str, known: Known, seen: Seen, why: str) -> dict[str, Any]:
    """A row of the table. A local folder is not asked in requests, and costs nothing."""
    on_s3 = lake.startswith("s3://")
    seconds: float | None = None
    if on_s3 and seen.pages is not None:
        # One page takes as long as it takes, whatever else is in flight.
        seconds = known.seconds * seen.pages if known.timed else max(ASSUMED_SECONDS, known.seconds * seen.pages)
    elif known.whole is not None:
        seconds = (known.whole.finished_at - known.whole.started_at).total_seconds()
    unknown = seen.items.unseen if seen.items else None
    return {
        "mode": mode,
        "rate": None,
        "ranges": seen.ranges,
        "requests": seen.pages if on_s3 else None,
        "seconds": None if seconds is None else round(seconds, 3),
        "usd": None if seen.pages is None else scan_usd(lake, lists=seen.pages),
        "proves": PROVES[mode],
        "unknown_items": unknown,
        "unknown_because": why if unknown else None,
    }

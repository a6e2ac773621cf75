"""What a scan would do and cost, mode by mode, said before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from recon_core.api import ReconError, ScheduleError
from recon_core.engine.expected_keys import build_expected_keys
from recon_core.engine.sizes import Items, count_items, count_objects
from recon_core.expectation import gather
from recon_core.kept import load_snapshot
from recon_core.lake.base import PAGE_KEYS
from recon_core.lake.spans import Span, prefix_spans, without
from recon_core.prices import scan_usd
from recon_core.progress import Progress
from recon_core.request import RunRequest
from recon_core.snapshot import Snapshot
from recon_core.steps import Cycle
from recon_core.times import format_utc
from recon_core.workspace import Workspace

__all__ = ["ASSUMED_SECONDS", "estimate_scan"]

SCHEMA_VERSION = 1

ASSUMED_SECONDS = 0.1
"""How long S3 is taken to need for a page where no scan was timed; it takes 0.05 to 0.2 s."""


PROVES = {
    "listing": "every item in what is listed: there, or missing",
}
"""What each mode proves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an estimate rests on.

    ``last`` is the lake's last snapshot where that speaks for all that a listing would see, ``objects`` how many it has
    in each span. ``items`` are those that should exist, None where no schedule says which. ``denied``: the lake refused
    some range the last time. ``seconds`` is the time for a request; ``timed``: the last scan showed it.
    """

    last: Snapshot | None
    objects: Sequence[int] | None
    items: Items | None
    denied: bool
    seconds: float
    timed: bool


def estimate_scan(ws: Workspace, request: RunRequest, progress: Progress) -> dict[str, Any]:
    """The estimate as in ``scan_estimate.schema.json``. Neither the lake nor a source is asked, and nothing is written.

    Raises ReconError for a workspace that cannot be read.
    """
    cycle = Cycle.open(ws, replace(request, dry_run=True), progress)
    lake, spans = cycle.lake().url, prefix_spans(cycle.settings.lake.prefixes)
    known = _known(cycle, lake, spans)
    modes = [_listing(lake, known, len(spans))]
    priced = [mode for mode in modes if mode["usd"] is not None]
    return {
        "schema_version": SCHEMA_VERSION,
        "as_of": format_utc(request.now),
        "lake": lake,
        "objects": _objects(known),
        "expected_items": known.items.expected if known.items else None,
        "due_items": known.items.due if known.items else None,
        "timing": {"seconds_per_request": known.seconds, "basis": "last_scan" if known.timed else "assumed"},
        "modes": modes,
        "configured": cycle.settings.scan.mode,
        "cheapest": min(priced, key=lambda mode: (mode["usd"], mode["seconds"]))["mode"] if priced else None,
    }


def _known(cycle: Cycle, lake: str, spans: Sequence[Span]) -> Known:
    last = _last_of(cycle.ws, lake)
    denied = [found for found in last.ranges if found.state == "denied"] if last else []
    whole = last if last and _speaks_for(last, spans) else None
    bounds = [(span.start, span.end) for span in spans]
    objects = items = None
    with cycle.outputs() as outputs, cycle.engine(outputs.path) as engine:
        if whole:
            objects = count_objects(engine, cycle.ws.snapshot_parquet, bounds)
        try:
            expectation, _ = gather(cycle.ws, cycle.plan, cycle.registry, cycle.lake, cycle.progress)
            build_expected_keys(engine, cycle.plan, expectation, cycle.registry)
        except ScheduleError as error:
            cycle.progress.log(f"what should exist is not known: {error}")
        else:
            seen = [(span.start, span.end) for span in without(spans, denied)]
            items = count_items(engine, seen, now=cycle.plan.now)
    seconds = _seconds_a_request(last)
    return Known(
        last=whole,
        objects=objects,
        items=items,
        denied=bool(denied),
        seconds=ASSUMED_SECONDS if seconds is None else seconds,
        timed=seconds is not None,
    )


def _seconds_a_request(last: Snapshot | None) -> float | None:
    if last is None or last.mode != "listing" or not last.requests:
        return None
    return (last.finished_at - last.started_at).total_seconds() / last.requests


def _last_of(ws: Workspace, lake: str) -> Snapshot | None:
    try:
        last = load_snapshot(ws)
    except ReconError:
        return None
    return last if last.lake == lake else None


def _speaks_for(last: Snapshot, spans: Sequence[Span]) -> bool:
    """Whether the snapshot looked at all keys of the spans, denied or not."""
    looked_at = [found for found in last.ranges if found.state != "sampled_out"]
    return not without(spans, looked_at)


def _objects(known: Known) -> dict[str, Any]:
    """How many objects the scan would see, and who says so."""
    if known.objects is not None and known.last is not None:
        return {"number": sum(known.objects), "basis": "last_snapshot", "as_of": format_utc(known.last.evidence_at)}
    if known.items is not None:
        return {"number": known.items.expected, "basis": "expected_items", "as_of": None}
    return {"number": None, "basis": "not_known", "as_of": None}


def _listing(lake: str, known: Known, ranges: int) -> dict[str, Any]:
    requests: int | None = None
    if known.objects is not None:
        requests = sum(max(1, ceil(number / PAGE_KEYS)) for number in known.objects)
    elif known.items is not None:
        requests = max(ranges, ceil(known.items.expected / PAGE_KEYS))
    why = "outside lake.prefixes" + (", or where the lake denied the last listing" if known.denied else "")
    return _mode(
        "listing",
        lake,
        known,
        ranges=ranges,
        lists=requests,
        unknown=known.items.unseen if known.items else None,
        why=f"items {why}",
    )


def _mode(
    mode: str, lake: str, known: Known, *, ranges: int, lists: int | None, unknown: int | None, why: str
) -> dict[str, Any]:
    """A row of the table. A local folder is not asked in requests, and costs nothing."""
    on_s3 = lake.startswith("s3://")
    seconds = known.seconds * lists if on_s3 and lists is not None else None
    if not on_s3 and known.last is not None:
        seconds = (known.last.finished_at - known.last.started_at).total_seconds()
    return {
        "mode": mode,
        "ranges": ranges,
        "requests": lists if on_s3 else None,
        "seconds": None if seconds is None else round(seconds, 3),
        "usd": None if lists is None else scan_usd(lake, lists=lists),
        "proves": PROVES[mode],
        "unknown_items": unknown,
        "unknown_because": why if unknown else None,
    }

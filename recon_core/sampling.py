"""From a drawn sample to what a scan lists: its spans, what is left out, and what the user should know of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from recon_core.engine.sample import WORTH_PAGES, Drawn
from recon_core.lake.spans import Span, asked_for, within
from recon_core.snapshot import KeyRange, Sample, prefix_end

__all__ = ["SampledScan", "sampled_scan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledScan:
    """What is listed of the spans of a full scan, and what is not; ``notes`` are lines that are safe to show."""

    spans: tuple[Span, ...]
    left_out: tuple[KeyRange, ...]
    sample: Sample
    notes: tuple[str, ...]


def sampled_scan(drawn: Drawn, everything: Sequence[Span], *, rate: float, seed: int, now: datetime) -> SampledScan:
    """List what was drawn of ``everything`` that a full scan would list, and leave the rest out."""
    wanted: list[tuple[str, str | None]] = [(first, last + "\0") for first, last in drawn.stretches]
    wanted += [(prefix, prefix_end(prefix)) for one in drawn.whole for prefix in one.prefixes]
    spans: list[Span] = []
    left_out: list[KeyRange] = []
    for span in everything:
        position: str | None = span.start
        for start, end in _joined(wanted):
            for piece in within([span], start, end):
                if position is not None and position < piece.start:
                    left_out.append(_left_out(position, piece.start, now))
                spans.append(replace(piece, prefix=asked_for(piece)))
                position = piece.end
        if position is not None and position != span.end:
            left_out.append(_left_out(position, span.end, now))
    return SampledScan(
        spans=tuple(spans),
        left_out=tuple(left_out),
        sample=Sample(rate=rate, seed=seed, clusters=drawn.clusters),
        notes=tuple(_notes(drawn, rate)),
    )


def _joined(ranges: Sequence[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """The same keys in ascending ranges that do not overlap."""
    found: list[tuple[str, str | None]] = []
    for start, end in sorted(ranges, key=lambda one: one[0]):
        last = found[-1] if found else None
        if last is None or (last[1] is not None and last[1] < start):
            found.append((start, end))
        else:
            furthest = None if last[1] is None or end is None else max(last[1], end)
            found[-1] = (last[0], furthest)
    return found


def _left_out(start: str, end: str | None, now: datetime) -> KeyRange:
    return KeyRange(start=start, end=end, state="sampled_out", error=None, evidence_at=now)


def _notes(drawn: Drawn, rate: float) -> list[str]:
    covered = f"{drawn.items:,} of {drawn.expected:,} expected items"
    notes = [f"a sample of {covered}, in {len(drawn.clusters):,} clusters (rate {rate:g}): the rest is unknown"]
    if not drawn.saves:
        pages = "1 page" if drawn.pages <= 1 else f"{drawn.pages:,} pages"
        notes.append(
            f"a full listing costs no more: what is expected fills about {pages}, and below {WORTH_PAGES:,} pages a "
            "sample saves nothing worth having: give --full"
        )
    notes += [
        f"{one.source}/{one.data_type}: its plugin reads the keys itself, so none can be told beforehand: listed whole"
        for one in drawn.whole
    ]
    return notes

"""Listing many stretches of the key space at once.

The spans are cut into pieces where keys are known; each worker lists one piece at a time, and a worker without one
takes the rest of another's, cut in two. Pieces are half-open and part the spans, so every key is in exactly one of
them, wherever the cuts are: where a piece ends is decided here, not by the lake.
"""

from __future__ import annotations

import importlib
import threading
from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from recon_core.lake.base import FailedPageError, Hole, Lake, ListingLog
from recon_core.lake.checkpoint import Checkpoint, Covered
from recon_core.lake.denied import narrowed, parted
from recon_core.lake.failing import Failures
from recon_core.lake.guessing import Scale, scale_of_page
from recon_core.lake.known import KnownKeys
from recon_core.lake.spans import Span, before, without
from recon_core.objects import rows_before, rows_within

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Denied", "Listing", "Part", "first_pieces"]

_PIECES_A_WORKER = 4
_MOST_DENIALS = 200
_LONGEST_WAIT = 1.0


@dataclass(frozen=True, slots=True)
class Denied:
    """Keys from ``start`` (inclusive) to ``end`` (exclusive) that could not be listed, and why."""

    start: str
    end: str | None
    error: str


Part = Covered | Denied


@dataclass(eq=False, slots=True)
class _Piece:
    """A stretch that is being listed, or waits for it. All before ``position`` is done.

    ``expected`` is how many keys are known in it, ``seen`` how many were listed, ``scale`` what its keys or those of
    the piece that it was cut from are like; ``blind``: it was cut where no key is known. ``doubted`` is the position
    at which the lake failed while it answered others, ``jump`` how many pages to pass by if it fails for good before
    any page of it comes.
    """

    position: str
    end: str | None
    prefix: str
    expected: int
    scale: Scale | None = None
    blind: bool = False
    seen: int = 0
    offer: tuple[str, float] | None = None
    doubted: str | None = None
    jump: int = 1

    @property
    def rest(self) -> Span:
        return Span(self.position, self.end, self.prefix)


def first_pieces(lake: Lake, spans: Sequence[Span], known: KnownKeys, workers: int) -> list[Span]:
    """The pieces that a listing begins with; more come of them where they turn out to be long."""
    most = workers * _PIECES_A_WORKER if lake.concurrent and workers > 1 else 1
    return known.pieces(spans, most, lake.page_keys)


class Listing:
    """Lists spans with up to ``workers`` listings at once and keeps the pages in ``checkpoint``.

    ``parts`` gives what they became in the order of the keys; ``done`` is what need not be listed, in order.
    ``requests`` and ``skipped`` sum up what the lake said besides keys, ``objects`` counts what was found.
    """

    def __init__(
        self,
        lake: Lake,
        spans: Sequence[Span],
        *,
        known: KnownKeys,
        workers: int,
        checkpoint: Checkpoint,
        evidence_at: datetime,
        retried: Callable[[str], None],
    ) -> None:
        self._lake = lake
        self._known = known
        self._workers = workers if lake.concurrent else 1
        self._page_keys = lake.page_keys
        self._checkpoint = checkpoint
        self._evidence_at = evidence_at
        self._retried = retried
        self._lock = threading.Lock()
        self._ready = threading.Condition(self._lock)
        self._wanted = threading.Condition(self._lock)
        self._waiting: list[_Piece] = []
        self._active: set[_Piece] = set()
        self._done: dict[str, Part] = {}
        self._guesses = self._workers
        self._denials = 0
        self._refused: str | None = None
        self._answered: set[str] = set()
        self._failures = Failures(lake, known)
        self._memory: dict[str, list[str]] = {}
        self._error: BaseException | None = None
        self._working = 0
        self._stopped = False
        self.requests = 0
        self.objects = 0
        self.skipped: Counter[str] = Counter()
        for span in first_pieces(lake, spans, known, workers):
            self._add(span)

    def parts(
        self, spans: Sequence[Span], done: Sequence[Covered], progress: Callable[[int], None]
    ) -> Iterator[tuple[Span, Part]]:
        """What each of ``spans`` became, with ``done``, which was listed before: in order, as soon as it is known.

        Raises what the lake raises. ``progress`` gets the number of objects now and then.
        """
        self._done.update((part.start, part) for part in done)
        self.objects += sum(part.rows for part in done)
        for covered in done:
            self.skipped.update(covered.skipped)
        self._working = self._workers
        for _ in range(self._workers):
            threading.Thread(target=self._work, daemon=True).start()
        try:
            # What reads pages takes its time to import, and takes it here while the first are on their way.
            importlib.import_module("pyarrow.compute")
            for span in spans:
                position: str | None = span.start
                while position is not None and position != span.end:
                    part = self._part(position, progress)
                    yield span, part
                    position = part.end
        finally:
            with self._lock:
                self._stopped = True
                self._wanted.notify_all()
                # Not for long: one may wait for an answer that never comes.
                self._ready.wait_for(lambda: not self._working, _LONGEST_WAIT)

    def _part(self, position: str, progress: Callable[[int], None]) -> Part:
        while True:
            with self._lock:
                if self._error is not None:
                    raise self._error
                part = self._done.pop(position, None)
                objects = self.objects
                if part is None:
                    self._ready.wait(_LONGEST_WAIT)
            if objects:
                progress(objects)
            if part is not None:
                return part

    def _add(
        self, span: Span, *, blind: bool = False, scale: Scale | None = None, doubted: bool = False, jump: int = 1
    ) -> _Piece:
        expected = self._known.keys(span.start, span.end)
        piece = _Piece(span.start, span.end, span.prefix, expected, scale, blind)
        piece.doubted, piece.jump = span.start if doubted else None, jump
        insort(self._waiting, piece, key=lambda piece: piece.position)
        return piece

    def _work(self) -> None:
        try:
            while (piece := self._next()) is not None:
                self._list(piece)
        except BaseException as error:
            with self._lock:
                self._error = self._error or error
                self._stopped = True
                self._wanted.notify_all()
        finally:
            with self._lock:
                self._working -= 1
                self._ready.notify()

    def _next(self) -> _Piece | None:
        """A piece to list: one that waits, else the half of another; ``None`` when all is listed."""
        with self._lock:
            while not self._stopped:
                for span in self._failures.released():
                    self._add(span, doubted=True)
                    self._wanted.notify()
                if self._refused is not None and self._denials >= _MOST_DENIALS and not self._answered:
                    self._give_up(self._refused)
                if not self._waiting:
                    self._cut_largest()
                if not self._active and (not self._waiting or self._failures.enough):
                    for span in self._failures.narrowed():
                        self._add(span)
                        self._wanted.notify()
                if self._waiting and not self._failures.enough:
                    piece = self._waiting.pop(0)
                    self._active.add(piece)
                    return piece
                if not self._active:
                    self._wanted.notify_all()
                    return None
                self._wanted.wait()
        return None

    def _give_up(self, error: str) -> None:
        """Nothing was allowed so far, often enough: what waits is taken for denied as well."""
        for piece in self._waiting:
            self._done[piece.position] = Denied(piece.position, piece.end, error)
        self._waiting.clear()
        self._ready.notify()

    def _cut_largest(self) -> None:
        """Cut the piece with the most before it, for a worker that has none."""
        largest = max(self._active, key=lambda piece: piece.offer[1] if piece.offer else 0.0, default=None)
        if largest is None or largest.offer is None:
            return
        at, _ = largest.offer
        blind = not self._known.between(largest.position, largest.end)
        if blind and self._guesses <= 0:
            return
        new = self._add(Span(at, largest.end, largest.prefix), blind=blind, scale=largest.scale)
        largest.end = at
        self._offer(largest)
        self._offer(new)
        self._wanted.notify()

    def _offer(self, piece: _Piece) -> None:
        """Where the piece could be cut, and how many pages may lie before it."""
        piece.offer = None
        if self._workers == 1:
            return
        inside = self._known.between(piece.position, piece.end)
        pages = len(inside) * self._known.stride / self._page_keys
        if pages >= 2:
            piece.offer = (self._known.points[inside[len(inside) // 2]] + "\0", pages)
        elif piece.scale is not None and (piece.blind or piece.seen >= 2 * piece.expected + self._page_keys):
            piece.offer = piece.scale.cut(piece.position, piece.end)
            piece.blind = True
        if piece.offer is not None and not piece.rest.holds(piece.offer[0]):
            piece.offer = None

    def _list(self, piece: _Piece) -> None:
        log = ListingLog(on_retry=self._retried, memory=self._memory)
        start_after = None if piece.position <= piece.prefix else before(piece.position)
        first = piece.position
        try:
            for page in self._lake.list_pages(piece.prefix, start_after, log=log):
                self._failures.sound = piece.prefix, start_after
                rows = page.rows
                if page.first_key < first:
                    rows = rows.slice(rows_before(rows, first))
                if rows.num_rows and not self._take(piece, rows, log):
                    break
            else:
                self._finish(piece, log)
        except FailedPageError as error:
            self._fail(piece, error)
        finally:
            with self._lock:
                self._active.discard(piece)
                self.requests += log.requests
                self.skipped.update(log.skipped)
                if not self._active:
                    self._wanted.notify_all()

    def _take(self, piece: _Piece, rows: pyarrow.RecordBatch, log: ListingLog) -> bool:
        """Keep a page of a piece as far as the piece goes; False when that is all of it."""
        last: str = rows.column(0)[-1].as_py()
        following = last + "\0"
        scale = self._scale(piece, rows, last)
        with self._lock:
            if self._stopped:
                return False
            start, end = piece.position, piece.end
            ended = end is not None and following >= end
            if end is not None and ended:
                rows = rows.slice(0, rows_before(rows, end))
            piece.position = end if ended and end is not None else following
            piece.seen += rows.num_rows
            piece.jump = 1
            piece.scale = scale
            self._guesses = min(self._workers, self._guesses + 1)
            self._answered.add(piece.prefix)
            self._offer(piece)
            if piece.offer:
                self._wanted.notify()
        self._keep(start, end if ended else following, rows, log)
        return not ended

    def _scale(self, piece: _Piece, rows: pyarrow.RecordBatch, last: str) -> Scale | None:
        """What the keys of a piece are like when a further page was seen."""
        if self._workers == 1:
            return None
        scale = piece.scale
        if not piece.seen or scale is None or not last.startswith(scale.head):
            scale = scale_of_page(rows) or scale
        return scale.after(piece.scale, last) if scale is not None else None

    def _finish(self, piece: _Piece, log: ListingLog) -> None:
        """The lake has listed all that it lists of a piece; what it denied is tried in smaller pieces."""
        with self._lock:
            if self._stopped:
                return
            rest = piece.rest
            self._active.discard(piece)
            if piece.blind and not piece.seen:
                # Each page earns another guess, so that those in vain cost no more than the pages, and few at first.
                self._guesses -= 1
            again: list[Span] = []
            if not log.holes:
                self._answered.add(piece.prefix)
                self._failures.sound = self._failures.sound or (piece.prefix, None)
            elif self._lake.concurrent and self._denials < _MOST_DENIALS:
                self._denials += 1
                self._refused = log.holes[-1].error
                again = narrowed(rest, self._known, answered=piece.prefix in self._answered)
            for span in again:
                self._add(span)
            self._wanted.notify(len(again))
        self._close(rest, again, log)

    def _fail(self, piece: _Piece, error: FailedPageError) -> None:
        """The lake answered, but not with the next page of a piece, as often as it was asked.

        If it still gives a page that it gave before, the failure is the piece's own: it is tried once more, and what
        fails again, while the lake answers before and after, is taken for denied. Else the lake has failed.
        """
        with self._lock:
            sound = self._failures.sound
            if sound is None:
                self._active.discard(piece)
                self._failures.add(piece.rest, error)
                return
        log = ListingLog(on_retry=self._retried)
        try:
            self._failures.ask_again(sound, error, log)
        finally:
            with self._lock:
                self.requests += log.requests
        with self._lock:
            if self._stopped:
                return
            rest = piece.rest
            self._active.discard(piece)
            again: list[Span] = []
            jump, doubted = piece.jump, piece.doubted != piece.position
            if doubted:
                again = [rest]
            elif self._denials < _MOST_DENIALS:
                self._denials += 1
                answered = piece.prefix in self._answered
                again, jump = self._failures.following(rest, piece.jump, answered=answered)
            for span in again:
                self._add(span, scale=piece.scale, doubted=doubted, jump=jump)
            self._wanted.notify(len(again))
        self._close(rest, again, ListingLog(holes=[Hole(rest.start, rest.end, str(error))]))

    def _close(self, rest: Span, again: Sequence[Span], log: ListingLog) -> None:
        """Note as listed, but for its holes, what of a piece is not tried again."""
        for span in without([rest], again):
            self._keep(span.start, span.end, None, log)

    def _keep(self, start: str, end: str | None, rows: pyarrow.RecordBatch | None, log: ListingLog) -> None:
        """Note what is known of the keys from ``start`` to ``end``: ``rows`` are all that lie there but in holes."""
        parts: list[Part] = []
        # With the page, so that a scan that goes on from here knows of them.
        skipped = dict(log.skipped) if log.skipped else None
        for span, error in parted(Span(start, end), log.holes):
            if error is not None:
                parts.append(Denied(span.start, span.end, error))
                continue
            own = None if rows is None else rows_within(rows, span.start, span.end)
            parts.append(self._checkpoint.append(span.start, span.end, self._evidence_at, own, skipped))
            if skipped:
                log.skipped.clear()
                with self._lock:
                    self.skipped.update(skipped)
                skipped = None
        with self._lock:
            self._done.update((part.start, part) for part in parts)
            self.objects += sum(part.rows for part in parts if isinstance(part, Covered))
            self._ready.notify()

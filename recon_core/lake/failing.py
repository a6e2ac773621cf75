"""Stretches for which the lake answers, but not with a page: whether that is their own failure or the lake's.

A page that the lake gave before decides: what fails, and fails again, while that page can be had before and after, is
a stretch that cannot be listed. Where that page cannot be had either, the lake itself has failed.
"""

from __future__ import annotations

from recon_core.lake.base import FailedPageError, Lake, ListingLog
from recon_core.lake.denied import beyond, narrowed
from recon_core.lake.known import KnownKeys
from recon_core.lake.spans import Span, without

__all__ = ["Failures"]

_MOST_FOLDERS = 100
_MOST_UNANSWERED = 3
_FURTHER = 8


class Failures:
    """What failed before the lake gave any page, and what to do about what fails later.

    ``sound`` is the request, prefix and key to start after, of a page that the lake gave. All but ``ask_again`` is
    called under the listing's lock.
    """

    def __init__(self, lake: Lake, known: KnownKeys) -> None:
        self._lake = lake
        self._known = known
        self._waiting: list[tuple[Span, FailedPageError]] = []
        self._unanswered = 0
        self.sound: tuple[str, str | None] | None = None

    @property
    def enough(self) -> bool:
        """Whether so much failed before any page was given that nothing else is worth asking for."""
        return self.sound is None and self._unanswered >= _MOST_UNANSWERED

    def add(self, span: Span, error: FailedPageError) -> None:
        """Keep what failed before any page was given."""
        self._waiting.append((span, error))
        self._unanswered += 1

    def released(self) -> list[Span]:
        """What failed before any page was given and is to be tried again, as one was given since."""
        if self.sound is None:
            return []
        spans = [span for span, _ in self._waiting]
        self._waiting.clear()
        return spans

    def narrowed(self) -> list[Span]:
        """Known folders of what failed, to be tried by their names where nothing else is left to be tried.

        Raises what the lake said where there are none, or enough failed.
        """
        if not self._waiting:
            return []
        span, error = self._waiting[0]
        tries = [] if self.enough else narrowed(span, self._known, answered=False)
        if not tries:
            raise error
        self._waiting[:1] = [(piece, error) for piece in without([span], tries)]
        return tries

    def following(self, rest: Span, jump: int, *, answered: bool) -> tuple[list[Span], int]:
        """What is tried of a stretch that failed for good, and how many pages to pass by where that fails too.

        ``jump`` pages are passed by now; ``answered``: its prefix as such can be listed.
        """
        tries = narrowed(rest, self._known, answered=answered)
        if 0 < len(tries) <= _MOST_FOLDERS:
            return tries, 1
        return beyond(rest, self._known, jump * self._lake.page_keys) or tries, jump * _FURTHER

    def ask_again(self, sound: tuple[str, str | None], error: FailedPageError, log: ListingLog) -> None:
        """Ask for a page that the lake gave before.

        Raises what the lake raises, and ``error``, for which it is asked, where that page is denied now.
        """
        next(iter(self._lake.list_pages(*sound, log=log)), None)
        if log.holes:
            raise error

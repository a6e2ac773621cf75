"""Several pieces of work at once, none of which is waited for once one has failed or the user wants to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

__all__ = ["Going", "do_several"]

Item = TypeVar("Item")
Result = TypeVar("Result")

Going = Callable[[], bool]
"""Whether what is being done is still wanted."""


def do_several(
    work: Callable[[Item, Going], Result],
    items: Sequence[Item],
    *,
    at_once: int,
    done: Callable[[int, Result], None],
) -> None:
    """Do ``work`` for each of the items on up to ``at_once`` threads; ``done`` gets each place and result here.

    Raises the first error of the work, of ``done``, or of a signal at once. What runs then goes on by itself and should
    end as soon as it is told that it is not ``going`` any more; its process may end before. (A ThreadPoolExecutor is
    waited for, at the latest when the process ends, however long a server keeps silent.)
    """
    stopped = threading.Event()
    waiting: SimpleQueue[int] = SimpleQueue()
    finished: SimpleQueue[tuple[int, Result] | BaseException] = SimpleQueue()
    for place in range(len(items)):
        waiting.put(place)

    def going() -> bool:
        return not stopped.is_set()

    def run() -> None:
        while going():
            try:
                place = waiting.get_nowait()
            except Empty:
                return
            try:
                finished.put((place, work(items[place], going)))
            except BaseException as error:
                finished.put(error)
                return

    try:
        for _ in range(min(at_once, len(items))):
            threading.Thread(target=run, daemon=True).start()
        for _ in items:
            found = finished.get()
            if isinstance(found, BaseException):
                raise found
            done(*found)
    finally:
        stopped.set()

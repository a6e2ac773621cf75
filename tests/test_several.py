"""Several pieces of work at once: their results, and an end that waits for none of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from recon_core.several import Going, do_several


@pytest.fixture
def silence() -> Iterator[threading.Event]:
    """Never set while a test runs: a server that keeps silent."""
    event = threading.Event()
    yield event
    event.set()


def test_each_result_comes_once_with_its_place() -> None:
    found: dict[int, int] = {}
    do_several(lambda item, going: item * item, range(100), at_once=7, done=found.__setitem__)
    assert found == {place: place * place for place in range(100)}
    do_several(lambda item, going: item, [], at_once=7, done=found.__setitem__)


def test_no_more_at_once_than_asked_for() -> None:
    lock, running, most = threading.Lock(), 0, 0

    def work(item: int, going: Going) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1

    do_several(work, range(20), at_once=3, done=lambda place, result: None)
    assert most == 3


def test_a_failure_waits_for_nobody_and_nothing_more_is_begun(silence: threading.Event) -> None:
    begun: list[int] = []
    still: list[Going] = []

    def work(item: int, going: Going) -> None:
        begun.append(item)
        still.append(going)
        if item == 2:
            raise ValueError("the third")
        if item < 2:
            silence.wait(60)

    before = time.monotonic()
    with pytest.raises(ValueError, match="the third"):
        do_several(work, range(50), at_once=3, done=lambda place, result: None)
    assert time.monotonic() - before < 10
    assert len(begun) == 3
    assert not any(going() for going in still)


def test_a_signal_waits_for_nobody(silence: threading.Event) -> None:
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    before = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        do_several(lambda item, going: silence.wait(60), [1, 2], at_once=2, done=lambda place, result: None)
    assert time.monotonic() - before < 10


def test_a_process_ends_while_its_work_still_waits() -> None:
    code = (
        "import time\nfrom recon_core.several import do_several\n"
        "def work(item, going):\n    time.sleep(0 if item else 50)\n    raise SystemExit(7)\n"
        "do_several(work, [0, 1], at_once=2, done=print)"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=20, check=False)
    assert done.returncode == 7

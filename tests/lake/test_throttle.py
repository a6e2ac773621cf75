"""Fewer requests in flight when the lake asks for it, and more again when it does not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack

from support.s3_server import S3Server

from recon_core.lake.base import ListingLog
from recon_core.lake.s3 import S3Lake
from recon_core.lake.throttle import Throttle


def test_a_refusal_halves_what_was_in_flight_once_for_all_of_it() -> None:
    throttle = Throttle(256)
    with ExitStack() as stack:
        slots = [stack.enter_context(throttle.slot()) for _ in range(16)]
        throttle.slow_down(slots[0])
        assert throttle.limit == 8
        for slot in slots[1:]:
            throttle.slow_down(slot)
        assert throttle.limit == 8
    with throttle.slot() as slot:
        throttle.slow_down(slot)
    assert throttle.limit == 1


def test_it_recovers_by_one_for_as_many_answers_as_may_be_in_flight() -> None:
    throttle = Throttle(6)
    with throttle.slot() as slot:
        throttle.slow_down(slot)
    limits = []
    for _ in range(40):
        throttle.went_well()
        limits.append(throttle.limit)
    assert limits == sorted(limits)
    assert limits[0] == 2
    assert all(limit <= limits.count(limit) <= limit + 1 for limit in (2, 3, 4, 5))
    assert limits[-1] == 6


def test_who_has_no_slot_waits_for_one() -> None:
    throttle = Throttle(256)
    with throttle.slot() as slot:
        throttle.slow_down(slot)
    entered = threading.Event()

    def enter() -> None:
        with throttle.slot():
            entered.set()

    with throttle.slot():
        thread = threading.Thread(target=enter, daemon=True)
        thread.start()
        assert not entered.wait(0.1)
    assert entered.wait(10)
    thread.join(10)


def test_a_service_that_asks_to_slow_down_is_asked_less(
    s3_server: S3Server, bucket_lake: Callable[..., S3Lake]
) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, dict.fromkeys("abcdefghijkl", 1))
    lake = bucket_lake(bucket)
    with s3_server.faults({"match": "list-type=2", "action": "status", "status": 503, "code": "SlowDown", "times": 3}):
        found = [key for page in lake.list_pages(log=ListingLog()) for key in page.keys]
    assert found == list("abcdefghijkl")
    assert lake.in_flight_limit < 4

"""The kit's context tells of its lake what a run's does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.league import League

from recon_core.api import Context, LakeError
from recon_core.testing import FakeContext


def test_the_time_of_an_object_is_that_which_the_test_gives_else_now() -> None:
    written = datetime(2024, 11, 1, tzinfo=UTC)
    fake = FakeContext(plugin=League().plugin(), lake={"a": b"1", "b": b"2"}, written={"a": written, "gone": written})
    context: Context = fake
    assert [context.last_modified(key) for key in ("a", "b", "gone")] == [written, fake.now, None]
    with pytest.raises(LakeError):
        context.read("gone")

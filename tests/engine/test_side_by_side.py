"""Two pieces of work on the same tables: the second ends soon after the first has failed."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import duckdb
import pytest

from recon_core.engine.connection import open_engine, side_by_side

# Minutes of work.
LONG = "SELECT sum(a.range * b.range) FROM range(1000000) AS a, range(1000000) AS b"


@pytest.mark.parametrize("begins_after", [0.0, 0.5])
def test_what_runs_beside_ends_when_the_first_fails(tmp_path: Path, begins_after: float) -> None:
    def here(connection: duckdb.DuckDBPyConnection) -> None:
        if not begins_after:
            time.sleep(0.5)
        raise ValueError("it failed")

    def beside(connection: duckdb.DuckDBPyConnection) -> None:
        time.sleep(begins_after)
        connection.execute(LONG).fetchall()

    before = time.monotonic()
    with (
        open_engine([tmp_path], tmp_path / "spill", memory_limit_mb=256, threads=1) as engine,
        pytest.raises(ValueError, match="it failed"),
    ):
        side_by_side(engine, here, beside)
    assert time.monotonic() - before < 20


def test_an_interrupt_while_only_the_second_runs_ends_it(tmp_path: Path) -> None:
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    before = time.monotonic()
    with (
        open_engine([tmp_path], tmp_path / "spill", memory_limit_mb=256, threads=1) as engine,
        pytest.raises(KeyboardInterrupt),
    ):
        side_by_side(engine, lambda _: 1, lambda connection: connection.execute(LONG).fetchall())
    assert time.monotonic() - before < 20

"""Standard output: a reader may stop reading, a disk may be full."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

__all__ = ["abandon_stdout", "results"]


def abandon_stdout() -> None:
    """Send what is still to be written to stdout nowhere, so that the end of the program does not stumble over it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


@contextlib.contextmanager
def results() -> Iterator[None]:
    """Around everything that writes to stdout: a closed pipe is no error, anything else is a DiskError."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        abandon_stdout()
    except OSError as error:
        from recon_core.api.errors import DiskError

        abandon_stdout()
        raise DiskError(f"cannot write the result to stdout: {error.strerror or error}") from None

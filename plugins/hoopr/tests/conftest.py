"""A local server that answers as hoopR's releases do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Test modules stand alone here, so what they share is found by its folder.
sys.path.append(str(Path(__file__).parent))

from hoopr_files import Release


@pytest.fixture
def release() -> Iterator[Release]:
    found = Release()
    with found.server:
        yield found

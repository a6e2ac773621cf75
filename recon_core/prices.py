"""What a scan costs at S3's list prices, in USD: us-east-1, S3 Standard. A local folder costs nothing."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["GET_USD", "INVENTORY_USD", "LIST_USD", "REPORT_GETS", "scan_usd"]

LIST_USD = Decimal("0.005") / 1000
"""One LIST request, which tells up to 1,000 keys."""

GET_USD = Decimal("0.0004") / 1000
"""One GET request."""

INVENTORY_USD = Decimal("0.0025") / 1_000_000
"""One object in an inventory report; S3 charges it for every report that it delivers, read or not."""

REPORT_GETS = 2
"""The files of an inventory report beside those with its data: the manifest and its checksum."""


def scan_usd(lake: str, *, lists: int = 0, gets: int = 0, reported: int = 0) -> float | None:
    """The price of so many requests and objects in a report; ``None`` for a lake (a URL) that is not on S3."""
    if not lake.startswith("s3://"):
        return None
    return float(lists * LIST_USD + gets * GET_USD + reported * INVENTORY_USD)

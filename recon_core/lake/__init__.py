"""Lakes: object stores and local folders, listed and read, never written. The only user of boto3.

``recon_core.lake.scan`` turns a listing into a snapshot.
"""

from recon_core.lake.base import (
    DeniedError,
    Hole,
    Lake,
    ListingLog,
    ObjectVersion,
    Page,
    Probe,
    UnreadableError,
    place_of,
)
from recon_core.lake.opening import open_lake

__all__ = [
    "DeniedError",
    "Hole",
    "Lake",
    "ListingLog",
    "ObjectVersion",
    "Page",
    "Probe",
    "UnreadableError",
    "open_lake",
    "place_of",
]

"""Files that another tool calls missing and recon did not expect: taken over into the expectation, once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from recon_core.adopted import Adopted, load_adopted, save_adopted
from recon_core.against.comparing import Answer
from recon_core.files import WorkspaceLock
from recon_core.workspace import Workspace

__all__ = ["adopt"]


def adopt(ws: Workspace, answers: Iterable[Answer], origin: str, evidence_at: datetime) -> list[Adopted]:
    """Add to ``inventory/adopted.json`` what is ``unexpected`` and has a season; what is in it already stays as it is.

    ``origin`` names the list, ``evidence_at`` when the lake was listed: from then on the file is due, but not before
    the content of its day is complete, where the day is known. Gives what was added. Raises LockHeldError while a cycle
    runs, DiskError, and ConfigError where the file is damaged.
    """
    with WorkspaceLock(ws.lock_file):
        kept = load_adopted(ws)
        known = {one.item for one in kept}
        added: dict[str, Adopted] = {}
        for answer in answers:
            place = answer.place
            if place is None or place.season is None or place.item in known:
                continue
            # What is due `publish_lag_hours` after its content was complete is due from the listing on.
            final_at = evidence_at - timedelta(microseconds=place.dataset.lag_us)
            added[place.item] = Adopted(
                source=place.dataset.source,
                data_type=place.dataset.data_type,
                season=place.season,
                values=place.values,
                date=place.date,
                final_at=final_at if place.complete_at is None else max(final_at, place.complete_at),
                origin=origin,
            )
        if added:
            save_adopted(ws, [*kept, *added.values()])
        return [added[name] for name in sorted(added)]

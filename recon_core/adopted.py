"""Items that are expected because another tool missed them, as ``inventory/adopted.json`` keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from recon_core.api.errors import ConfigError
from recon_core.files import atomic_write
from recon_core.schemas import validate_document
from recon_core.text import item_name, shown
from recon_core.times import format_utc, parse_utc
from recon_core.workspace import Workspace

__all__ = ["Adopted", "load_adopted", "save_adopted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """One item that no schedule gives: ``values`` are those of its dataset's grain, ``final_at`` is UTC.

    ``date`` is its day, where that is known; ``origin`` names the list that it came from.
    """

    source: str
    data_type: str
    season: str
    values: tuple[str, ...]
    date: date | None
    final_at: datetime
    origin: str

    @property
    def item(self) -> str:
        """``source/data_type/value…``, as everywhere."""
        return item_name(self.source, self.data_type, self.values)

    def document(self) -> dict[str, Any]:
        """The item as the file holds it (schemas/adopted.schema.json)."""
        return {
            "item": self.item,
            "source": self.source,
            "data_type": self.data_type,
            "season": self.season,
            "values": list(self.values),
            "date": self.date.isoformat() if self.date else None,
            "final_at": format_utc(self.final_at),
            "origin": self.origin,
        }


def load_adopted(ws: Workspace) -> list[Adopted]:
    """What was adopted, by item; nothing where the file is not there.

    Raises ConfigError where it cannot be read: to leave it out would hide what it names.
    """
    try:
        document = json.loads(ws.adopted_file.read_bytes())
        validate_document("adopted", document)
        return [
            Adopted(
                source=row["source"],
                data_type=row["data_type"],
                season=row["season"],
                values=tuple(row["values"]),
                date=date.fromisoformat(row["date"]) if row["date"] else None,
                final_at=parse_utc(row["final_at"]),
                origin=row["origin"],
            )
            for row in document["items"]
        ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        reason = shown((str(error).splitlines() or [type(error).__name__])[0][:200])
        raise ConfigError(
            f"{ws.shown(ws.adopted_file)} cannot be read ({reason}): restore it, or move it away to expect nothing "
            "beyond the schedules"
        ) from None


def save_adopted(ws: Workspace, items: Iterable[Adopted]) -> None:
    """Write the file anew, whole or not at all. Raises DiskError."""
    rows = sorted(items, key=lambda one: one.item)
    document = {"schema_version": 1, "items": [one.document() for one in rows]}
    atomic_write(ws.adopted_file, json.dumps(document, ensure_ascii=False, indent=2) + "\n")

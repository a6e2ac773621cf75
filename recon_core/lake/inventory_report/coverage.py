"""Which keys a report covers."""

from __future__ import annotations

from itertools import takewhile

from recon_core.lake.inventory_report.errors import ReportError
from recon_core.lake.inventory_report.places import ReportPlace
from recon_core.lake.s3 import S3Lake
from recon_core.text import shown

__all__ = ["covered_prefix", "relative_prefix"]


def covered_prefix(place: ReportPlace, lake: S3Lake, first: str | None, last: str | None) -> tuple[str, list[str]]:
    """The prefix of the lake below which a report covers everything, and what is to be said of that.

    ``first`` and ``last`` are the first and the last of the lake's keys that the report holds. A report does not say to
    which prefix its configuration limits it, and S3 may not tell. But all its keys begin with that prefix, so it is no
    longer than what they have in common: what begins with that is covered for certain.

    Raises ReportError when it covers nothing of the lake, or when nobody can say.
    """
    common = None if first is None or last is None else _in_common(first, last)
    known = place.filter_prefix
    if known is None:
        if common is None:
            raise ReportError(
                f"{place.shown}: the report holds no object of {lake.url}, and nobody says whether it would: set "
                "scan.inventory_report.filter_prefix, or grant s3:GetInventoryConfiguration on the lake's bucket"
            )
        return common, []
    relative = relative_prefix(known, lake)
    if relative is None:
        raise ReportError(
            f"{place.shown}: the reports are limited to the prefix {shown(known)!r}, which holds nothing of "
            f"{lake.url}: name another configuration in scan.inventory_report.config_id"
        )
    if common is not None and not common.startswith(relative):
        warning = (
            f"the report holds keys outside of {shown(known)!r}, to which its configuration is limited: it was made "
            "with another one; what it covers is concluded from its keys"
        )
        return common, [warning]
    return relative, []


def _in_common(one: str, other: str) -> str:
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return "".join(character for character, _ in alike)


def relative_prefix(prefix: str | None, lake: S3Lake) -> str | None:
    """A prefix of the bucket as one of the lake: empty where it holds the whole lake, None where nothing of it."""
    if prefix is None:
        return None
    if lake.prefix.startswith(prefix):
        return ""
    return prefix[len(lake.prefix) :] if prefix.startswith(lake.prefix) else None

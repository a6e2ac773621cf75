"""Which keys a report covers."""

from __future__ import annotations

from dataclasses import dataclass

from recon_core.lake.inventory_report.errors import ReportError
from recon_core.lake.inventory_report.places import ReportPlace
from recon_core.lake.s3 import S3Lake
from recon_core.lake.spans import in_common
from recon_core.text import shown

__all__ = ["Coverage", "covered_prefix", "relative_prefix"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Prefixes of a lake: below ``proved`` a report holds every object that there was.

    Below ``claimed`` it would hold them as well, had its configuration always been as it is told today; None where that
    adds nothing. ``warnings`` are lines that are safe to show.
    """

    proved: str
    claimed: str | None
    warnings: tuple[str, ...] = ()


def covered_prefix(place: ReportPlace, lake: S3Lake, first: str | None, last: str | None) -> Coverage:
    """What a report covers of a lake. ``first`` and ``last`` are the first and the last of all the keys in it.

    A report does not say to which prefix its configuration limited it. But all its keys begin with that prefix, so it
    is no longer than what they have in common: what begins with that is covered for certain. What S3 or the settings
    tell is the configuration of today, which may have been another when the report was made.

    Raises ReportError when it shows nothing of the lake.
    """
    told = place.filter_prefix
    claimed = None if told is None else relative_prefix(told, lake)
    if told is not None and claimed is None:
        raise ReportError(
            f"{place.shown}: the reports are limited to the prefix {shown(told)!r}, which holds nothing of "
            f"{lake.url}: name another configuration in scan.inventory_report.config_id"
        )
    common = "" if first is None or last is None else in_common(first, last)
    proved = None if first is None else relative_prefix(common, lake)
    if proved is None:
        raise ReportError(
            f"{place.shown}: the report holds no object of {lake.url}, and none that would show that it looked there: "
            "wait for the next one, or set scan.mode to listing"
        )
    if told is not None and not common.startswith(told):
        warning = (
            f"the report holds keys outside of {shown(told)!r}, to which its configuration is limited: it was made "
            "with another one; what it covers is concluded from its keys"
        )
        return Coverage(proved, None, (warning,))
    return Coverage(proved, None if claimed == proved else claimed)


def relative_prefix(prefix: str | None, lake: S3Lake) -> str | None:
    """A prefix of the bucket as one of the lake: empty where it holds the whole lake, None where nothing of it."""
    if prefix is None:
        return None
    if lake.prefix.startswith(prefix):
        return ""
    return prefix[len(lake.prefix) :] if prefix.startswith(lake.prefix) else None

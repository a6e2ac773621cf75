"""Where a lake's reports lie: as the settings say, or as the bucket's inventory configurations say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from recon_core.config import ReportSettings
from recon_core.lake.base import Lake
from recon_core.lake.inventory_report.errors import ReportError
from recon_core.lake.inventory_report.store import ReportStore
from recon_core.lake.opening import parse_s3_url
from recon_core.lake.s3 import S3Lake
from recon_core.lake.s3_inventory import InventoryConfiguration
from recon_core.text import shown

__all__ = ["ReportPlace", "as_bucket", "find_place"]

_MOST_CONFIGURATIONS = 100
_SETTING = "scan.inventory_report"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPlace:
    """Where the reports of one inventory configuration lie.

    ``roots`` are the key prefixes below which their folders may be; old destinations with a slash at the end have two
    in a row. ``filter_prefix`` is the key prefix that the reports are limited to, None where nobody said. ``requests``
    is how many it took to find out.
    """

    bucket: str
    roots: tuple[str, ...]
    config_id: str
    filter_prefix: str | None
    requests: int

    @property
    def shown(self) -> str:
        """The place for messages."""
        return shown(f"s3://{self.bucket}/{self.roots[0]}")


def as_bucket(lake: Lake) -> S3Lake:
    """The lake, if S3 could have written reports of it; raises ReportError."""
    if not isinstance(lake, S3Lake):
        raise ReportError(f"{lake.url} has no inventory reports, which only S3 writes: set scan.mode to listing")
    return lake


def find_place(lake: S3Lake, settings: ReportSettings, log: Callable[[str], None]) -> ReportPlace:
    """The place of the reports on the lake's bucket.

    Raises ReportError when it cannot be told, LakeError when the lake cannot be asked.
    """
    requests = 0
    filtered = settings.filter_prefix
    if settings.destination is None:
        found = _configured(lake, settings.config_id)
        bucket, prefix, config_id, requests = found.bucket, found.prefix, found.id, 1
        filtered = found.filter_prefix if filtered is None else filtered
    else:
        bucket, prefix = parse_s3_url(settings.destination)
        config_id = settings.config_id or ""
        if not config_id:
            store = ReportStore(lake.beside(bucket))
            config_id = _only_id(store, _roots(prefix, lake.bucket))
            requests = store.requests
        if filtered is None:
            filtered = _filter_of(lake, config_id, log)
            requests += 1
    return ReportPlace(
        bucket=bucket,
        roots=tuple(f"{root}{config_id}/" for root in _roots(prefix, lake.bucket)),
        config_id=config_id,
        filter_prefix=filtered,
        requests=requests,
    )


def _roots(prefix: str, source_bucket: str) -> tuple[str, ...]:
    """``inventory/my-bucket/``, and the same with the slash that a destination prefix may have had at its end."""
    folder = prefix.rstrip("/")
    return (f"{folder}/{source_bucket}/" if folder else f"{source_bucket}/", f"{folder}//{source_bucket}/")


def _configured(lake: S3Lake, config_id: str | None) -> InventoryConfiguration:
    """What S3 says: the named configuration, or the only one that is enabled."""
    advice = f"set {_SETTING}.destination and {_SETTING}.config_id, or grant s3:GetInventoryConfiguration on the bucket"
    found = lake.inventory_configurations()
    if found is None:
        raise ReportError(f"{lake.url}: S3 does not tell the bucket's inventory configurations: {advice}")
    if config_id is not None:
        named = next((one for one in found if one.id == config_id), None)
        if named is None:
            raise ReportError(
                f"{lake.url}: the bucket has no inventory configuration {shown(config_id)!r}"
                f"{_listed(one.id for one in found)}: check {_SETTING}.config_id"
            )
        return named
    enabled = [one for one in found if one.enabled]
    if not enabled:
        raise ReportError(
            f"{lake.url}: the bucket has no enabled inventory configuration: set one up, or set scan.mode to listing"
        )
    if len(enabled) > 1:
        raise ReportError(
            f"{lake.url}: the bucket has several inventory configurations{_listed(one.id for one in enabled)}: "
            f"name one in {_SETTING}.config_id"
        )
    return enabled[0]


def _filter_of(lake: S3Lake, config_id: str, log: Callable[[str], None]) -> str | None:
    """The prefix that a configuration is limited to, where S3 tells."""
    found = lake.inventory_configurations()
    for one in found or ():
        if one.id == config_id:
            return one.filter_prefix
    log(
        f"{lake.url}: S3 does not tell the inventory configuration {shown(config_id)!r}: what the reports cover is "
        f"concluded from their keys; {_SETTING}.filter_prefix can say it"
    )
    return None


def _only_id(store: ReportStore, roots: tuple[str, ...]) -> str:
    """The only folder below a destination, which is named like its inventory configuration."""
    found = sorted({name for root in roots for name in _folders(store, root)})
    if len(found) == 1:
        return found[0]
    if not found:
        raise ReportError(
            f"{store.url}: nothing lies below {shown(roots[0])!r}: the first report takes up to 48 hours; check "
            f"{_SETTING}.destination"
        )
    raise ReportError(
        f"{store.url}: {shown(roots[0])} holds the reports of several inventory configurations{_listed(found)}: name "
        f"one in {_SETTING}.config_id"
    )


def _folders(store: ReportStore, root: str) -> Iterator[str]:
    """The names of the folders directly below ``root``: a page each, however much lies in them."""
    after: str | None = None
    for _ in range(_MOST_CONFIGURATIONS):
        keys = next(iter(store.pages(root, after)), None)
        if keys is None:
            return
        name, slash, _ = keys[0][len(root) :].partition("/")
        if slash:
            yield name
            after = f"{root}{name}/\U0010ffff"
        else:
            after = keys[0]


def _listed(names: Iterator[str] | list[str]) -> str:
    text = ", ".join(shown(name) for name in sorted(names))
    return f" ({text})" if text else ""

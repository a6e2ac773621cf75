"""What ``recon doctor`` asks of a bucket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from botocore import exceptions as aws

from recon_core.api.errors import LakeError
from recon_core.lake.base import READING, Probe
from recon_core.lake.s3_errors import Place, explain
from recon_core.lake.s3_page import RawPage
from recon_core.text import shown

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["Answer", "check_bucket"]

Answer: TypeAlias = tuple[RawPage, Mapping[str, str]]
"""A page and the headers that it came with."""

_SKEW_SECONDS = 300


def check_bucket(
    client: S3Client,
    place: Place,
    credentials: Callable[[], Any] | None,
    first_page: Callable[[], Answer],
    clock: Callable[[], datetime],
) -> list[Probe]:
    """Look for credentials, list one page, ask for the head of its first object, compare the clocks."""
    probes = [_credentials(place, credentials)]
    if not probes[0].ok:
        return probes
    try:
        page, headers = first_page()
    except LakeError as error:
        detail, _, advice = str(error).rpartition(": ")
        return [*probes, Probe("list", False, True, detail or str(error), advice)]
    probes.append(_listed(place, page, headers))
    probes.append(_read(client, place, page))
    skew = _clock(headers, clock())
    return [*probes, skew] if skew else probes


def _credentials(place: Place, credentials: Callable[[], Any] | None) -> Probe:
    if credentials is None:
        return Probe("credentials", True, True, "none needed: requests are anonymous")
    try:
        found = credentials()
        if found is None:
            raise aws.NoCredentialsError
    except aws.BotoCoreError as error:
        detail, _, advice = str(explain(error, place)).rpartition(": ")
        return Probe("credentials", False, True, detail, advice)
    return Probe("credentials", True, True, f"found by {shown(found.method)}")


def _listed(place: Place, page: RawPage, headers: Mapping[str, str]) -> Probe:
    objects = page.page.rows.num_rows
    count = f"{objects:,} objects and more" if page.next_token else f"{objects:,} objects"
    region = headers.get("x-amz-bucket-region")
    if region and place.endpoint is None and place.region not in (None, "aws-global", region):
        detail = f"{place.url} lists {count}, but the bucket is in {shown(region)} and not in {shown(place.region)}"
        return Probe("list", True, True, detail, f"set lake.region to {shown(region)} to save a redirect")
    return Probe("list", True, True, f"{place.url} lists {count}")


def _read(client: S3Client, place: Place, page: RawPage) -> Probe:
    key = next((key for key in page.page.keys if not key.endswith("/")), None)
    if key is None:
        return Probe("read", True, False, "there is no object to read")
    name = key[len(place.prefix) :]
    try:
        client.head_object(Bucket=place.bucket, Key=key)
    except (aws.BotoCoreError, aws.ClientError) as error:
        why = str(explain(error, place, key=name) or type(error).__name__)
        return Probe("read", False, False, why, f"grant s3:GetObject if it is wanted: {READING}")
    return Probe("read", True, False, f"{place.object(name)} can be read")


def _clock(headers: Mapping[str, str], now: datetime) -> Probe | None:
    try:
        there = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    there = there.replace(tzinfo=UTC) if there.tzinfo is None else there
    seconds = round((now - there).total_seconds())
    direction = "ahead of" if seconds > 0 else "behind"
    detail = f"this machine's clock is {abs(seconds)} s {direction} the lake's" if seconds else "the clocks agree"
    ok = abs(seconds) <= _SKEW_SECONDS
    return Probe("clock", ok, True, detail, "" if ok else "set this machine's clock right: ages are judged by it")

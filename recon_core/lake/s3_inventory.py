"""What S3 says of a bucket's inventory configurations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["InventoryConfiguration", "list_configurations"]

_NOT_TOLD = {"AccessDenied", "MethodNotAllowed", "NoSuchConfiguration", "NotImplemented", "UnsupportedOperation"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryConfiguration:
    """Where the reports of one configuration go, and the key prefix that they are limited to (empty: all keys)."""

    id: str
    enabled: bool
    bucket: str
    prefix: str
    filter_prefix: str


def list_configurations(client: S3Client, bucket: str) -> list[InventoryConfiguration] | None:
    """All configurations of a bucket; None where the service refuses to tell or knows no such thing."""
    found: list[InventoryConfiguration] = []
    further: dict[str, Any] = {}
    while True:
        try:
            answer: dict[str, Any] = dict(client.list_bucket_inventory_configurations(Bucket=bucket, **further))
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if error.response.get("Error", {}).get("Code") in _NOT_TOLD or status in (403, 405, 501):
                return None
            raise
        found += [_configuration(one) for one in answer.get("InventoryConfigurationList") or ()]
        if not answer.get("IsTruncated") or not answer.get("NextContinuationToken"):
            return found
        further = {"ContinuationToken": answer["NextContinuationToken"]}


def _configuration(one: dict[str, Any]) -> InventoryConfiguration:
    place = one["Destination"]["S3BucketDestination"]
    return InventoryConfiguration(
        id=one["Id"],
        enabled=bool(one["IsEnabled"]),
        bucket=place["Bucket"].rpartition(":")[2],
        prefix=place.get("Prefix", ""),
        filter_prefix=one.get("Filter", {}).get("Prefix", ""),
    )

"""Listing without boto3's weight asks for the same in the same way, and leaves to boto3 what only boto3 knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from support.s3_server import S3Server

from recon_core.api import LakeError
from recon_core.lake.base import ListingLog
from recon_core.lake.retry import Backoff
from recon_core.lake.s3 import S3Lake
from recon_core.lake.s3_errors import Place

KEYS = [f"a b/{number} é+%.json" for number in range(9)]


@pytest.fixture
def bucket(s3_server: S3Server) -> str:
    name = s3_server.bucket()
    s3_server.seed(name, dict.fromkeys(KEYS, 1))
    return name


def listed(lake: S3Lake, log: ListingLog | None = None) -> list[str]:
    return [key for page in lake.list_pages("a b/", "a b/", log=log or ListingLog()) for key in page.keys]


def test_pages_after_the_first_ask_as_boto3_does(
    s3_server: S3Server, bucket_lake: Callable[..., S3Lake], bucket: str
) -> None:
    lake = bucket_lake(bucket)
    s3_server.requests()
    assert listed(lake) == listed(lake) == KEYS
    asked = s3_server.requests()
    by_boto3, later = asked[0], asked[3]
    assert len(asked) == 6
    parts = [sorted(request.partition("?")[2].split("&")) for request in (by_boto3, later)]
    assert parts[0] == parts[1]
    assert by_boto3.partition("?")[0] == later.partition("?")[0]


def test_credentials_that_expire_are_renewed_in_the_middle_of_a_listing(s3_server: S3Server, bucket: str) -> None:
    renewed: list[int] = []

    def renew() -> dict[str, str]:
        renewed.append(1)
        # So soon that they are renewed before each request.
        expiry = datetime.now(UTC) + timedelta(seconds=30)
        return {"access_key": f"key{len(renewed)}", "secret_key": "x", "token": "t", "expiry_time": expiry.isoformat()}

    session = botocore.session.Session()
    session._credentials = RefreshableCredentials.create_from_metadata(  # type: ignore[attr-defined]
        renew(), refresh_using=renew, method="test"
    )
    client = boto3.Session(botocore_session=session, region_name="us-east-1").client(
        "s3", endpoint_url=s3_server.endpoint, config=Config(retries={"total_max_attempts": 1})
    )
    lake = S3Lake(client, Place(bucket, "", s3_server.endpoint, None), page_keys=2)
    assert listed(lake) == KEYS
    assert len(renewed) >= 5


def test_anonymous_pages_are_not_signed(s3_server: S3Server, bucket: str) -> None:
    from botocore import UNSIGNED

    client = boto3.client(
        "s3",
        endpoint_url=s3_server.endpoint,
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED),
    )
    lake = S3Lake(client, Place(bucket, "", s3_server.endpoint, None), page_keys=2)
    assert listed(lake) == KEYS


@pytest.mark.parametrize("skip", [0, 1, 3])
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"status": 400, "code": "ExpiredToken"}, "credentials have expired"),
        ({"status": 403, "code": "InvalidAccessKeyId"}, "does not accept the AWS credentials"),
        ({"status": 404, "code": "NoSuchBucket"}, "does not exist"),
        (
            {"status": 400, "code": "AuthorizationHeaderMalformed", "region": "eu-west-1"},
            "is in the region eu-west-1",
        ),
        ({"status": 301, "code": "PermanentRedirect"}, "set lake.region to the bucket's region"),
    ],
    ids=["expired", "invalid", "no bucket", "another region", "redirect"],
)
def test_what_is_final_is_said_as_well_in_the_middle_as_at_the_beginning(
    s3_server: S3Server, bucket: str, s3_client: object, skip: int, fault: dict[str, object], message: str
) -> None:
    lake = S3Lake(
        s3_client,  # type: ignore[arg-type]
        Place(bucket, "", s3_server.endpoint, None),
        backoff=Backoff(sleep=lambda _: None),
        page_keys=2,
    )
    with (
        s3_server.faults({"match": "list-type=2", "skip": skip, "action": "status", **fault}),
        pytest.raises(LakeError, match=message),
    ):
        listed(lake)

"""What the lake's tests share: a server process, settings that reach it, no credentials but the test's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from support.s3_server import CREDENTIALS, S3Server, s3_server

from recon_core.lake.base import Lake, ListingLog
from recon_core.lake.retry import Backoff
from recon_core.lake.s3 import S3Lake
from recon_core.lake.s3_errors import Place

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["s3_server"]

NOW = datetime(2025, 1, 15, 12, tzinfo=UTC)
OpenBucket = Callable[..., S3Lake]


@pytest.fixture(autouse=True)
def _only_test_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def s3_client(s3_server: S3Server) -> S3Client:
    """One client for all tests, for boto3 takes its time to make one."""
    return boto3.client(
        "s3",
        endpoint_url=s3_server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=1),
    )


@pytest.fixture(scope="session")
def waits() -> list[float]:
    """How long each wait before another try would have been."""
    return []


@pytest.fixture(scope="session")
def bucket_lake(s3_server: S3Server, s3_client: S3Client, waits: list[float]) -> OpenBucket:
    """Opens a lake on the server, with small pages and without waiting."""

    def opened(bucket: str, prefix: str = "", page_keys: int = 4) -> S3Lake:
        place = Place(bucket, prefix, s3_server.endpoint, None)
        return S3Lake(s3_client, place, backoff=Backoff(sleep=waits.append), page_keys=page_keys)

    return opened


def keys_of(lake: Lake, prefix: str = "", start_after: str | None = None, log: ListingLog | None = None) -> list[str]:
    return [key for page in lake.list_pages(prefix, start_after, log=log) for key in page.keys]

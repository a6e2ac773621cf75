"""A boto3 client as the configuration asks for it, and the lake upon it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore import exceptions as aws
from botocore.config import Config

from recon_core import __version__
from recon_core.api.errors import LakeError
from recon_core.lake.base import PAGE_KEYS
from recon_core.lake.retry import Backoff
from recon_core.lake.s3 import S3Lake
from recon_core.lake.s3_errors import Place, explain
from recon_core.text import redact_url, shown, suggest

if TYPE_CHECKING:
    from recon_core.config import LakeSettings

__all__ = ["Tuning", "open_bucket"]


@dataclass(frozen=True, slots=True)
class Tuning:
    """Time-outs in seconds, keys in a page, and how to ask again."""

    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    page_keys: int = PAGE_KEYS
    backoff: Backoff = field(default_factory=Backoff)


def open_bucket(settings: LakeSettings, bucket: str, prefix: str, tuning: Tuning | None = None) -> S3Lake:
    """The lake below ``prefix`` (empty, or ending with a slash) of a bucket. Nothing is sent yet.

    Raises LakeError for a profile, a region or an endpoint that cannot be.
    """
    tuning = tuning or Tuning()
    endpoint = redact_url(settings.endpoint_url) if settings.endpoint_url else None
    place = Place(bucket, prefix, endpoint, settings.region)
    try:
        core = botocore.session.Session(profile=settings.profile)
        session = boto3.Session(region_name=settings.region, botocore_session=core)
        client = session.client(
            "s3",
            endpoint_url=settings.endpoint_url,
            config=Config(
                signature_version=UNSIGNED if settings.anonymous else None,
                connect_timeout=tuning.connect_timeout,
                read_timeout=tuning.read_timeout,
                # One try here: Backoff asks again, for the whole page, and can say so.
                retries={"mode": "standard", "total_max_attempts": 1},
                user_agent_extra=f"recon/{__version__}",
            ),
        )
    except aws.ProfileNotFound as error:
        wanted = settings.profile or str(error.kwargs.get("profile", ""))
        known = botocore.session.Session().available_profiles
        raise LakeError(
            f"{place.url}: there is no AWS profile {shown(wanted)!r}{suggest(wanted, known)}: check lake.profile "
            "and AWS_PROFILE, or add it with `aws configure --profile`"
        ) from error
    except aws.InvalidRegionError as error:
        raise LakeError(f"{place.url}: {shown(settings.region)!r} is no region: check lake.region") from error
    except ValueError as error:
        raise LakeError(f"{place.url}: the endpoint {endpoint} is no URL: check lake.endpoint_url") from error
    except aws.BotoCoreError as error:
        raise (explain(error, place) or error) from error
    place = dataclasses.replace(place, region=settings.region or client.meta.region_name)
    verify: bool | str = core.get_config_variable("ca_bundle") or True
    credentials = None if settings.anonymous else session.get_credentials
    return S3Lake(
        client, place, backoff=tuning.backoff, page_keys=tuning.page_keys, credentials=credentials, verify=verify
    )

"""From a lake URL to a lake."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from recon_core.api.errors import ConfigError, ReconError, UsageError
from recon_core.lake.base import Lake
from recon_core.text import redact_url, shown, suggest

if TYPE_CHECKING:
    from recon_core.config import LakeSettings

__all__ = ["open_lake", "parse_file_url", "parse_s3_url"]

_FORMS = "s3://bucket, s3://bucket/prefix or file:///path"
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def open_lake(settings: LakeSettings, url_override: str | None = None) -> Lake:
    """The lake that ``--lake`` (``url_override``) or the configuration names. Nothing is sent yet.

    Raises UsageError or ConfigError for a URL that cannot be one, LakeError for a profile, a region or a folder that
    is not there.
    """
    url = settings.url if url_override is None else url_override
    if not url:
        raise ConfigError(f"no lake: set lake.url in config/reconciliation_config.yaml, or give --lake, as {_FORMS}")
    wrong: type[ReconError] = ConfigError if url_override is None else UsageError
    where = "lake.url" if url_override is None else "--lake"
    try:
        scheme = _scheme(url)
        if scheme == "file":
            from recon_core.lake.local import open_folder

            return open_folder(parse_file_url(url))
        bucket, prefix = parse_s3_url(url)
    except ValueError as error:
        raise wrong(f"{where}: {error}") from error
    from recon_core.lake.s3_client import open_bucket

    return open_bucket(settings, bucket, prefix)


def _scheme(url: str) -> str:
    if _CONTROL.search(url):
        raise ValueError(f"{redact_url(url)} holds a control character: expected {_FORMS}")
    scheme, separator, _ = url.partition(":")
    if not separator or "/" in scheme:
        hint = f" (did you mean file://{shown(url)}?)" if url.startswith("/") else ""
        raise ValueError(f"{shown(url.partition('?')[0])!r} has no scheme{hint}: expected {_FORMS}")
    scheme = scheme.lower()
    if scheme in ("s3a", "s3n"):
        raise ValueError(f"the scheme {scheme!r} is Hadoop's: write s3:// instead")
    if scheme not in ("s3", "file"):
        raise ValueError(
            f"{redact_url(url)}: the scheme {shown(scheme)!r} is unknown{suggest(scheme, ['s3', 'file'])}: "
            f"expected {_FORMS}"
        )
    return scheme


def parse_s3_url(url: str) -> tuple[str, str]:
    """Bucket and key prefix of an ``s3://`` URL; the prefix is empty or ends with one slash.

    The prefix is taken as it is written: key prefixes are not percent-encoded. Raises ValueError.
    """
    rest = url.partition(":")[2]
    if not rest.startswith("//"):
        raise ValueError(
            f"{redact_url(url)}: two slashes follow the scheme: expected s3://bucket or s3://bucket/prefix"
        )
    if "?" in rest or "#" in rest:
        raise ValueError(f"{redact_url(url)}: an s3:// URL has no query and no fragment: expected s3://bucket/prefix")
    bucket, _, prefix = rest[2:].partition("/")
    if "@" in bucket:
        raise ValueError(
            f"{redact_url(url)}: credentials do not belong into a URL: remove what stands before the @, and use "
            "lake.profile, AWS_PROFILE or the AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY variables"
        )
    if not bucket:
        raise ValueError(f"{redact_url(url)} names no bucket: expected s3://bucket or s3://bucket/prefix")
    if not _BUCKET.fullmatch(bucket):
        raise ValueError(
            f"{shown(bucket)!r} is no bucket name (letters, digits, dots and hyphens; an address belongs into "
            "lake.endpoint_url): expected s3://bucket or s3://bucket/prefix"
        )
    folder = prefix.rstrip("/")
    return bucket, folder and folder + "/"


def parse_file_url(url: str) -> str:
    """The absolute path that a ``file://`` URL names, percent-decoded.

    Raises ValueError.
    """
    rest = url.partition(":")[2]
    host, separator, path = rest[2:].partition("/") if rest.startswith("//") else ("", "", "")
    if "@" in host:
        raise ValueError(f"{redact_url(url)}: credentials do not belong into a URL: expected file:///path")
    if not separator or host.lower() not in ("", "localhost"):
        raise ValueError(f"{redact_url(url)}: a file URL names an absolute path after three slashes, as file:///path")
    if "?" in path or "#" in path:
        raise ValueError(f"{redact_url(url)}: write ? and # in a path as %3F and %23")
    decoded = unquote_to_bytes(path)
    if b"\0" in decoded:
        raise ValueError(f"{redact_url(url)}: a path holds no NUL character")
    return "/" + os.fsdecode(decoded)

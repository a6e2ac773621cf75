"""Listing requests without boto3's weight: they are signed and sent, and nothing else happens.

boto3 spends several milliseconds of the interpreter's time on each request, which many requests at once would wait
for. So the first one is boto3's, with all that it knows of endpoints, addressing, regions and redirects; what it sent
is the pattern of those that follow.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote, urlsplit

from botocore import exceptions as aws
from botocore.parsers import ResponseParserFactory

from recon_core.lake.s3_connections import Connections
from recon_core.lake.s3_signing import signed_headers

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["ListTransport"]

_OPERATION = "ListObjectsV2"
_PARAMETERS = {
    "ContinuationToken": "continuation-token",
    "EncodingType": "encoding-type",
    "MaxKeys": "max-keys",
    "Prefix": "prefix",
    "StartAfter": "start-after",
}
_REDIRECTS = {301, 302, 307, 308}
_SIGNATURE = "AWS4-HMAC-SHA256 Credential="
_BODY = "ReconBody"

Answer: TypeAlias = tuple[bytes, Mapping[str, str]]
"""The body of an answer and its headers, their names in lower case."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Where boto3 sent its request, under which name, and for which service and region it signed it, if it did."""

    url: str
    host: str
    path: str
    user_agent: str
    signer: Any
    scope: tuple[str, str] | None


class ListTransport:
    """Sends ListObjectsV2 for one bucket; thread-safe. Up to ``connections`` are kept open between requests."""

    def __init__(self, client: S3Client, *, connections: int, verify: bool | str = True) -> None:
        self._client = client
        self._verify = verify
        self._most = connections
        self._connections: tuple[str, Connections] | None = None
        self._learning = threading.Lock()
        self._learned = False
        self._pattern: _Pattern | None = None
        model: Any = client.meta.service_model
        self._shape: Any = model.operation_model(_OPERATION).output_shape
        self._parser = ResponseParserFactory().create_parser(model.metadata["protocol"])
        events = client.meta.events
        events.register(f"before-sign.s3.{_OPERATION}", _note_signer, unique_id="recon-note-signer")
        events.register(f"before-send.s3.{_OPERATION}", _note_request, unique_id="recon-note-request")
        # boto3's own parsing costs seventy times what reading the body itself does, and cannot be told to leave keys
        # alone where an endpoint does not encode them.
        events.register(f"before-parse.s3.{_OPERATION}", _keep_body, unique_id="recon-keep-body")

    def send(self, request: Mapping[str, Any]) -> Answer:
        """The body and the headers of the answer to a request of ListObjectsV2, given as boto3 takes it.

        Raises botocore's errors.
        """
        if not self._learned:
            with self._learning:
                if not self._learned:
                    return self._by_boto3(request)
        pattern = self._pattern
        if pattern is None:
            return self._by_boto3(request)
        status, headers, body = self._exchange(pattern, request)
        if status == 200:
            return body, {name.lower(): value for name, value in headers.items()}
        error = self._error(status, headers, body)
        elsewhere = "x-amz-bucket-region" in headers or "Region" in error.response.get("Error", {})
        if status in _REDIRECTS or (status == 400 and elsewhere):
            # boto3 finds the bucket, or says what is wrong.
            return self._by_boto3(request)
        raise error

    def _exchange(self, pattern: _Pattern, request: Mapping[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        values = [
            f"{name}={quote(str(request[key]), safe='-_.~')}" for key, name in _PARAMETERS.items() if key in request
        ]
        query = "&".join(sorted([*values, "list-type=2"]))
        headers = {"user-agent": pattern.user_agent}
        if pattern.scope is not None:
            service, region = pattern.scope
            # The signer asks for the credentials each time, so that those that expire are renewed.
            credentials = pattern.signer.get_auth_instance(service, region, "s3v4").credentials
            # A signature holds for the wall clock's time, whatever the run takes for now.
            now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
            headers |= signed_headers(
                credentials, region, service, host=pattern.host, path=pattern.path, query=query, at=now
            )
        connections = self._connections
        if connections is None or connections[0] != pattern.host:
            made = Connections(pattern.url, self._client.meta.config, self._verify, self._most)
            connections = self._connections = (pattern.host, made)
        return connections[1].get(f"{pattern.url}?{query}", headers)

    def _error(self, status: int, headers: Mapping[str, str], body: bytes) -> aws.ClientError:
        answer = {"headers": headers, "body": body, "status_code": status}
        parsed: Any = self._parser.parse(answer, self._shape)
        return aws.ClientError(parsed, _OPERATION)

    def _by_boto3(self, request: Mapping[str, Any]) -> Answer:
        _NOTED.pattern = None
        answer: Mapping[str, Any] = self._client.list_objects_v2(**request)
        # Only what was answered well is a pattern.
        self._pattern, self._learned = _NOTED.pattern, True
        return answer[_BODY], answer["ResponseMetadata"]["HTTPHeaders"]


_NOTED = threading.local()
"""What boto3 did last in this thread: ``signer`` and ``pattern``."""


def _note_signer(request_signer: Any, **_: object) -> None:
    _NOTED.signer = request_signer


def _note_request(request: Any, **_: object) -> None:
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    signature = headers.get("authorization")
    scope = None
    if signature is not None:
        if not signature.startswith(_SIGNATURE) or "x-amz-s3session-token" in headers:
            return
        signed_for = signature.removeprefix(_SIGNATURE).partition(",")[0].split("/")
        scope = (signed_for[-2], signed_for[-3])
    url = request.url.partition("?")[0]
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower().removesuffix(":443" if parts.scheme == "https" else ":80")
    _NOTED.pattern = _Pattern(url, host, parts.path or "/", headers.get("user-agent", ""), _NOTED.signer, scope)


def _keep_body(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Hand the body of a page out as it came, and leave nothing for boto3 to parse."""
    if response_dict["status_code"] == 200:
        customized_response_dict[_BODY] = response_dict["body"]
        response_dict["body"] = b"<ListBucketResult/>"


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value

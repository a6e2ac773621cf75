"""What S3 and botocore say, in words that tell what to do. Never a secret, a signature or a query string."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore import exceptions as aws
from urllib3 import exceptions as raw
from urllib3.util.ssl_match_hostname import CertificateError

from recon_core.api.errors import LakeError
from recon_core.lake.base import DeniedError, FailedPageError, NoSuchObjectError, ReadDeniedError, UnreadableError
from recon_core.lake.retry import Trouble
from recon_core.lake.s3_page import GarbledPageError
from recon_core.text import redact_url, shown

__all__ = ["Place", "explain", "service_of", "too_many", "trouble"]

_PASSING_CODES = {
    "BandwidthLimitExceeded",
    "InternalError",
    "OperationAborted",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "XAmzContentChecksumMismatch",
}
_TOO_MANY_STATUS = {429, 503}
_TOO_MANY_CODES = {
    "BandwidthLimitExceeded",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_PASSING_STATUS = {429, 500, 502, 503, 504}
_DENIED = {"AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403", "UnauthorizedAccess"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_INVALID = {
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "InvalidToken",
    "NotSignedUp",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_ELSEWHERE = {
    "PermanentRedirect",
    "TemporaryRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
}
# Not the machines and load balancers of AWS, on which any service may run.
_AWS_S3 = re.compile(
    r"(^|\.)s3(-[a-z0-9-]+)?(\.dualstack)?(\.[a-z]+(-[a-z]+)+-[0-9]+|\.aws-global)?(\.vpce)?"
    r"\.(amazonaws\.(com|com\.cn|eu)|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$"
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_LOGIN = "log in again (`aws sso login`) or renew the keys of the profile"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request went, for messages: all of it is safe to show."""

    bucket: str
    prefix: str
    endpoint: str | None
    region: str | None

    @property
    def url(self) -> str:
        return shown(f"s3://{self.bucket}/{self.prefix}".rstrip("/"))

    def object(self, key: str) -> str:
        return shown(f"s3://{self.bucket}/{self.prefix}{key}") if key else self.url

    @property
    def service(self) -> str:
        return self.endpoint or "AWS S3"


def service_of(url: str) -> str | None:
    """Which service an endpoint's URL leads to, without secrets; None for AWS S3, where a bucket has one name."""
    parts = urlsplit(redact_url(url))
    if _AWS_S3.search(parts.hostname or ""):
        return None
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, ""))
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}"


def trouble(error: Exception) -> Trouble | None:
    """Whether the same request may succeed a little later, and what to call the reason."""
    if isinstance(error, GarbledPageError):
        return Trouble(str(error))
    if isinstance(error, aws.ClientError):
        status, code = _status(error), _code(error)
        if status in _PASSING_STATUS or code in _PASSING_CODES:
            return Trouble(_answer(error))
        return None
    if isinstance(error, aws.SSLError | raw.SSLError):
        if _untrusted(error):
            return None
        # Where plain HTTP is spoken, it will be at every try.
        return Trouble("a broken TLS connection", attempts=3 if "WRONG_VERSION_NUMBER" in str(error) else None)
    if isinstance(error, aws.ProxyConnectionError | aws.InvalidProxiesConfigError):
        return None
    if isinstance(error, aws.ConnectTimeoutError):
        return Trouble("no connection in time", attempts=3)
    if isinstance(error, aws.EndpointConnectionError):
        return Trouble("no connection", attempts=3)
    if isinstance(error, aws.ReadTimeoutError | raw.ReadTimeoutError):
        return Trouble("no answer in time")
    if isinstance(error, aws.IncompleteReadError | aws.ResponseStreamingError):
        return Trouble("a truncated answer")
    # While the content of an object is read, botocore lets some of urllib3's errors through as they are.
    if isinstance(error, aws.HTTPClientError | raw.HTTPError):
        return Trouble("a broken connection")
    return None


def too_many(error: Exception) -> bool:
    """Whether the service asks for fewer requests at a time."""
    return isinstance(error, aws.ClientError) and (
        _status(error) in _TOO_MANY_STATUS or _code(error) in _TOO_MANY_CODES
    )


def explain(error: Exception, place: Place, *, key: str | None = None, prefix: str = "") -> LakeError | None:
    """The error to show for listing below ``prefix``, or for reading ``key``; None for what is no lake's doing."""
    if isinstance(error, aws.ClientError):
        return _answered(error, place, key, prefix)
    passing = trouble(error)
    if isinstance(error, aws.EndpointConnectionError | aws.ConnectTimeoutError):
        return LakeError(
            f"{place.url}: {place.service} cannot be reached: check the network, the name in lake.endpoint_url, and "
            "the region"
        )
    if isinstance(error, aws.SSLError | raw.SSLError) and passing:
        return LakeError(
            f"{place.url}: no TLS connection to {place.service} holds, after several tries: check lake.endpoint_url "
            "(http or https?), or try again later"
        )
    if passing:
        kind = FailedPageError if isinstance(error, GarbledPageError) else LakeError
        return kind(f"{place.url}: {place.service} still gives {passing.reason} after many tries: try again later")
    if isinstance(error, aws.SSLError | raw.SSLError):
        return LakeError(
            f"{place.url}: no trusted TLS connection to {place.service}: check the name in lake.endpoint_url, and "
            "name your own certificate authority in AWS_CA_BUNDLE"
        )
    if isinstance(error, aws.ProxyConnectionError | aws.InvalidProxiesConfigError):
        return LakeError(f"{place.url}: the proxy cannot be reached: check HTTPS_PROXY, HTTP_PROXY and NO_PROXY")
    if isinstance(error, aws.NoCredentialsError):
        return LakeError(
            f"{place.url}: no AWS credentials found: set lake.profile or AWS_PROFILE, or the AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY variables, or lake.anonymous for a public bucket"
        )
    if isinstance(error, aws.PartialCredentialsError):
        return LakeError(
            f"{place.url}: the AWS credentials are incomplete: give both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if isinstance(error, aws.BotoCoreError):
        return LakeError(
            f"{place.url}: the AWS credentials or settings do not work ({type(error).__name__}): {_LOGIN}, and check "
            "~/.aws/config"
        )
    return None


def _answered(error: aws.ClientError, place: Place, key: str | None, prefix: str) -> LakeError:
    code, status = _code(error), _status(error)
    target = place.object(key) if key is not None else place.object(prefix)
    if code in _ELSEWHERE or status in (301, 307):
        return _wrong_region(error, place)
    if code in _EXPIRED:
        return LakeError(f"{place.url}: the AWS credentials have expired: {_LOGIN}, and run again")
    if code in _INVALID:
        return LakeError(
            f"{place.url}: {place.service} does not accept the AWS credentials ({code}): check the access key and the "
            "secret key of the profile"
        )
    if code == "RequestTimeTooSkewed":
        return LakeError(f"{place.url}: this machine's clock is wrong by more than 15 minutes: set it right")
    if code == "NoSuchBucket":
        return LakeError(
            f"{place.url}: the bucket {shown(place.bucket)!r} does not exist at {place.service}: check lake.url and "
            "lake.endpoint_url"
        )
    if key is not None and (code in ("NoSuchKey", "404") or status == 404):
        return NoSuchObjectError(f"{target}: there is no such object")
    if key is not None and (code == "InvalidRange" or status == 416):
        return UnreadableError(f"{target}: it has changed since the scan: scan again")
    if key is not None and code == "InvalidObjectState":
        return UnreadableError(f"{target} is archived: restore it before it can be read")
    if code in _DENIED or status in (401, 403):
        if key is not None:
            return ReadDeniedError(f"{target}: access denied: reading needs the permission s3:GetObject")
        return DeniedError(
            f"{target}: access denied: listing needs the permission s3:ListBucket on the bucket {shown(place.bucket)!r}"
        )
    # S3 throttles folder by folder: that it answers for another says nothing, and what it throttles passes.
    kind = LakeError if key is not None or too_many(error) else FailedPageError
    if trouble(error):
        return kind(f"{target}: {place.service} still answers {_answer(error)} after many tries: try again later")
    message = shown(error.response.get("Error", {}).get("Message", ""))[:200]
    return kind(
        f"{target}: {place.service} answers {_answer(error)}{f' ({message})' if message else ''}: check lake.url, "
        "lake.endpoint_url and lake.region"
    )


def _wrong_region(error: aws.ClientError, place: Place) -> LakeError:
    response: Mapping[str, Any] = error.response
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = headers.get("x-amz-bucket-region") or response.get("Error", {}).get("Region")
    asked = f"not in {shown(place.region)}" if place.region else "not where it was looked for"
    if region:
        region = shown(region)
        return LakeError(
            f"{place.url}: the bucket {shown(place.bucket)!r} is in the region {region}, {asked}: "
            f"set lake.region to {region}"
        )
    return LakeError(
        f"{place.url}: the bucket {shown(place.bucket)!r} is {asked}: set lake.region to the bucket's region, and "
        "check whether lake.endpoint_url begins with http or https"
    )


def _untrusted(error: BaseException) -> bool:
    """Whether a TLS connection was refused because of the certificate."""
    return any(
        isinstance(cause, ssl.SSLCertVerificationError | CertificateError) or "CERTIFICATE_VERIFY_FAILED" in str(cause)
        for cause in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it was made of, which urllib3 keeps as its argument and botocore by name."""
    waiting: list[object] = [error]
    seen: list[BaseException] = []
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            waiting += [*one.args, getattr(one, "kwargs", {}).get("error"), one.__cause__]
    yield from seen


def _code(error: aws.ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: aws.ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _answer(error: aws.ClientError) -> str:
    status, code = str(_status(error)), _code(error)
    return status if code in ("", status) else f"{status} {shown(code)}"

"""AWS Signature Version 4 of a GET request without a body, at a tenth of what botocore's general signer costs."""

from __future__ import annotations

import hmac
from functools import lru_cache
from hashlib import sha256
from typing import Protocol

__all__ = ["Credentials", "signed_headers"]

_EMPTY = sha256(b"").hexdigest()
_ALGORITHM = "AWS4-HMAC-SHA256"
_REQUEST = "aws4_request"


class Credentials(Protocol):
    """What botocore calls frozen credentials."""

    @property
    def access_key(self) -> str: ...

    @property
    def secret_key(self) -> str: ...

    @property
    def token(self) -> str | None: ...


def signed_headers(
    credentials: Credentials, region: str, service: str, *, host: str, path: str, query: str, at: str
) -> dict[str, str]:
    """The headers that sign a request at the time ``at`` (``20250115T120000Z``).

    ``path`` and ``query`` are percent-encoded as they are sent, the query's parameters in order.
    """
    headers = {"host": host, "x-amz-content-sha256": _EMPTY, "x-amz-date": at}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(headers)
    lines = "\n".join(f"{name}:{value}" for name, value in headers.items())
    request = f"GET\n{path}\n{query}\n{lines}\n\n{names}\n{_EMPTY}"
    scope = f"{at[:8]}/{region}/{service}/{_REQUEST}"
    text = f"{_ALGORITHM}\n{at}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    signature = hmac.digest(_key(credentials.secret_key, at[:8], region, service), text.encode(), "sha256").hex()
    # The host is sent by whoever opens the connection.
    del headers["host"]
    signed = f"Credential={credentials.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**headers, "authorization": f"{_ALGORITHM} {signed}"}


@lru_cache(maxsize=8)
def _key(secret: str, *parts: str) -> bytes:
    """The key of a day, a region and a service."""
    key = f"AWS4{secret}".encode()
    for part in (*parts, _REQUEST):
        key = hmac.digest(key, part.encode(), "sha256")
    return key

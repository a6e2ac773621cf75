"""Signatures are those that botocore makes."""

from __future__ import annotations

from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_core.lake.s3_signing import signed_headers

word = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
key = st.text(st.characters(codec="utf-8"), max_size=20)


@settings(deadline=None)
@given(
    access=word,
    secret=word,
    token=st.none() | word,
    region=st.sampled_from(["us-east-1", "eu-central-1", "auto"]),
    url=st.sampled_from(["https://bucket.s3.amazonaws.com/", "http://127.0.0.1:9000/bucket", "https://h:8443/b"]),
    after=key,
    prefix=key,
)
def test_signed_as_botocore_signs(
    access: str, secret: str, token: str | None, region: str, url: str, after: str, prefix: str
) -> None:
    names = {"encoding-type": "url", "list-type": "2", "prefix": prefix, "start-after": after}
    query = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in names.items())
    credentials = Credentials(access, secret, token)
    request = AWSRequest("GET", f"{url}?{query}")
    S3SigV4Auth(credentials, "s3", region).add_auth(request)
    host, slash, path = url.partition("://")[2].partition("/")
    ours = signed_headers(
        credentials, region, "s3", host=host, path=slash + path, query=query, at=request.headers["X-Amz-Date"]
    )
    assert ours == {name.lower(): value for name, value in request.headers.items()}

"""TLS that breaks is tried again, wherever it breaks; a certificate that nobody trusts is not."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from support.certificates import certificate

from recon_core.api import LakeError
from recon_core.lake.base import ListingLog, ObjectVersion
from recon_core.lake.retry import Backoff
from recon_core.lake.s3 import S3Lake
from recon_core.lake.s3_errors import Place

CONTENT = b"x" * 200_000
PAGE = (
    b"<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated><KeyCount>1</KeyCount><Contents>"
    b"<Key>a</Key><LastModified>2025-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>200000</Size>"
    b"</Contents></ListBucketResult>"
)
HEADERS = {
    "Content-Length": str(len(CONTENT)),
    "ETag": '"e"',
    "Last-Modified": "Wed, 01 Jan 2025 00:00:00 GMT",
    "Content-Range": f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}",
}


class Endpoint:
    """Has one object. Closes the first ``unanswered`` connections, breaks the first ``broken`` answers half-way."""

    def __init__(self, bundle: Path, unanswered: int, broken: int) -> None:
        self._unanswered, self._broken = unanswered, broken
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(bundle)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        self.connections = 0

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self.listener.accept()
                plain.settimeout(20)
                self.connections += 1
                if self.connections <= self._unanswered:
                    plain.close()
                    continue
                beneath = plain.dup()
                with (
                    contextlib.suppress(OSError),
                    beneath,
                    self._context.wrap_socket(plain, server_side=True) as secure,
                ):
                    self._answer(secure, beneath)

    def _answer(self, secure: ssl.SSLSocket, beneath: socket.socket) -> None:
        asked = secure.recv(65536)
        head, body = ({"Content-Length": str(len(PAGE))}, PAGE) if b"list-type" in asked else (HEADERS, CONTENT)
        status = "206 Partial Content" if b"Range:" in asked else "200 OK"
        lines = "".join(f"{name}: {value}\r\n" for name, value in {**head, "Connection": "close"}.items())
        secure.sendall(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode())
        if self._broken:
            self._broken -= 1
            secure.sendall(body[: len(body) // 2])
            beneath.sendall(b"\x17\x03\x03\x00\x20" + b"a record of nobody's encryption..")
        else:
            secure.sendall(body)


@contextlib.contextmanager
def endpoint(
    folder: Path, *, unanswered: int = 0, broken: int = 0, trusted: bool = True
) -> Iterator[tuple[S3Lake, Endpoint]]:
    bundle = certificate(folder)
    server = Endpoint(bundle, unanswered, broken)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    verify = str(bundle) if trusted else True
    client = boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        verify=verify,
        config=Config(
            retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5, s3={"addressing_style": "path"}
        ),
    )
    backoff = Backoff(sleep=lambda _: None)
    try:
        yield S3Lake(client, Place("bucket", "", server.url, None), backoff=backoff, verify=verify), server
    finally:
        server.listener.close()


def listed(lake: S3Lake, _: Path) -> None:
    assert [key for page in lake.list_pages(log=ListingLog()) for key in page.keys] == ["a"]


def read(lake: S3Lake, _: Path) -> None:
    assert lake.read("a") == CONTENT


def read_in_part(lake: S3Lake, _: Path) -> None:
    assert lake.read_range(ObjectVersion("a", len(CONTENT), None, "e"), 0, len(CONTENT)) == CONTENT


def downloaded(lake: S3Lake, folder: Path) -> None:
    digest = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    assert lake.download("a", folder / "a", lambda: True) == digest
    assert (folder / "a").read_bytes() == CONTENT


WAYS = [listed, read, read_in_part, downloaded]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", ["unanswered", "broken"])
def test_tls_that_breaks_is_tried_again(tmp_path: Path, way: Callable[[S3Lake, Path], None], fault: str) -> None:
    with endpoint(tmp_path, **{fault: 2}) as (lake, server):
        way(lake, tmp_path)
        assert server.connections == 3
        if way is listed:
            # Not by boto3, this time.
            way(lake, tmp_path)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", ["unanswered", "broken"])
def test_tls_that_always_breaks_is_one_line(tmp_path: Path, way: Callable[[S3Lake, Path], None], fault: str) -> None:
    with endpoint(tmp_path, **{fault: 100}) as (lake, server):
        with pytest.raises(LakeError, match=r"no TLS connection .* holds, .* try again later"):
            way(lake, tmp_path)
        assert server.connections == 8


def test_a_certificate_that_is_not_trusted_is_final(tmp_path: Path) -> None:
    with endpoint(tmp_path, trusted=False) as (lake, server):
        with pytest.raises(LakeError, match=r"no trusted TLS connection .* your own certificate authority"):
            listed(lake, tmp_path)
        assert server.connections == 1

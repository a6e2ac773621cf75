"""Connections of our own: certificates are checked, proxies are used, and errors are botocore's."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from botocore import exceptions as aws
from botocore.config import Config
from support.certificates import certificate

from recon_core.lake.s3_connections import Connections

CONFIG = Config(connect_timeout=5, read_timeout=5)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + (5 if "cut" in self.path else 0)))
        self.end_headers()
        self.wfile.write(body)
        if "cut" in self.path:
            self.close_connection = True


@contextlib.contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        # Not in accept(): there a client that says nothing would keep the server from ever being shut down.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}/bucket"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def test_a_certificate_is_trusted_only_by_whom_it_should_be(tmp_path: Path) -> None:
    bundle = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    with serving(context) as url:
        trusting = Connections(url, CONFIG, str(bundle), 4)
        assert [trusting.get(f"{url}?a=%2F", {})[::2] for _ in range(2)] == [(200, b"/bucket?a=%2F")] * 2
        with pytest.raises(aws.SSLError):
            Connections(url, CONFIG, True, 4).get(f"{url}?a", {})


def test_a_name_that_is_not_the_certificates_is_refused(tmp_path: Path) -> None:
    bundle = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    with serving(context) as url:
        other = url.replace("127.0.0.1", "localhost")
        with pytest.raises(aws.SSLError):
            Connections(other, CONFIG, str(bundle), 4).get(f"{other}?a", {})


def test_an_answer_that_is_cut_off_is_a_connection_that_broke() -> None:
    with serving() as url, pytest.raises(aws.ConnectionClosedError):
        Connections(url, CONFIG, True, 4).get(f"{url}?cut", {})


def test_who_does_not_listen_cannot_be_reached() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/bucket"
        with pytest.raises(aws.EndpointConnectionError):
            Connections(url, CONFIG, True, 4).get(f"{url}?a", {})


def test_a_proxy_is_used() -> None:
    with serving() as proxy:
        config = Config(connect_timeout=5, read_timeout=5, proxies={"http": proxy.removesuffix("/bucket")})
        url = "http://bucket.invalid/"
        status, _, body = Connections(url, config, True, 4).get(f"{url}?a=b", {"user-agent": "x"})
        # A proxy is told the whole address.
        assert (status, body) == (200, b"http://bucket.invalid/?a=b")

"""A real S3 server process (moto) behind a proxy that answers as S3 does and breaks when it is told to.

    from support.s3_server import s3_server, S3Server   # a session fixture; import it in a conftest.py

    def test_x(s3_server):
        bucket = s3_server.bucket()
        s3_server.seed(bucket, {"a/1.json": 10, "b": b"content"}, last_modified=datetime(...))
        with s3_server.faults({"match": "list-type=2", "action": "status", "status": 503, "times": 2}):
            ... endpoint_url=s3_server.endpoint ...

A fault: ``match`` is a regular expression searched in the percent-decoded request target, ``skip`` lets the first
matches pass, ``times`` limits how often it strikes (default: always). Actions: ``status`` (status, code, message,
headers, region), ``reset``, ``truncate`` (fewer bytes than announced), ``cut`` (a shorter body, announced so), ``hang``
(seconds, but no longer than the faults last), ``body`` (text in place of the answer), ``replace`` (old, new: in the
answer's body), ``reverse`` (the page's objects in descending order), ``unencoded`` (as an endpoint that knows no
EncodingType), ``unranged`` (as one that knows no ranges), ``headers``. With ``crowd`` a fault strikes only while more
requests than that are being answered.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import select
import socket
import struct
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, unquote, unquote_plus
from urllib.request import urlopen
from xml.sax.saxutils import escape

import pytest

ACCOUNT = "123456789012"
_STARTS_WITHIN = 120
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test-key", "AWS_SECRET_ACCESS_KEY": "test-secret-never-shown"}


class S3Server:
    """The test's side: what to store, what to break, what was asked."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.endpoint = f"http://127.0.0.1:{port}"

    def bucket(self) -> str:
        """The name of a new, empty bucket."""
        name = f"bucket-{uuid.uuid4().hex[:12]}"
        self._control("bucket", {"name": name})
        return name

    def seed(self, bucket: str, objects: Mapping[str, int | bytes], last_modified: datetime | None = None) -> None:
        """Store objects: key to content, or to a size in bytes."""
        self._control(
            "seed",
            {
                "bucket": bucket,
                "last_modified": last_modified.isoformat() if last_modified else None,
                "objects": [
                    [key, value if isinstance(value, int) else value.decode("latin-1")]
                    for key, value in objects.items()
                ],
            },
        )

    def delete(self, bucket: str, keys: list[str]) -> None:
        self._control("delete", {"bucket": bucket, "keys": keys})

    @contextlib.contextmanager
    def faults(self, *faults: dict[str, Any]) -> Iterator[None]:
        self._control("faults", {"faults": faults})
        try:
            yield
        finally:
            self._control("faults", {"faults": []})

    def requests(self) -> list[str]:
        """Method and decoded target of every request since the last call."""
        return list(self._control("requests", {}))

    def _control(self, what: str, payload: dict[str, Any]) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        with contextlib.closing(connection):
            connection.request("POST", f"/_control/{what}", json.dumps(payload))
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body
            return json.loads(body)


@contextlib.contextmanager
def running() -> Iterator[S3Server]:
    """Start the server process, end it afterwards."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        ready, _, _ = select.select([process.stdout], [], [], _STARTS_WITHIN)
        assert ready, f"no S3 server after {_STARTS_WITHIN} s"
        yield S3Server(int(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(timeout=20)
        finally:
            process.kill()


_RUNNING = pytest.StashKey[S3Server]()


@pytest.fixture(scope="session")
def s3_server(request: pytest.FixtureRequest) -> S3Server:
    """One for the whole session, whichever modules import this."""
    config = request.config
    if _RUNNING not in config.stash:
        stack = contextlib.ExitStack()
        config.add_cleanup(stack.close)
        config.stash[_RUNNING] = stack.enter_context(running())
    return config.stash[_RUNNING]


# --- the process ---------------------------------------------------------------------------------------------------


class _State:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.faults: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.moto_port = 0
        self.at_once = 0

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        with self.lock:
            self.at_once += 1
        try:
            yield
        finally:
            with self.lock:
                self.at_once -= 1

    def hang(self, fault: dict[str, Any]) -> None:
        until = time.monotonic() + fault["seconds"]
        while time.monotonic() < until and any(one is fault for one in self.faults):
            time.sleep(0.01)

    def strike(self, target: str) -> dict[str, Any] | None:
        with self.lock:
            for fault in self.faults:
                if not re.search(fault["match"], target) or self.at_once <= fault.get("crowd", 0):
                    continue
                if fault.get("skip", 0) > 0:
                    fault["skip"] -= 1
                    continue
                if fault.get("times", 1) <= 0:
                    continue
                if "times" in fault:
                    fault["times"] -= 1
                return fault
        return None


_STATE = _State()


def _control(what: str, payload: dict[str, Any]) -> Any:
    from moto.s3.models import s3_backends

    backend = s3_backends[ACCOUNT]["aws"]
    if what == "bucket":
        backend.create_bucket(payload["name"], "us-east-1")
    elif what == "seed":
        for key, content in payload["objects"]:
            value = b"x" * content if isinstance(content, int) else content.encode("latin-1")
            stored = backend.put_object(payload["bucket"], key, value)
            if payload["last_modified"]:
                moment = datetime.fromisoformat(payload["last_modified"]).astimezone(UTC).replace(tzinfo=None)
                stored.last_modified = moment
    elif what == "delete":
        for key in payload["keys"]:
            backend.delete_object(payload["bucket"], key)
    elif what == "faults":
        with _STATE.lock:
            _STATE.faults = payload["faults"]
    elif what == "requests":
        with _STATE.lock:
            seen, _STATE.requests = _STATE.requests, []
        return seen
    return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        self._handle()

    def do_PUT(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def do_HEAD(self) -> None:
        self._handle()

    def do_GET(self) -> None:
        self._handle()

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/_control/"):
            try:
                answer, status = _control(self.path.removeprefix("/_control/"), json.loads(body)), 200
            except Exception as error:
                answer, status = repr(error), 500
            self._send(status, {"Content-Type": "application/json"}, json.dumps(answer).encode())
            return
        target = unquote_plus(self.path)
        with _STATE.lock:
            _STATE.requests.append(f"{self.command} {target}")
        with _STATE.answering():
            self._answer(target, body)

    def _answer(self, target: str, body: bytes) -> None:
        fault = _STATE.strike(target)
        if fault and fault["action"] == "hang":
            _STATE.hang(fault)
        if fault and fault["action"] == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if fault and fault["action"] == "status":
            region = f"<Region>{fault['region']}</Region>" if "region" in fault else ""
            text = (
                f'<?xml version="1.0"?><Error><Code>{fault.get("code", "")}</Code>'
                f"<Message>{escape(fault.get('message', 'told to fail'))}</Message>{region}</Error>"
            )
            answer_body = b"" if self.command == "HEAD" else text.encode()
            self._send(fault["status"], {"Content-Type": "application/xml", **fault.get("headers", {})}, answer_body)
            return
        if fault and fault["action"] == "body":
            self._send(200, {"Content-Type": "application/xml"}, fault["text"].encode())
            return
        if fault and fault["action"] == "unranged":
            del self.headers["Range"]
        status, headers, answer_body = self._forward(body)
        if "list-type=2" in self.path and status == 200:
            answer_body = _as_s3(answer_body, fault)
        announced = len(answer_body)
        if fault and fault["action"] == "replace":
            answer_body = answer_body.replace(fault["old"].encode(), fault["new"].encode())
            announced = len(answer_body)
        elif fault and fault["action"] == "truncate":
            answer_body = answer_body[: announced // 2]
        elif fault and fault["action"] == "cut":
            answer_body = answer_body[: announced // 2]
            announced = len(answer_body)
        elif fault and fault["action"] == "headers":
            headers.update(fault["headers"])
        self._send(status, headers, answer_body, announced)

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", _STATE.moto_port, timeout=60)
        with contextlib.closing(connection):
            headers = {key: value for key, value in self.headers.items() if key.lower() not in ("host", "connection")}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            kept = {
                key: value
                for key, value in answer.getheaders()
                if key.lower() not in ("connection", "content-length", "transfer-encoding", "server")
            }
            if self.command == "HEAD":
                kept["Content-Length"] = answer.getheader("Content-Length", "0")
            return answer.status, kept, answer.read()

    def _send(self, status: int, headers: Mapping[str, str], body: bytes, announced: int | None = None) -> None:
        headers = {"Date": self.date_time_string(), "Content-Length": str(announced or len(body)), **headers}
        with contextlib.suppress(OSError):
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
            if announced is not None and announced != len(body):
                self.close_connection = True


def _as_s3(body: bytes, fault: dict[str, Any] | None) -> bytes:
    """moto percent-encodes keys where S3 form-encodes them, and writes StartAfter as it came, valid XML or not."""
    action = fault["action"] if fault else None
    text = re.sub(r"<StartAfter>.*?</StartAfter>", "", body.decode("utf-8"), flags=re.S)

    def key(match: re.Match[str]) -> str:
        plain = unquote(match[1])
        return f"<Key>{escape(plain) if action == 'unencoded' else quote_plus(plain, safe='/')}</Key>"

    text = re.sub(r"<Key>(.*?)</Key>", key, text, flags=re.S)
    if action == "unencoded":
        text = text.replace("<EncodingType>url</EncodingType>", "")
    if action == "reverse":
        objects = re.findall(r"<Contents>.*?</Contents>", text, flags=re.S)
        start, end = text.index("<Contents>"), text.rindex("</Contents>") + len("</Contents>")
        text = text[:start] + "".join(reversed(objects)) + text[end:]
    return text.encode("utf-8")


def main() -> None:
    import logging

    from moto.server import ThreadedMotoServer

    logging.disable()
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    _STATE.moto_port = moto.get_host_and_port()[1]
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    proxy.daemon_threads = True
    # The first listing takes moto long, and a test of time-outs must not take that for one.
    with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{_STATE.moto_port}/none?list-type=2", timeout=60):
        pass
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    print(proxy.server_address[1], flush=True)  # noqa: T201 - the parent reads the port
    sys.stdin.read()  # the parent closes it, also when it dies
    os._exit(0)


if __name__ == "__main__":
    main()

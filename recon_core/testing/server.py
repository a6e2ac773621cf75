"""A real HTTP server on this machine that stands in for a source's, faults included."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal

__all__ = ["Answer", "LocalServer"]

Fault = Literal["", "cut", "drip", "drop", "hang"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sends once. ``fault``: ``cut`` sends half of what it announces, ``drop`` hangs up at once,
    ``hang`` says nothing until the server is closed, ``drip`` sends blanks one by one until then.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault = ""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # a client that finds the queue full tries again only after a second

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hangs up, which is what tests of time-outs are about."""


class LocalServer:
    """Answers GET requests: ``with LocalServer({"/games.json": b"[]"}) as server: ... server.url ...``.

    ``routes`` maps paths (with the query, where the source has one) to bodies, and may be changed while it runs;
    other paths are answered with 404. ``once[path]`` is a list of answers that come first, each once. ``respond`` makes
    the answers of other paths, for a source that has too many of them: it is given a path, for one request at a time,
    and returns ``None`` for a 404. ``asked`` lists the paths of all requests, ``headers`` what each of them sent along.
    Every answer waits ``linger`` seconds; ``most_at_once`` counts the requests that were open at one time.
    """

    def __init__(
        self, routes: Mapping[str, bytes] | None = None, respond: Callable[[str], Answer | None] | None = None
    ) -> None:
        self.routes: dict[str, bytes] = dict(routes or {})
        self.respond = respond
        self.once: dict[str, list[Answer]] = defaultdict(list)
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.linger = 0.0
        self.most_at_once = 0
        self._at_once = 0
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> LocalServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def _next(self, path: str, headers: Mapping[str, str]) -> Answer:
        with self._lock:
            self.asked.append(path)
            self.headers.append(headers)
            if self.once.get(path):
                return self.once[path].pop(0)
            if path in self.routes:
                return Answer(self.routes[path])
            made = self.respond(path) if self.respond else None
        return Answer(b"no such page", 404) if made is None else made

    def _opened(self, number: int) -> None:
        with self._lock:
            self._at_once += number
            self.most_at_once = max(self.most_at_once, self._at_once)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes, which would cost 40 ms each time

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                return

            def do_GET(self) -> None:
                outer._opened(1)
                try:
                    answer = outer._next(self.path, dict(self.headers))
                    outer._closing.wait(outer.linger)
                    self._send(answer)
                finally:
                    outer._opened(-1)

            def _send(self, answer: Answer) -> None:
                if answer.fault == "hang":
                    outer._closing.wait(30)
                if answer.fault in ("hang", "drop"):
                    self.close_connection = True
                    return
                self.send_response_only(answer.status)
                for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                while answer.fault == "drip" and not outer._closing.wait(0.05):
                    self.wfile.write(b" ")
                cut = answer.fault == "cut"
                self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
                self.close_connection = cut

        return Handler

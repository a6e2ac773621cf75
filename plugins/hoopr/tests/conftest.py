"""A local server that answers as hoopR's releases do."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

# Test modules stand alone here, so what they share is found by its folder.
sys.path.append(str(Path(__file__).parent))

from hoopr_files import Release


@pytest.fixture
def release() -> Iterator[Release]:
    found: Release

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            found.asked.append(self.path)
            fault = found.faults.pop(0) if found.faults else {}
            content = fault.get("content", found.files.get(self.path))
            status = fault.get("status", 200 if content is not None else 404)
            body = content or b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) + fault.get("longer", 0)))
            if content is not None and found.changed is not None:
                self.send_header("Last-Modified", found.changed)
            for name, value in fault.get("headers", {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Release(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()

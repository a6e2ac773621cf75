"""A stub of S3 that serves one inventory report out of a folder, and nothing else.

``python report_server.py FOLDER`` prints its port; it ends when its standard input is closed.
"""

from __future__ import annotations

import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

FOLDER = Path(sys.argv[1]).resolve()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        bucket, _, key = parts.path.lstrip("/").partition("/")
        if "list-type" in query:
            self._list(bucket, query)
            return
        path = FOLDER / bucket / key
        if not key or not path.is_file():
            self._send(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        self.send_response(200)
        self.send_header("Content-Length", str(path.stat().st_size))
        self.end_headers()
        with path.open("rb") as stream:
            shutil.copyfileobj(stream, self.wfile, 1 << 20)

    def _list(self, bucket: str, query: dict[str, list[str]]) -> None:
        root, prefix = FOLDER / bucket, query["prefix"][0]
        after = query.get("start-after", [""])[0]
        keys = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
        rows = "".join(
            f"<Contents><Key>{key}</Key><LastModified>2024-06-01T00:00:00Z</LastModified><ETag>x</ETag>"
            "<Size>1</Size></Contents>"
            for key in keys
            if key.startswith(prefix) and key > after
        )
        body = (
            "<ListBucketResult><IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>"
            f"{rows}</ListBucketResult>"
        )
        self._send(200, body.encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()

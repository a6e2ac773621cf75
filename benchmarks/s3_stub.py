"""An S3 endpoint that does one thing, cheaply: answers ListObjectsV2 after a while.

A process of its own: ``python benchmarks/s3_stub.py OBJECTS LATENCY_MS`` prints its port and serves until its standard
input closes; then it prints how many pages it served and the CPU seconds that it spent. Each object is rendered once;
a page is three slices of memory, sent when its time has come.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from bisect import bisect_right
from urllib.parse import parse_qs

PAGE = 1000
BUCKET = "bench"
ENTRY = (
    "<Contents><Key>{key}</Key><LastModified>2025-01-{day:02}T{hour:02}:{minute:02}:11.000Z</LastModified>"
    "<ETag>&quot;{etag:032x}&quot;</ETag><Size>{size}</Size><Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078e"
    "fc7c6caea54ba06a</ID></Owner><StorageClass>STANDARD</StorageClass></Contents>"
)
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Name>bench</Name><Prefix></Prefix><EncodingType>url</EncodingType><MaxKeys>1000</MaxKeys>"
)


def flat_key(number: int) -> str:
    """The keys of one folder, as ids are."""
    return f"espn_play_by_play/{400_000_000 + 3 * number}.json"


class Objects:
    """All objects, rendered one after the other."""

    def __init__(self, count: int) -> None:
        self.keys = [flat_key(number) for number in range(count)]
        parts = [
            ENTRY.format(
                key=key,
                day=number % 28 + 1,
                hour=number % 24,
                minute=number % 60,
                etag=(number * 0x9E3779B97F4A7C15) % (1 << 128),
                size=20_000 + number % 5000,
            ).encode()
            for number, key in enumerate(self.keys)
        ]
        self.offsets = [0]
        for part in parts:
            self.offsets.append(self.offsets[-1] + len(part))
        self.rendered = memoryview(b"".join(parts))

    def page(self, target: str) -> list[bytes | memoryview]:
        """The answer to a request, in pieces."""
        query = parse_qs(target.partition("?")[2], keep_blank_values=True)
        token = query.get("continuation-token", [""])[0]
        prefix = query.get("prefix", [""])[0]
        after = query.get("start-after", [""])[0]
        first = int(token) if token else max(bisect_right(self.keys, after), bisect_right(self.keys, prefix))
        last = min(first + min(PAGE, int(query.get("max-keys", ["1000"])[0])), len(self.keys))
        while last > first and not self.keys[last - 1].startswith(prefix):
            last -= 1
        more = last < len(self.keys) and self.keys[last].startswith(prefix)
        next_token = f"<NextContinuationToken>{last}</NextContinuationToken>" if more else ""
        head = f"{HEAD}<KeyCount>{last - first}</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>{next_token}"
        objects = self.rendered[self.offsets[first] : self.offsets[last]]
        tail = b"</ListBucketResult>"
        length = len(head) + len(objects) + len(tail)
        start = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nServer: stub\r\n"
            f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S GMT', time.gmtime())}\r\nContent-Length: {length}\r\n\r\n"
        )
        return [(start + head).encode(), objects, tail]


class Connection(asyncio.Protocol):
    """One connection; requests come one at a time."""

    served = 0

    def __init__(self, objects: Objects, latency: float) -> None:
        self._objects, self._latency = objects, latency
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._received.endswith(b"\r\n\r\n"):
            return
        target = self._received.split(b" ", 2)[1].decode("ascii")
        self._received = b""
        asyncio.get_running_loop().call_later(self._latency, self._answer, target)

    def _answer(self, target: str) -> None:
        Connection.served += 1
        if not self._transport.is_closing():
            self._transport.writelines(self._objects.page(target))


async def serve(count: int, latency: float) -> None:
    objects = Objects(count)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(objects, latency), "127.0.0.1", 0, backlog=1024)
    begun = time.process_time()
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps({"pages": Connection.served, "cpu_seconds": round(time.process_time() - begun, 3)}), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]) / 1000))

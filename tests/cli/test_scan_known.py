"""What is known before a scan is where it is cut: the keys of the last snapshot."""

from __future__ import annotations

import re

from support.command_line import NOW, Inside
from support.s3_server import CREDENTIALS, S3Server, s3_server

__all__ = ["s3_server"]


def test_a_scan_is_cut_after_keys_of_the_last_snapshot(s3_server: S3Server, mine: Inside) -> None:
    bucket = s3_server.bucket()
    keys = [f"x/{number:04}" for number in range(4500)]
    s3_server.seed(bucket, dict.fromkeys(keys, 1))
    (mine.folder / "config/reconciliation_config.yaml").write_text(
        f"lake: {{url: 's3://{bucket}', endpoint_url: '{s3_server.endpoint}', region: us-east-1}}\n"
    )
    remote = Inside(mine.folder, {**mine.environment, **CREDENTIALS}, mine.site)
    first = remote("scan", "--now", NOW, "--format", "json").json()
    s3_server.requests()
    second = remote("scan", "--now", NOW, "--format", "json").json()
    begun = {match[1] for asked in s3_server.requests() if (match := re.search("start-after=([^&]*)", asked))}
    assert {keys[1999], keys[3999]} <= begun
    assert first["objects"] == second["objects"] == 4500
    assert (first["id"], first["ranges"]) == (second["id"], second["ranges"])

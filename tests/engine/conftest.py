"""What the engine's tests share: a server process for a lake on S3."""

from __future__ import annotations

from support.s3_server import s3_server

__all__ = ["s3_server"]

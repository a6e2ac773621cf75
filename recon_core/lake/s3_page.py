"""The body of a ListObjectsV2 answer, read exactly.

With ``encoding-type=url`` no key holds an XML entity, so a few regular expressions read a page of 1,000 keys in a
millisecond, and they are exact as long as their counts agree. Where they do not, an XML parser decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

from recon_core.times import parse_utc, to_us

__all__ = ["GarbledPageError", "RawPage", "parse_page"]

_KEYS = re.compile(rb"<Key>([^<&]+)</Key>")
_SIZES = re.compile(rb"<Size>([0-9]{1,18})</Size>")
_TIMES = re.compile(rb"<LastModified>([^<&]+)</LastModified>")
_ETAGS = re.compile(rb"<ETag>([^<]*)</ETag>")
_SCALAR = re.compile(rb"<(IsTruncated|NextContinuationToken|EncodingType|KeyCount)>([^<&]*)</\1>")
_CLOSED = re.compile(rb"</ListBucketResult>\s*\Z")


class GarbledPageError(Exception):
    """The body is not a whole ListObjectsV2 answer."""


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as the endpoint sent it: full keys, decoded; ``unreadable`` keys, which are no UTF-8, are left out."""

    keys: list[str]
    sizes: list[int]
    last_modified_us: list[int]
    etags: list[str | None]
    unreadable: int
    next_token: str | None


def parse_page(body: bytes) -> RawPage:
    """Read a page.

    Raises GarbledPageError for a truncated body, an error document, counts that disagree, or any other document.
    """
    fields = _by_patterns(body) or _by_parser(body)
    try:
        return _page(*fields)
    except ValueError as error:
        raise GarbledPageError("a page with values that are none") from error


_Fields = tuple[dict[str, str], Sequence[bytes], Sequence[bytes], Sequence[bytes], Sequence[bytes]]


def _by_patterns(body: bytes) -> _Fields | None:
    count = body.count(b"</Contents>")
    if not count or not _CLOSED.search(body) or b"<!" in body:
        return None
    first, last = body.find(b"<Contents>"), body.rindex(b"</Contents>")
    if first < 0:
        return None
    scalars = {
        name.decode("ascii"): value.decode("utf-8", "replace")
        for name, value in _SCALAR.findall(body[:first] + body[last:])
    }
    columns = [pattern.findall(body) for pattern in (_KEYS, _SIZES, _TIMES, _ETAGS)]
    agree = all(len(column) == count for column in columns) and scalars.get("KeyCount", str(count)) == str(count)
    whole = scalars.get("IsTruncated") == "false" or "NextContinuationToken" in scalars
    if not agree or not whole or scalars.get("EncodingType") != "url":
        return None
    keys, sizes, times, etags = columns
    return scalars, keys, sizes, times, etags


def _by_parser(body: bytes) -> _Fields:
    # A listing has no document type, and with none there are no entities to blow up.
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise GarbledPageError("a document with a document type")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314
    except ElementTree.ParseError as error:
        raise GarbledPageError("a truncated or garbled page") from error
    if _name(root) != "ListBucketResult":
        code = next((child.text for child in root if _name(child) == "Code"), None)
        raise GarbledPageError(f"a document {_name(root)!r} {code or ''} in place of a page".replace("  ", " "))
    scalars: dict[str, str] = {}
    rows: list[dict[str, str]] = []
    for child in root:
        if _name(child) == "Contents":
            rows.append({_name(part): part.text or "" for part in child})
        else:
            scalars[_name(child)] = child.text or ""
    if not all(row.get("Key") and row.get("LastModified") and row.get("Size", "").isdigit() for row in rows):
        raise GarbledPageError("a page with objects that lack a key, a size or a time")
    if scalars.get("KeyCount", str(len(rows))) != str(len(rows)):
        raise GarbledPageError("a page with fewer or more keys than it counts")
    keys, sizes, times, etags = (
        [row.get(name, "").encode("utf-8", "surrogatepass") for row in rows]
        for name in ("Key", "Size", "LastModified", "ETag")
    )
    return scalars, keys, sizes, times, etags


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _page(
    scalars: dict[str, str],
    raw_keys: Sequence[bytes],
    raw_sizes: Sequence[bytes],
    raw_times: Sequence[bytes],
    raw_etags: Sequence[bytes],
) -> RawPage:
    token = None
    truncated = scalars.get("IsTruncated", "").strip().lower()
    if truncated not in ("true", "false"):
        raise GarbledPageError("a page that does not say whether more keys follow")
    if truncated == "true":
        token = scalars.get("NextContinuationToken")
        if not token:
            raise GarbledPageError("a page that says more keys follow but not how to get them")
    keys = _decoded(raw_keys, encoded=scalars.get("EncodingType") == "url")
    sizes = [int(size) for size in raw_sizes]
    times = [to_us(parse_utc(time.decode("ascii"))) for time in raw_times]
    etags = [etag.replace(b"&quot;", b"").decode("utf-8").strip('"') or None for etag in raw_etags]
    unreadable = keys.count(None)
    if unreadable:
        rows = [row for row in zip(keys, sizes, times, etags, strict=True) if row[0] is not None]
        sizes, times, etags = [row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows]
    return RawPage([key for key in keys if key is not None], sizes, times, etags, unreadable, token)


def _decoded(raw_keys: Sequence[bytes], *, encoded: bool) -> list[str | None]:
    """The keys as text, ``None`` for one that is no UTF-8. Encoded ones are form-encoded: ``+`` is a space."""
    joined = b"".join(raw_keys)
    if joined.isascii() and not (encoded and (b"%" in joined or b"+" in joined)):
        return [key.decode("ascii") for key in raw_keys]
    keys: list[str | None] = []
    for raw in raw_keys:
        try:
            keys.append((unquote_to_bytes(raw.replace(b"+", b" ")) if encoded else raw).decode("utf-8"))
        except UnicodeDecodeError:
            keys.append(None)
    return keys

"""The body of a ListObjectsV2 answer, read exactly.

With ``encoding-type=url`` no key holds an XML entity, so regular expressions read a page of 1,000 keys in a
millisecond, and they are exact as long as their counts agree. Where they do not, an XML parser decides. What they find
becomes columns at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

from recon_core.lake.base import Page
from recon_core.objects import object_schema

if TYPE_CHECKING:
    import pyarrow

__all__ = ["GarbledPageError", "RawPage", "parse_page"]

# The order of S3 and of most others, in one pass; else element by element. What ends at one character is found twice as
# fast as what ends at one of two, so entities are looked for afterwards.
_OBJECTS = re.compile(
    rb"<Contents><Key>([^<]+)</Key><LastModified>([^<]+)</LastModified><ETag>([^<]*)</ETag>"
    rb"(?:<Checksum[A-Za-z]+>[^<]*</Checksum[A-Za-z]+>)*<Size>([0-9]{1,18})</Size>"
)
_KEYS = re.compile(rb"<Key>([^<&]+)</Key>")
_SIZES = re.compile(rb"<Size>([0-9]{1,18})</Size>")
_TIMES = re.compile(rb"<LastModified>([^<&]+)</LastModified>")
_ETAGS = re.compile(rb"<ETag>([^<]*)</ETag>")
_SCALAR = re.compile(rb"<(IsTruncated|NextContinuationToken|EncodingType|KeyCount)>([^<&]*)</\1>")
_CLOSED = b"</ListBucketResult>"


class GarbledPageError(Exception):
    """The body is not a whole ListObjectsV2 answer."""


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as the endpoint sent it.

    ``page`` has full keys, decoded; ``unreadable`` keys, which are no UTF-8, are left out and counted.
    """

    page: Page
    unreadable: int
    next_token: str | None


def parse_page(body: bytes) -> RawPage:
    """Read a page.

    Raises GarbledPageError for a truncated body, an error document, counts that disagree, or any other document.
    """
    import pyarrow as pa

    fields = _by_patterns(body) or _by_parser(body)
    try:
        return _page(*fields)
    except (ValueError, pa.ArrowException) as error:
        raise GarbledPageError("a page with values that are none") from error


_Fields = tuple[dict[str, str], Sequence[bytes], Sequence[bytes], Sequence[bytes], Sequence[bytes]]
"""The page's own values, and the keys, sizes, times and etags, without quotes, of its objects."""


def _by_patterns(body: bytes) -> _Fields | None:
    first, last = body.find(b"<Contents>"), body.rfind(b"</Contents>")
    # Only what begins with an exclamation mark could hide elements or make some up.
    if first < 0 or last < first or not body.rstrip().endswith(_CLOSED) or (b"!" in body and b"<!" in body):
        return None
    scalars = {
        name.decode("ascii"): value.decode("utf-8", "replace")
        for name, value in _SCALAR.findall(body[:first] + body[last:])
    }
    whole = scalars.get("IsTruncated") == "false" or "NextContinuationToken" in scalars
    if not whole or scalars.get("EncodingType") != "url":
        return None
    count = scalars["KeyCount"] if "KeyCount" in scalars else str(body.count(b"</Contents>"))
    objects = _OBJECTS.findall(body)
    if str(len(objects)) == count:
        keys, times, etags, sizes = zip(*objects, strict=True)
        if b"&" in b"".join(keys) or b"&" in b"".join(times):
            return None
        return scalars, keys, sizes, times, [_bare(etag) for etag in etags]
    columns = tuple(pattern.findall(body) for pattern in (_KEYS, _SIZES, _TIMES, _ETAGS))
    if any(str(len(column)) != count for column in columns):
        return None
    return scalars, columns[0], columns[1], columns[2], [_bare(etag) for etag in columns[3]]


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
    return scalars, keys, sizes, times, [_bare(etag) for etag in etags]


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _page(
    scalars: dict[str, str],
    raw_keys: Sequence[bytes],
    raw_sizes: Sequence[bytes],
    raw_times: Sequence[bytes],
    raw_etags: Sequence[bytes],
) -> RawPage:
    import pyarrow as pa

    token = None
    truncated = scalars.get("IsTruncated", "").strip().lower()
    if truncated not in ("true", "false"):
        raise GarbledPageError("a page that does not say whether more keys follow")
    if truncated == "true":
        token = scalars.get("NextContinuationToken")
        if not token:
            raise GarbledPageError("a page that says more keys follow but not how to get them")
    keys, unreadable = _decoded(raw_keys, encoded=scalars.get("EncodingType") == "url")
    text, schema = pa.string(), object_schema()
    times = pa.array(raw_times, text).cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
    sizes = pa.array(raw_sizes, text).cast(pa.int64())
    etags = pa.array([etag or None for etag in raw_etags], text)
    if unreadable:
        found = keys.is_valid()
        keys, sizes, times, etags = (column.filter(found) for column in (keys, sizes, times, etags))
    return RawPage(Page(pa.record_batch([keys, sizes, times, etags], schema=schema)), unreadable, token)


def _bare(etag: bytes) -> bytes:
    """An etag without its quotes, which come in two ways."""
    if etag[:6] == b"&quot;" == etag[-6:]:
        return etag[6:-6]
    return etag.replace(b"&quot;", b"").strip(b'"')


def _decoded(raw_keys: Sequence[bytes], *, encoded: bool) -> tuple[pyarrow.StringArray, int]:
    """The keys as text, NULL for one that is no UTF-8, and how many are none. In encoded ones ``+`` is a space."""
    import pyarrow as pa

    keys: Sequence[bytes] = raw_keys
    joined = b"\xff".join(raw_keys)
    if encoded and (b"%" in joined or b"+" in joined):
        # No UTF-8 holds the byte FF, so it parts the keys, unless one of them is none.
        keys = unquote_to_bytes(joined.replace(b"+", b" ")).split(b"\xff")
        if len(keys) != len(raw_keys):
            keys = [unquote_to_bytes(key.replace(b"+", b" ")) for key in raw_keys]
    try:
        return pa.array(keys, pa.string()), 0
    except pa.ArrowInvalid:
        texts = [_text(key) for key in keys]
        return pa.array(texts, pa.string()), texts.count(None)


def _text(key: bytes) -> str | None:
    try:
        return key.decode("utf-8")
    except UnicodeDecodeError:
        return None

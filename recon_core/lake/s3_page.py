"""The body of a ListObjectsV2 answer, read exactly.

With ``encoding-type=url`` no key holds an XML entity, so a regular expression reads the objects. It is exact as long as
it fits each of them from its first byte on and their number is the page's own count; where it does not, an XML parser
decides. Arrow does this without the interpreter's lock, so that pages are read while others are asked for.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

from recon_core.columns import bytes_column, text_column
from recon_core.lake.base import Page
from recon_core.objects import object_schema

if TYPE_CHECKING:
    import pyarrow

__all__ = ["GarbledPageError", "RawPage", "parse_page"]

# How each value of an object is read. Every byte leaves one way to go on, which is what makes the pattern quick.
_VALUES = {
    "Key": "(?P<key>[^<&]+)",
    "LastModified": "(?P<last_modified>[^<&]+)",
    "ETag": '{quote}(?P<etag>[^<&"]+){quote}',
    "Size": "(?P<size>[0-9]+)",
}
_NAMES = ("key", "last_modified", "etag", "size")
_CHECKSUMS = "(?:Checksum[A-Za-z]+>[^<]*</Checksum[A-Za-z]+><)*"
_ELEMENT = re.compile(rb"<([A-Za-z]+)>([^<]*)</\1>")
_QUOTE = re.compile(rb'&quot;|&#34;|"|')
_SCALAR = re.compile(rb"<(IsTruncated|NextContinuationToken|EncodingType|KeyCount)>([^<&]*)</\1>")
_BEGIN, _END, _CLOSED = b"<Contents>", b"</Contents>", b"</ListBucketResult>"


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

    fields = _by_pattern(body) or _by_parser(body)
    try:
        return _page(*fields)
    except (ValueError, pa.ArrowException) as error:
        raise GarbledPageError("a page with values that are none") from error


_Fields: TypeAlias = "tuple[dict[str, str], pyarrow.StructArray]"
"""The page's own values, and those of its objects as they stand in it: bytes, under ``_NAMES``."""


def _by_pattern(body: bytes) -> _Fields | None:
    import pyarrow as pa
    import pyarrow.compute as pc

    first, last = body.find(_BEGIN), body.rfind(_END)
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
    pattern = _pattern_of(body[first : body.find(_END, first)])
    if pattern is None:
        return None
    stretch = [None, pa.py_buffer(struct.pack("=ii", first, last)), pa.py_buffer(body)]
    rows = pc.split_pattern(pa.Array.from_buffers(pa.binary(), 1, stretch), _END.decode()).flatten()
    objects = pc.extract_regex(rows, pattern)
    if objects.null_count or scalars.get("KeyCount", str(len(objects))) != str(len(objects)):
        return None
    return scalars, objects


def _pattern_of(entry: bytes) -> str | None:
    """What all objects of a page look like if they are as its first: the order of the elements, the quotes of etags.

    ``None`` if that lacks a value or has it twice, or inside of or behind an element with others inside.
    """
    pattern, place, missing = f"^{_BEGIN.decode()}", len(_BEGIN), set(_VALUES)
    for element in _ELEMENT.finditer(entry):
        name = element[1].decode()
        if element.start() != place or name in _VALUES.keys() - missing:
            return None
        place = element.end()
        if name.startswith("Checksum"):
            continue
        quote = _QUOTE.match(element[2])
        value = _VALUES.get(name, "[^<]*").format(quote=quote[0].decode() if quote else "")
        pattern += f"<{_CHECKSUMS}{name}>{value}</{name}>"
        missing.discard(name)
        if not missing:
            return pattern
    return None


def _by_parser(body: bytes) -> _Fields:
    import pyarrow as pa

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
    for row in rows:
        row["ETag"] = row.get("ETag", "").strip('"')
    values = ([row[name].encode("utf-8", "surrogatepass") or None for row in rows] for name in _VALUES)
    columns = [bytes_column(column) for column in values]
    return scalars, pa.StructArray.from_arrays(columns, _NAMES)


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _page(scalars: dict[str, str], objects: pyarrow.StructArray) -> RawPage:
    import pyarrow as pa

    token = None
    truncated = scalars.get("IsTruncated", "").strip().lower()
    if truncated not in ("true", "false"):
        raise GarbledPageError("a page that does not say whether more keys follow")
    if truncated == "true":
        token = scalars.get("NextContinuationToken")
        if not token:
            raise GarbledPageError("a page that says more keys follow but not how to get them")
    raw_keys, *others = (objects.field(name) for name in _NAMES)
    keys, unreadable = _decoded(raw_keys, encoded=scalars.get("EncodingType") == "url")
    schema = object_schema()
    moment, text = pa.timestamp("us", "UTC"), pa.string()
    names = _NAMES[1:]
    texts = pa.StructArray.from_arrays(others, names).cast(pa.struct([(name, text) for name in names]))
    times, etags, sizes = texts.cast(pa.struct(zip(names, (moment, text, pa.int64()), strict=True))).flatten()
    times = times.view(pa.timestamp("us"))
    if unreadable:
        found = keys.is_valid()
        keys, sizes, times, etags = (column.filter(found) for column in (keys, sizes, times, etags))
    return RawPage(Page(pa.record_batch([keys, sizes, times, etags], schema=schema)), unreadable, token)


def _decoded(raw: pyarrow.BinaryArray, *, encoded: bool) -> tuple[pyarrow.StringArray, int]:
    """The keys as text, NULL for one that is no UTF-8, and how many are none. In encoded ones ``+`` is a space."""
    import pyarrow as pa

    content = raw.buffers()[2]
    together = content.to_pybytes() if content is not None else b""
    if encoded and (b"%" in together or b"+" in together):
        keys = raw.to_pylist()
        # No UTF-8 holds the byte FF, so it parts the keys, unless one of them is none.
        parted = unquote_to_bytes(b"\xff".join(keys).replace(b"+", b" ")).split(b"\xff")
        if len(parted) != len(keys):
            parted = [unquote_to_bytes(key.replace(b"+", b" ")) for key in keys]
        raw = bytes_column(parted)
    try:
        return raw.cast(pa.string()), 0
    except pa.ArrowInvalid:
        texts = [_text(key) for key in raw.to_pylist()]
        return text_column(texts), texts.count(None)


def _text(key: bytes) -> str | None:
    try:
        return key.decode("utf-8")
    except UnicodeDecodeError:
        return None

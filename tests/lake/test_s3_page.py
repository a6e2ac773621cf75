"""Reading the body of a page: the quick way and the parser must agree, and neither may guess."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_core.lake.s3_page import GarbledPageError, parse_page
from recon_core.times import to_us

Row = tuple[str, int, datetime, str]

rows_of_a_page = st.lists(
    st.tuples(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=8),
        st.integers(0, 5 * 10**12),
        st.datetimes(timezones=st.just(UTC)).map(
            lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        ),
        st.from_regex(r"[0-9a-f]{4}(-[1-9])?", fullmatch=True),
    ),
    max_size=6,
)


def body(rows: list[Row], *, namespace: str = "", owner: str = "", quotes: str = "&quot;", extra: str = "") -> bytes:
    contents = "".join(
        f"<Contents><Key>{quote_plus(key, safe='/')}</Key>"
        f"<LastModified>{time.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z</LastModified>"
        f"<ETag>{quotes}{etag}{quotes}</ETag><Size>{size}</Size>{owner}</Contents>"
        for key, size, time, etag in rows
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult{namespace}><Name>b</Name><Prefix></Prefix>'
        f"<KeyCount>{len(rows)}</KeyCount><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{extra}{contents}"
        "</ListBucketResult>\n"
    ).encode()


@settings(deadline=None)
@given(rows_of_a_page)
def test_what_was_written_is_read_by_patterns_and_by_the_parser(rows: list[Row]) -> None:
    quick = parse_page(body(rows))
    # A comment makes the patterns step back, so this one is read by the parser.
    assert (
        parse_page(body(rows, extra="<!-- -->", namespace=' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"')) == quick
    )
    assert quick.page.keys == [key for key, *_ in rows]
    assert quick.page.sizes == [size for _, size, *_ in rows]
    assert quick.page.last_modified_us == [to_us(time) for _, _, time, _ in rows]
    assert quick.page.etags == [etag for *_, etag in rows]
    assert (quick.unreadable, quick.next_token) == (0, None)


ROW: Row = ("a/1.json", 7, datetime(2025, 1, 1, tzinfo=UTC), "beef")


def test_other_elements_of_an_object_do_not_confuse() -> None:
    owner = (
        "<Owner><ID>Key</ID><DisplayName>&lt;Size&gt;9&lt;/Size&gt;</DisplayName></Owner><StorageClass>X</StorageClass>"
    )
    assert parse_page(body([ROW], owner=owner)).page.sizes == [7]
    assert parse_page(body([ROW], owner="<Checksum><Size>9</Size></Checksum>")).page.sizes == [7]


@pytest.mark.parametrize("quotes", ["&quot;", "&#34;", '"', ""])
def test_checksums_and_every_way_to_quote_an_etag_are_read_by_the_pattern(
    quotes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xml.etree.ElementTree.fromstring", None)
    kinds = b"<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"
    newer = body([ROW], quotes=quotes).replace(b"</ETag>", b"</ETag>" + kinds)
    older = body([("a/2.json", 8, datetime(2025, 1, 2, tzinfo=UTC), "cafe-2")], quotes=quotes)
    both = newer.replace(b"</Contents>", b"</Contents>" + older[older.find(b"<Contents>") : older.find(b"</ListB")])
    page = parse_page(both.replace(b"<KeyCount>1", b"<KeyCount>2")).page
    assert (page.keys, page.sizes, page.etags) == (["a/1.json", "a/2.json"], [7, 8], ["beef", "cafe-2"])


SIZE, ETAG = b"<Size>7</Size>", b"<ETag>&quot;beef&quot;</ETag>"


@pytest.mark.parametrize(
    ("between", "quick"),
    [
        (b"<Generation>1</Generation>" + SIZE + ETAG, True),
        (ETAG + b"<Type>Normal</Type>" + SIZE, True),
        (SIZE + b"<Owner><ID>x</ID></Owner>" + ETAG, False),
        (b"<Size>9</Size>" + SIZE + ETAG, False),
    ],
)
def test_elements_in_any_order_are_read(between: bytes, quick: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    page = body([ROW]).replace(ETAG + SIZE, between)
    assert page != body([ROW])
    if quick:
        monkeypatch.setattr("xml.etree.ElementTree.fromstring", None)
    found = parse_page(page).page
    assert (found.keys, found.sizes, found.etags) == (["a/1.json"], [7], ["beef"])


def test_an_object_unlike_the_first_is_read_by_the_parser() -> None:
    other = b"<Contents><Size>8</Size><Key>b</Key><LastModified>2025-01-01T00:00:00Z</LastModified></Contents></ListB"
    found = parse_page(body([ROW]).replace(b"<KeyCount>1", b"<KeyCount>2").replace(b"</ListB", other)).page
    assert (found.keys, found.sizes, found.etags) == (["a/1.json", "b"], [7, 8], ["beef", None])


def test_an_object_without_an_etag_has_none() -> None:
    without = body([ROW]).replace(b"<ETag>&quot;beef&quot;</ETag>", b"")
    assert parse_page(without).page.etags == [None]


def test_a_key_in_a_character_section_is_read() -> None:
    section = body([ROW]).replace(b"<Key>a/1.json</Key>", b"<Key><![CDATA[a/1.json]]></Key>")
    assert parse_page(section).page.keys == ["a/1.json"]


def test_a_token_is_unescaped_as_xml_and_otherwise_left_as_it_is() -> None:
    token = "1/a+b%20==&<x>"
    extra = f"<NextContinuationToken>{escape(token)}</NextContinuationToken>"
    page = body([ROW], extra=extra).replace(b"<IsTruncated>false", b"<IsTruncated>true")
    assert parse_page(page).next_token == token
    plain = body([ROW], extra="<NextContinuationToken>1+%20</NextContinuationToken>")
    assert parse_page(plain.replace(b"<IsTruncated>false", b"<IsTruncated>true")).next_token == "1+%20"


@settings(deadline=None)
@given(rows_of_a_page, st.data())
def test_no_part_of_a_page_passes_for_a_page(rows: list[Row], data: st.DataObject) -> None:
    whole = body(rows).rstrip()
    with pytest.raises(GarbledPageError):
        parse_page(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<Size>7", b"<Size>-7"),
        (b"<Size>7", b"<Size>"),
        (b"<Size>7", b"<Size>seven"),
        (b"2025-01-01T", b"2025-13-01T"),
        (b"<KeyCount>1", b"<KeyCount>2"),
        (b"<Key>a/1.json</Key>", b""),
        (b"<Key>a/1.json</Key>", b"<Key></Key>"),
        (b"<LastModified>2025-01-01T00:00:00.000Z</LastModified>", b""),
        (b"IsTruncated>false", b"IsTruncated>true"),
        (b"<IsTruncated>false</IsTruncated>", b""),
        (b"ListBucketResult", b"ListAllMyBucketsResult"),
    ],
)
def test_values_that_are_none_are_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(GarbledPageError):
        parse_page(body([ROW]).replace(old, new))

"""Listing S3: every key that S3 allows, page by page, as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.s3_server import S3Server

from recon_core.api import LakeError
from recon_core.lake.base import ListingLog, Page
from recon_core.lake.s3 import S3Lake
from recon_core.times import to_us

ODD_KEYS = [
    "a//b", "/lead.json", "trail/", "//", "/", "sp ace", " ", "pl+us", "+", "pct%20x", "pct%", "%2F", "%", "%%25",
    "\U0001f600/x", "é", "e\u0301", "\x01control", "\x00", "a\x00b", "new\nline", "tab\t", "cr\rx", "./x", "a/./b",
    "a/../b", "../x", "..", ".", "k" * 1024, "\U0001f600" * 256, "q?x=1", "h#x", "a&b<c>\"'", "&amp;", "\x7f", "\u2028",
    "\ufffd", "\uffff", "\ud7ff", "\ue000", "~", "*", "a;b", "a:b", "@", "$", "=", "\\back", "<Key>x</Key>", "]]>",
    "a", "a/", "a-", "a0", "B", "Z" * 3,
]  # fmt: skip

any_key = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(lambda key: len(key.encode()) <= 1024)
likely_key = st.text(st.sampled_from("ab/+% .&<\x01\n\xe9\U0001f600\uffff"), min_size=1, max_size=6)


def pages(lake: S3Lake, prefix: str = "", start_after: str | None = None) -> list[Page]:
    return list(lake.list_pages(prefix, start_after))


def keys(lake: S3Lake, prefix: str = "", start_after: str | None = None) -> list[str]:
    return [key for page in pages(lake, prefix, start_after) for key in page.keys]


def test_every_odd_key_is_listed_as_it_is(s3_server: S3Server, bucket_lake: Callable[..., S3Lake]) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, dict.fromkeys(ODD_KEYS, 1))
    assert keys(bucket_lake(bucket)) == sorted(ODD_KEYS, key=str.encode)


def test_sizes_times_and_etags_belong_to_their_keys(s3_server: S3Server, bucket_lake: Callable[..., S3Lake]) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(
        bucket, {f"{n:02}": n for n in range(9)}, last_modified=datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)
    )
    s3_server.seed(bucket, {"later": b"hello"}, last_modified=datetime(2025, 1, 1, tzinfo=UTC))
    found = pages(bucket_lake(bucket))
    assert [len(page.keys) for page in found] == [4, 4, 2]
    assert [size for page in found for size in page.sizes] == [*range(9), 5]
    times = [time for page in found for time in page.last_modified_us]
    assert times == [to_us(datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC))] * 9 + [
        to_us(datetime(2025, 1, 1, tzinfo=UTC))
    ]
    assert found[-1].etags[-1] == "5d41402abc4b2a76b9719d911017c592"


def test_an_empty_bucket_has_no_pages(s3_server: S3Server, bucket_lake: Callable[..., S3Lake]) -> None:
    assert pages(bucket_lake(s3_server.bucket())) == []


@pytest.mark.parametrize("after", ["", "a", "a/", "sp ace", "\x01control", "\uffff", "%", "zzz", "new\nline"])
def test_listing_starts_after_a_key(s3_server: S3Server, bucket_lake: Callable[..., S3Lake], after: str) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, dict.fromkeys(ODD_KEYS, 1))
    assert keys(bucket_lake(bucket), start_after=after or None) == sorted(key for key in ODD_KEYS if key > after)


@pytest.mark.parametrize("prefix", ["a", "a/", "/", "%", " ", "+", "\U0001f600", "none"])
def test_listing_keeps_to_a_prefix(s3_server: S3Server, bucket_lake: Callable[..., S3Lake], prefix: str) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, dict.fromkeys(ODD_KEYS, 1))
    assert keys(bucket_lake(bucket), prefix) == sorted(key for key in ODD_KEYS if key.startswith(prefix))


def test_keys_are_relative_to_the_lakes_prefix(s3_server: S3Server, bucket_lake: Callable[..., S3Lake]) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, dict.fromkeys(["data", "data/", "data/espn/x.json", "data//y", "data2/z", "datum"], 3))
    lake = bucket_lake(bucket, "data/")
    assert lake.url == f"s3://{bucket}/data"
    assert keys(lake) == ["/y", "espn/x.json"]
    assert keys(lake, "espn/") == ["espn/x.json"]
    assert keys(lake, start_after="/y") == ["espn/x.json"]
    assert lake.read("espn/x.json") == b"xxx"


def test_an_endpoint_that_encodes_nothing_is_read_as_it_is(
    s3_server: S3Server, bucket_lake: Callable[..., S3Lake]
) -> None:
    bucket = s3_server.bucket()
    sayable = ["a+b", "a%20b", "a&b", "<x>", "plain", "é", "\U0001f600"]
    s3_server.seed(bucket, dict.fromkeys(sayable, 1))
    with s3_server.faults({"match": "list-type=2", "action": "unencoded"}):
        assert keys(bucket_lake(bucket)) == sorted(sayable)


def test_keys_that_are_no_utf8_are_counted_and_left_out(
    s3_server: S3Server, bucket_lake: Callable[..., S3Lake]
) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, {"a": 1, "b": 2, "c": 3})
    log = ListingLog()
    with s3_server.faults({"match": "list-type=2", "action": "replace", "old": ">b<", "new": ">%FFb<"}):
        (page,) = bucket_lake(bucket).list_pages(log=log)
    assert (page.keys, page.sizes) == (["a", "c"], [1, 3])
    assert sum(log.skipped.values()) == 1


def test_out_of_order_listings_are_refused(s3_server: S3Server, bucket_lake: Callable[..., S3Lake]) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, dict.fromkeys("abcdefgh", 1))
    # An endpoint that ignores where to go on would list its first page for ever.
    lake = bucket_lake(bucket)
    body = (
        "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
        "<NextContinuationToken>more</NextContinuationToken><Contents><Key>a</Key>"
        "<LastModified>2025-01-01T00:00:00.000Z</LastModified><Size>1</Size></Contents></ListBucketResult>"
    )
    with (
        s3_server.faults({"match": "list-type=2", "action": "body", "text": body}),
        pytest.raises(LakeError, match="lists 'a' after 'a'"),
    ):
        pages(lake)


def test_an_endpoint_that_goes_in_a_circle_is_refused(s3_server: S3Server, bucket_lake: Callable[..., S3Lake]) -> None:
    body = (
        "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
        "<NextContinuationToken>same</NextContinuationToken></ListBucketResult>"
    )
    lake = bucket_lake(s3_server.bucket())
    with (
        s3_server.faults({"match": "list-type=2", "action": "body", "text": body}),
        pytest.raises(LakeError, match="in a circle"),
    ):
        pages(lake)


def test_keys_outside_of_what_was_asked_are_refused(s3_server: S3Server, bucket_lake: Callable[..., S3Lake]) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, {"data/x": 1})
    with (
        s3_server.faults({"match": "list-type=2", "action": "replace", "old": "data/x", "new": "other/x"}),
        pytest.raises(LakeError, match="lists 'other/x' below 'data/'"),
    ):
        pages(bucket_lake(bucket, "data/"))


@settings(max_examples=150, deadline=None)
@given(
    stored=st.sets(likely_key | any_key, max_size=25),
    prefix=st.just("") | likely_key,
    after=st.none() | likely_key | any_key,
    page_keys=st.integers(1, 9),
)
def test_any_keys_listed_in_any_pages_are_what_was_stored(
    s3_server: S3Server,
    bucket_lake: Callable[..., S3Lake],
    stored: set[str],
    prefix: str,
    after: str | None,
    page_keys: int,
) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, dict.fromkeys(stored, 1))
    lake = bucket_lake(bucket, page_keys=page_keys)
    wanted = [key for key in stored if key.startswith(prefix) and (after is None or key > after)]
    assert keys(lake, prefix, after) == sorted(wanted, key=str.encode)

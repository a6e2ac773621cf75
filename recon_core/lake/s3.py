"""An S3 bucket, or a prefix of one, as a lake."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from recon_core.api.errors import LakeError, ReconError
from recon_core.files import disk_errors
from recon_core.lake.base import (
    DEFAULT_READ_CAP,
    PAGE_KEYS,
    DeniedError,
    Hole,
    ListingLog,
    NoSuchObjectError,
    ObjectVersion,
    Page,
    Probe,
    UnreadableError,
)
from recon_core.lake.retry import Backoff, Trouble
from recon_core.lake.s3_check import Answer, check_bucket
from recon_core.lake.s3_errors import Place, explain, service_of, too_many, trouble
from recon_core.lake.s3_inventory import InventoryConfiguration, list_configurations
from recon_core.lake.s3_page import RawPage, parse_page
from recon_core.lake.s3_transport import ListTransport
from recon_core.lake.throttle import Throttle
from recon_core.objects import refuse_disorder
from recon_core.snapshot import prefix_end
from recon_core.text import shown

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["S3Lake"]

_MOST_IN_FLIGHT = 256
_NOT_UTF8 = "objects whose key is not UTF-8"


class S3Lake:
    """Lists with ListObjectsV2 and reads with GetObject; keys are relative to the place's prefix.

    Listing is thread-safe, and what is in flight adapts to what the service bears. ``credentials`` finds the
    credentials for ``check`` (None: anonymous); ``verify`` is the certificate authority to trust, as botocore takes it.
    """

    def __init__(
        self,
        client: S3Client,
        place: Place,
        *,
        backoff: Backoff | None = None,
        page_keys: int = PAGE_KEYS,
        credentials: Callable[[], Any] | None = None,
        verify: bool | str = True,
    ) -> None:
        self._client = client
        self._place = place
        self._backoff = backoff or Backoff()
        self._page_keys = page_keys
        self._credentials = credentials
        self._verify = verify
        self._transport = ListTransport(client, connections=_MOST_IN_FLIGHT, verify=verify)
        self._throttle = Throttle(_MOST_IN_FLIGHT)
        client.meta.events.register("before-call.s3.HeadBucket", _follow_nothing, unique_id="recon-follow-nothing")

    @property
    def url(self) -> str:
        return self._place.url

    @property
    def endpoint(self) -> str | None:
        # Also where the environment or a profile names the endpoint.
        return service_of(self._client.meta.endpoint_url)

    @property
    def concurrent(self) -> bool:
        return True

    @property
    def in_flight_limit(self) -> int:
        """The most listing requests that the service bears at once, as far as is known."""
        return self._throttle.limit

    @property
    def page_keys(self) -> int:
        return self._page_keys

    @property
    def bucket(self) -> str:
        return self._place.bucket

    @property
    def prefix(self) -> str:
        """The lake's place in its bucket: empty, or ending with a slash."""
        return self._place.prefix

    def beside(self, bucket: str) -> S3Lake:
        """The whole of another bucket of the same service, asked with the same credentials."""
        place = replace(self._place, bucket=bucket, prefix="")
        return S3Lake(self._client, place, backoff=self._backoff, page_keys=self._page_keys, verify=self._verify)

    def list_pages(
        self, prefix: str = "", start_after: str | None = None, *, log: ListingLog | None = None
    ) -> Iterator[Page]:
        """As ``Lake.list_pages``. A page that fails in passing is asked for again."""
        noted = log or ListingLog()
        last = start_after
        token: str | None = None
        while True:
            try:
                raw, _ = self._page(prefix, start_after, token, noted)
            except DeniedError as error:
                if log is None:
                    raise
                log.holes.append(Hole(max(prefix, last or ""), prefix_end(prefix), str(error)))
                return
            page = self._relative(raw, prefix, last)
            if raw.unreadable:
                noted.skipped[_NOT_UTF8] += raw.unreadable
            if page.rows.num_rows:
                last = page.last_key
                yield page
            if raw.next_token is None:
                return
            if not raw.page.rows.num_rows and not raw.unreadable and raw.next_token == token:
                raise LakeError(f"{self.url}: {self._place.service} lists in a circle: check that it lists as S3 does")
            token = raw.next_token

    def _page(self, prefix: str, start_after: str | None, token: str | None, log: ListingLog) -> Answer:
        request: dict[str, Any] = {
            "Bucket": self._place.bucket,
            "Prefix": self._place.prefix + prefix,
            "MaxKeys": self._page_keys,
            "EncodingType": "url",
        }
        if token is not None:
            request["ContinuationToken"] = token
        elif start_after is not None:
            request["StartAfter"] = self._place.prefix + start_after

        def send() -> Answer:
            log.requests += 1
            with self._throttle.slot() as slot:
                try:
                    body, headers = self._transport.send(request)
                except Exception as error:
                    if too_many(error):
                        self._throttle.slow_down(slot)
                    raise
            self._throttle.went_well()
            return parse_page(body), headers

        try:
            return self._backoff.call(send, trouble, log.retried)
        except Exception as error:
            self._fail(error, prefix=prefix)

    def _relative(self, raw: RawPage, prefix: str, last: str | None) -> Page:
        """The page with keys relative to the lake, after checking that it holds what was asked for."""
        import pyarrow.compute as pc

        rows, wanted, cut = raw.page.rows, self._place.prefix + prefix, len(self._place.prefix)
        if not rows.num_rows:
            return raw.page
        # Keys that ascend lie below the prefix if the first and the last do.
        for key in (rows.column(0)[0].as_py(), rows.column(0)[-1].as_py()):
            if not key.startswith(wanted):
                raise LakeError(
                    f"{self.url}: {self._place.service} lists {shown(key)!r} below {shown(wanted)!r}: check that the "
                    "endpoint lists as S3 does"
                )
        if cut:
            rows = rows.set_column(0, rows.schema.field(0), pc.utf8_slice_codeunits(rows.column(0), cut))
        if rows.column(0)[0].as_py() == "":
            # The mark of the lake's own folder: an object without a name in this lake.
            rows = rows.slice(1)
        if rows.num_rows:
            refuse_disorder(rows.column(0), last)
        return Page(rows)

    def read(self, key: str, max_bytes: int = DEFAULT_READ_CAP) -> bytes:
        """As ``Lake.read``."""

        def send() -> bytes | None:
            content = bytearray()
            answer = self._client.get_object(Bucket=self._place.bucket, Key=self._place.prefix + key)
            with contextlib.closing(answer["Body"]) as body:
                # Read to the end, where botocore notices a body that was cut short.
                for chunk in body.iter_chunks(1024 * 1024):
                    content += chunk
                    if len(content) > max_bytes:
                        return None
            return bytes(content)

        if not key:
            raise LakeError(f"{self.url}: an object's key is never empty")
        try:
            content = self._backoff.call(send, trouble, lambda message: None)
        except Exception as error:
            self._fail(error, key=key)
        if content is None:
            raise LakeError(
                f"{self._place.object(key)}: the object is larger than {max_bytes:,} bytes: too large to read"
            )
        return content

    def last_modified(self, key: str) -> datetime | None:
        """As ``Lake.last_modified``."""

        def send() -> datetime:
            return self._client.head_object(Bucket=self._place.bucket, Key=self._place.prefix + key)["LastModified"]

        try:
            return self._backoff.call(send, trouble, lambda message: None)
        except Exception as error:
            with contextlib.suppress(NoSuchObjectError):
                self._fail(error, key=key)
            return None

    def read_range(self, version: ObjectVersion, start: int, end: int) -> bytes:
        """As ``Lake.read_range``. The answer itself says of which version it is."""

        def send() -> tuple[bytes, dict[str, Any]]:
            answer: dict[str, Any] = dict(
                self._client.get_object(
                    Bucket=self._place.bucket,
                    Key=self._place.prefix + version.key,
                    Range=f"bytes={start}-{end - 1}",
                )
            )
            with contextlib.closing(answer["Body"]) as body:
                # An endpoint that knows no ranges sends the whole object, of which no more is read than is needed.
                ranged = answer["ResponseMetadata"]["HTTPStatusCode"] == 206
                return (body.read() if ranged else body.read(end)[start:]), answer

        try:
            content, answer = self._backoff.call(send, trouble, lambda message: None)
        except Exception as error:
            self._fail(error, key=version.key)
        if not _is_of(answer, version) or len(content) != end - start:
            raise UnreadableError(f"{self._place.object(version.key)}: it has changed since the scan: scan again")
        return content

    def download(self, key: str, target: Path, going: Callable[[], bool]) -> str:
        """Stream an object into a file, in parts and tries, as long as ``going``; its MD5 in hexadecimal digits.

        An answer that comes when it is not ``going`` any more leaves the file as it is.

        Raises NoSuchObjectError, ReadDeniedError, else LakeError; DiskError.
        """

        def send() -> str:
            digest = hashlib.md5(usedforsecurity=False)
            answer = self._client.get_object(Bucket=self._place.bucket, Key=self._place.prefix + key)
            with contextlib.closing(answer["Body"]) as body:
                if not going():
                    return digest.hexdigest()
                with disk_errors(target):
                    stream = target.open("wb")
                with stream:
                    for chunk in body.iter_chunks(1024 * 1024):
                        digest.update(chunk)
                        with disk_errors(target):
                            stream.write(chunk)
                        if not going():
                            break
            return digest.hexdigest()

        def passing(error: Exception) -> Trouble | None:
            return trouble(error) if going() else None

        try:
            return self._backoff.call(send, passing, lambda message: None)
        except ReconError:
            raise
        except Exception as error:
            self._fail(error, key=key)

    def inventory_configurations(self) -> list[InventoryConfiguration] | None:
        """The bucket's inventory configurations; None where the service does not tell them."""
        try:
            return self._backoff.call(
                lambda: list_configurations(self._client, self._place.bucket), trouble, lambda message: None
            )
        except Exception as error:
            self._fail(error)

    def check(self, clock: Callable[[], datetime]) -> list[Probe]:
        """As ``Lake.check``: one listing of a page, one HEAD of its first object."""
        return check_bucket(
            self._client, self._place, self._credentials, lambda: self._page("", None, None, ListingLog()), clock
        )

    def _fail(self, error: Exception, *, key: str | None = None, prefix: str = "") -> NoReturn:
        explained = explain(error, self._place, key=key, prefix=prefix)
        if explained is None:
            raise error
        raise explained from error


def _is_of(answer: dict[str, Any], version: ObjectVersion) -> bool:
    """Whether the answer to a GetObject is of the version that a listing saw."""
    total = str(answer.get("ContentRange", "")).rpartition("/")[2] or str(answer.get("ContentLength", ""))
    if total not in ("*", str(version.size)):
        return False
    if version.etag is not None:
        return str(answer.get("ETag", "")).strip('"') == version.etag
    # A listing may know fractions of a second, a header does not.
    moment = version.last_modified_us
    return moment is not None and int(answer["LastModified"].timestamp()) == moment // 1_000_000


def _follow_nothing(context: dict[str, Any], **_: object) -> None:
    """Keep boto3 from asking where a bucket is because it was told to ask elsewhere where the bucket is, for ever."""
    context.setdefault("s3_redirect", {})["redirected"] = True

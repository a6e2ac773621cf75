"""From URL to lake: what is accepted, and what is said of the rest."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support.s3_server import S3Server

from recon_core.api import ConfigError, LakeError, ReconError, UsageError
from recon_core.config import LakeSettings
from recon_core.lake import open_lake
from recon_core.lake.opening import parse_file_url, parse_s3_url


@pytest.mark.parametrize(
    ("url", "bucket", "prefix"),
    [
        ("s3://bucket", "bucket", ""),
        ("s3://bucket/", "bucket", ""),
        ("S3://bucket//", "bucket", ""),
        ("s3://bucket/data", "bucket", "data/"),
        ("s3://bucket/data/", "bucket", "data/"),
        ("s3://bucket/data//", "bucket", "data/"),
        ("s3://bucket/a/b", "bucket", "a/b/"),
        ("s3://bucket//a", "bucket", "/a/"),
        ("s3://my.bucket-1/a%20b c+d", "my.bucket-1", "a%20b c+d/"),
    ],
)
def test_an_s3_url_names_a_bucket_and_a_prefix(url: str, bucket: str, prefix: str) -> None:
    assert parse_s3_url(url) == (bucket, prefix)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///srv/lake", "/srv/lake"),
        ("file://localhost/srv/lake/", "/srv/lake/"),
        ("file:///a%20b/%C3%A9%3F%23", "/a b/é?#"),
        ("file:///a+b", "/a+b"),
        ("file:///a%FF", os.fsdecode(b"/a\xff")),
    ],
)
def test_a_file_url_names_an_absolute_path(url: str, path: str) -> None:
    assert parse_file_url(url) == path


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("bucket/data", "has no scheme: expected s3://bucket"),
        ("/srv/lake", r"has no scheme \(did you mean file:///srv/lake\?\)"),
        ("flie:///srv/lake", r"the scheme 'flie' is unknown \(did you mean 'file'\?\)"),
        ("https://bucket.s3.amazonaws.com/x", "the scheme 'https' is unknown"),
        ("s3a://bucket", "is Hadoop's: write s3://"),
        ("s3:bucket", "two slashes follow the scheme"),
        ("s3://", "names no bucket"),
        ("s3:///data", "names no bucket"),
        ("s3://localhost:9000/bucket", "is no bucket name .* lake.endpoint_url"),
        ("s3://key:hunter2@bucket/data", "credentials do not belong into a URL: .* lake.profile"),
        ("s3://bucket/data?X-Amz-Signature=hunter2", "has no query"),
        ("s3://bucket/data#hunter2", "has no query and no fragment"),
        ("s3://bucket/a\nb", "holds a control character"),
        ("file:lake", "absolute path after three slashes"),
        ("file://lake/data", "absolute path after three slashes"),
        ("file://user:hunter2@host/data", "credentials do not belong into a URL"),
        ("file:///data?x", "%3F"),
        ("file:///data%00", "no NUL"),
    ],
)
def test_what_is_wrong_with_a_url_is_said_in_one_line(url: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        open_lake(LakeSettings(), url)
    assert str(raised.value).startswith("--lake: ")
    assert "hunter2" not in str(raised.value)
    assert "\n" not in str(raised.value)
    with pytest.raises(ConfigError, match=message) as configured:
        open_lake(LakeSettings(url=url))
    assert str(configured.value).startswith("lake.url: ")


def test_no_lake_at_all_says_where_to_name_one() -> None:
    with pytest.raises(ConfigError, match=r"set lake\.url in config/reconciliation_config.yaml, or give --lake"):
        open_lake(LakeSettings())


def test_the_option_overrides_the_configuration(tmp_path: Path) -> None:
    lake = open_lake(LakeSettings(url="s3://bucket"), tmp_path.as_uri())
    assert lake.url == tmp_path.as_uri()


def test_a_profile_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "aws-config").write_text("[profile data-team]\nregion = eu-west-1\n", encoding="utf-8")
    with pytest.raises(LakeError, match=r"no AWS profile 'data-taem' \(did you mean 'data-team'\?\)"):
        open_lake(LakeSettings(url="s3://bucket", profile="data-taem"))
    assert open_lake(LakeSettings(url="s3://bucket", profile="data-team")).url == "s3://bucket"


def test_a_profile_named_by_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(LakeError, match="no AWS profile 'nobody'"):
        open_lake(LakeSettings(url="s3://bucket"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (LakeSettings(url="s3://bucket", region="not a region"), "'not a region' is no region"),
        (LakeSettings(url="s3://bucket", endpoint_url="nonsense"), "the endpoint nonsense is no URL"),
    ],
)
def test_settings_that_cannot_be_are_named(settings: LakeSettings, message: str) -> None:
    with pytest.raises(LakeError, match=message):
        open_lake(settings)


def test_no_credentials_say_how_to_give_some(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    bucket = s3_server.bucket()
    s3_server.seed(bucket, {"a": 1})
    with pytest.raises(LakeError, match=r"no AWS credentials found: set lake\.profile"):
        list(open_lake(LakeSettings(url=f"s3://{bucket}", endpoint_url=s3_server.endpoint)).list_pages())
    anonymous = LakeSettings(url=f"s3://{bucket}", endpoint_url=s3_server.endpoint, anonymous=True)
    assert [page.keys for page in open_lake(anonymous).list_pages()] == [["a"]]


def test_half_of_the_credentials_are_not_enough(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(LakeError, match="credentials are incomplete"):
        list(open_lake(LakeSettings(url="s3://bucket", endpoint_url=s3_server.endpoint)).list_pages())


def test_an_endpoint_that_is_not_there_is_named_without_secrets() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings = LakeSettings(url="s3://bucket/data", endpoint_url=f"http://127.0.0.1:{port}")
    with pytest.raises(LakeError, match=rf"s3://bucket/data: http://127.0.0.1:{port} cannot be reached") as raised:
        list(open_lake(settings).list_pages())
    assert "list-type" not in str(raised.value)


def test_tls_where_there_is_none_is_said(s3_server: S3Server) -> None:
    settings = LakeSettings(url="s3://bucket", endpoint_url=s3_server.endpoint.replace("http:", "https:"))
    with pytest.raises(LakeError, match=r"no TLS connection to .* holds.*\(http or https\?\)"):
        list(open_lake(settings).list_pages())


def test_a_proxy_that_is_not_there_is_said(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("HTTP_PROXY", f"http://user:hunter2@127.0.0.1:{port}")
    monkeypatch.setenv("http_proxy", f"http://user:hunter2@127.0.0.1:{port}")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(LakeError, match="the proxy cannot be reached") as raised:
        list(open_lake(LakeSettings(url="s3://bucket", endpoint_url="http://lake.invalid")).list_pages())
    assert "hunter2" not in str(raised.value)


def test_errors_are_recons_own() -> None:
    assert issubclass(LakeError, ReconError)
    assert LakeError.exit_code == 3


def test_nothing_heavy_is_imported_before_a_lake_is_opened() -> None:
    script = "import sys, recon_core.lake, recon_core.lake.scan; print(sorted({'boto3', 'pyarrow'} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://me:hunter2@MinIO:9000/?token=x", "http://minio:9000"),
        ("https://store.example/s3/", "https://store.example/s3"),
        ("https://store.example:443/", "https://store.example"),
        ("http://store.example:80", "http://store.example"),
        ("http://store.example:443", "http://store.example:443"),
        ("http://[::80]", "http://[::80]"),
        ("https://s3.eu-west-3.amazonaws.com", None),
        ("https://S3.eu-west-3.amazonaws.com:443", None),
        ("https://s3-fips.dualstack.us-gov-west-1.amazonaws.com", None),
        ("https://bucket.vpce-1a2b-3c4d.s3.us-east-1.vpce.amazonaws.com", None),
        ("https://s3.cn-north-1.amazonaws.com.cn", None),
        ("https://s3.eusc-de-east-1.amazonaws.eu", None),
        ("https://s3.us-iso-east-1.c2s.ic.gov", None),
        ("https://s3.amazonaws.com", None),
        ("https://s3-fips.aws-global.amazonaws.com", None),
        ("https://s3.amazonaws.com.cn.example", "https://s3.amazonaws.com.cn.example"),
        # MinIO on a machine of EC2, or behind a load balancer, is not S3.
        ("http://ec2-1-2-3-4.compute-1.amazonaws.com:9000", "http://ec2-1-2-3-4.compute-1.amazonaws.com:9000"),
        ("https://s3-gate-1.us-east-1.elb.amazonaws.com", "https://s3-gate-1.us-east-1.elb.amazonaws.com"),
        (None, None),
    ],
)
def test_a_lake_knows_its_service(url: str | None, endpoint: str | None) -> None:
    assert open_lake(LakeSettings(url="s3://bucket", endpoint_url=url, region="us-east-1")).endpoint == endpoint


def test_aws_in_china_is_aws() -> None:
    assert open_lake(LakeSettings(url="s3://bucket", region="cn-north-1")).endpoint is None


def test_an_endpoint_out_of_the_environment_is_the_lakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://store:9000")
    assert open_lake(LakeSettings(url="s3://bucket", region="us-east-1")).endpoint == "http://store:9000"

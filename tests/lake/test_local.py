"""A folder as a lake: what it holds, in the order of keys, and nothing outside of it."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_core.api import LakeError
from recon_core.lake.base import DeniedError, ListingLog
from recon_core.lake.local import LocalLake, open_folder
from recon_core.lake.scan import scan
from recon_core.lake.spans import Span
from recon_core.progress import NoProgress
from recon_core.snapshot import SnapshotWriter
from recon_core.times import to_us


def keys(lake: LocalLake, prefix: str = "", start_after: str | None = None, log: ListingLog | None = None) -> list[str]:
    return [key for page in lake.list_pages(prefix, start_after, log=log or ListingLog()) for key in page.keys]


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")


def refuse(monkeypatch: pytest.MonkeyPatch, refused: Path, number: int = errno.EACCES) -> None:
    """Make a folder unreadable, also for a superuser."""
    scandir = os.scandir

    def scan(path: Path | int) -> Iterator[os.DirEntry[str]]:
        if path == refused:
            raise OSError(number, os.strerror(number), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scan)


def test_files_are_objects_with_size_and_time(tmp_path: Path) -> None:
    put(tmp_path, "espn/pbp/401.json", "espn/x y+%20.json", "é")
    moment = datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=UTC)
    os.utime(tmp_path / "é", ns=(0, to_us(moment) * 1000))
    (page,) = LocalLake(tmp_path).list_pages()
    assert page.keys == ["espn/pbp/401.json", "espn/x y+%20.json", "é"]
    assert page.sizes == [17, 17, 2]
    assert page.last_modified_us[2] == to_us(moment)
    assert page.etags == [None, None, None]


def test_keys_come_in_the_order_of_their_bytes_and_not_folder_by_folder(tmp_path: Path) -> None:
    put(tmp_path, "a/z", "a-b", "a.json", "a0", "B/x", "a/b/c", "a/b-c", "\uffff", "\U0001f600/x")
    found = keys(LocalLake(tmp_path))
    assert found == sorted(found, key=str.encode)
    assert found[:6] == ["B/x", "a-b", "a.json", "a/b-c", "a/b/c", "a/z"]


def test_an_empty_folder_is_an_empty_lake(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    assert list(LocalLake(tmp_path).list_pages()) == []


name = st.text(st.sampled_from("ab-.0 +%\xe9\uffff\U0001f600\n"), min_size=1, max_size=4).filter(
    lambda text: text not in (".", "..")
)


@settings(max_examples=60, deadline=None)
@given(
    wanted=st.sets(st.lists(name, min_size=1, max_size=4).map("/".join), max_size=12),
    prefix=st.just("") | st.lists(name, max_size=2).map("/".join),
    after=st.none() | st.lists(name, min_size=1, max_size=3).map("/".join),
)
def test_any_files_are_listed_as_they_were_put(
    tmp_path_factory: pytest.TempPathFactory, wanted: set[str], prefix: str, after: str | None
) -> None:
    root = tmp_path_factory.mktemp("lake")
    stored = set()
    for key in sorted(wanted):
        # A name cannot be a file and a folder at once.
        if not any(f"{other}/" in f"{key}/" and f"{key}/".startswith(f"{other}/") for other in stored):
            put(root, key)
            stored.add(key)
    expected = [key for key in stored if key.startswith(prefix) and (after is None or key > after)]
    lake = LocalLake(root)
    assert keys(lake, prefix, after) == sorted(expected, key=str.encode)
    assert all(lake.read(key) == key.encode() for key in stored)
    shutil.rmtree(root)


def test_pages_are_cut_at_a_thousand(tmp_path: Path) -> None:
    for number in range(2001):
        (tmp_path / f"{number:04}").touch()
    assert [len(page.keys) for page in LocalLake(tmp_path).list_pages()] == [1000, 1000, 1]


def test_a_scan_of_many_stretches_reads_each_folder_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{folder}/{number:04}.json" for folder in ("a/x", "a/y", "b") for number in range(1500)]
    put(tmp_path / "lake", *names)
    read: list[str] = []
    looked_at: list[str] = []
    scandir, lstat = os.scandir, Path.lstat
    monkeypatch.setattr(os, "scandir", lambda path: (read.append(str(path)), scandir(path))[1])
    monkeypatch.setattr(Path, "lstat", lambda path: (looked_at.append(str(path)), lstat(path))[1])
    spans = [Span(names[place], names[place + 3], names[place][:2]) for place in range(0, 4400, 50)]
    with SnapshotWriter(tmp_path / "s.parquet", tmp_path / "s.json") as writer:
        snapshot = scan(
            LocalLake(tmp_path / "lake"),
            writer,
            spans=spans,
            evidence_at=datetime(2024, 3, 1, tzinfo=UTC),
            simulated=True,
            clock=lambda: datetime(2024, 3, 1, tzinfo=UTC),
            progress=NoProgress(),
        )
    assert snapshot.objects == 3 * len(spans)
    inside = [path for path in read if path.startswith(str(tmp_path / "lake"))]
    assert len(inside) == len(set(inside)) == 5
    assert len([path for path in looked_at if path.endswith(".json")]) < 20 * len(spans)


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.text("ab/.!0", min_size=1, max_size=6), max_size=12),
    st.lists(st.tuples(st.text("ab/.!0", max_size=5), st.none() | st.text("ab/.!0", max_size=5)), max_size=6),
)
def test_what_is_remembered_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, names: set[str], asked: list[tuple[str, str | None]]
) -> None:
    folder = tmp_path_factory.mktemp("lake")
    for name in sorted(names):
        if all(part not in ("", ".", "..") for part in name.split("/")):
            with contextlib.suppress(OSError):
                put(folder, name)
    everything = keys(LocalLake(folder))
    memory: dict[str, list[str]] = {}
    for prefix, start_after in asked:
        log = ListingLog(memory=memory)
        wanted = [key for key in everything if key.startswith(prefix) and (start_after is None or key > start_after)]
        assert keys(LocalLake(folder), prefix, start_after, log) == wanted


def test_folders_may_nest_deeper_than_calls(tmp_path: Path) -> None:
    root, half = tmp_path / "lake", "d/" * 600
    put(root, "y")
    # The way down is made in two halves, for libraries that call themselves once a folder.
    (tmp_path / "lower" / half).mkdir(parents=True)
    (tmp_path / "lower" / half / "x").touch()
    (root / half).mkdir(parents=True)
    (tmp_path / "lower" / "d").rename(root / half / "d")
    try:
        assert keys(LocalLake(root)) == [half + half + "x", "y"]
    finally:
        (root / half / "d").rename(tmp_path / "lower" / "d")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    put(tmp_path, "outside/secret")
    (tmp_path / "lake").mkdir()
    return tmp_path / "outside"


def test_no_link_leads_out_of_the_lake(tmp_path: Path, outside: Path) -> None:
    root = tmp_path / "lake"
    put(root, "inside/file")
    (root / "file-out").symlink_to(outside / "secret")
    (root / "folder-out").symlink_to(outside)
    (root / "up").symlink_to("..")
    (root / "inside/by-steps").symlink_to("../../outside/secret")
    (root / "nowhere").symlink_to("gone")
    (root / "circle").symlink_to("circle")
    lake = LocalLake(root)
    log = ListingLog()
    assert keys(lake, log=log) == ["inside/file"]
    assert sum(log.skipped.values()) == 6
    for key in ("file-out", "folder-out/secret", "up/outside/secret", "inside/by-steps", "nowhere", "circle"):
        with pytest.raises(LakeError, match="no such object"):
            lake.read(key)


@pytest.mark.parametrize("key", ["../outside/secret", "/etc/passwd", "a/../../outside/secret", "", ".", "a//b", "a\0b"])
def test_no_key_leads_out_of_the_lake(tmp_path: Path, outside: Path, key: str) -> None:
    put(tmp_path / "lake", "a/b")
    with pytest.raises(LakeError, match="no such object"):
        LocalLake(tmp_path / "lake").read(key)


def test_links_inside_are_read_to_files_and_not_followed_to_folders(tmp_path: Path) -> None:
    put(tmp_path, "real/file")
    (tmp_path / "link").symlink_to("real/file")
    (tmp_path / "folder").symlink_to("real")
    lake = LocalLake(tmp_path)
    log = ListingLog()
    assert keys(lake, log=log) == ["link", "real/file"]
    assert dict(log.skipped) == {"linked folders: links to folders are not followed": 1}
    assert lake.read("link") == b"real/file"
    with pytest.raises(LakeError, match="no such object"):
        lake.read("folder/file")


def test_what_lies_behind_a_link_is_not_proved_absent_from_some_key_on(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "lake").mkdir(exist_ok=True)
    (tmp_path / "lake" / "a").symlink_to(outside)
    put(tmp_path / "lake", "a.json", "b")
    lake, log = LocalLake(tmp_path / "lake"), ListingLog()
    assert keys(lake, "a/", "a/b", log) == []
    assert [(hole.start, hole.end) for hole in log.holes] == [("a", "a\0"), ("a/", "a0")]
    further = ListingLog()
    assert keys(lake, "", "a.json/x", further) == ["b"]
    assert ("a/", "a0") in [(hole.start, hole.end) for hole in further.holes]


def cut(log: ListingLog, after: str | None) -> list[tuple[str, str | None]]:
    """The stretches of holes that lie behind a key."""
    first = "" if after is None else after + "\0"
    return [(max(hole.start, first), hole.end) for hole in log.holes if hole.end is None or hole.end > first]


def test_what_was_left_out_is_not_told_of_again_where_a_listing_goes_on(tmp_path: Path, outside: Path) -> None:
    root = tmp_path / "lake"
    put(root, "data-old/1", "data-old/2")
    (root / "data").symlink_to(outside)
    log = ListingLog()
    assert keys(LocalLake(root), "", "data-old/1", log) == ["data-old/2"]
    assert cut(log, "data-old/1") == [("data/", "data0")]
    assert not log.skipped


short = st.lists(st.text(st.sampled_from("ab- 0"), min_size=1, max_size=3), min_size=1, max_size=2).map("/".join)


@settings(max_examples=200, deadline=None)
@given(
    files=st.sets(short, max_size=6),
    links=st.sets(short, max_size=4),
    prefix=st.sampled_from(["", "a", "a/", "a-", "a-/b"]),
    after=short,
)
def test_holes_are_the_same_from_wherever_a_listing_starts(
    tmp_path_factory: pytest.TempPathFactory, files: set[str], links: set[str], prefix: str, after: str
) -> None:
    root = tmp_path_factory.mktemp("lake")
    for link in sorted(links):
        if not any(link.startswith(f"{other}/") for other in links):
            (root / link).parent.mkdir(parents=True, exist_ok=True)
            (root / link).symlink_to(root)
    for key in sorted(files):
        if not any(f"{key}/".startswith(f"{link}/") for link in links):
            with contextlib.suppress(OSError):
                put(root, key)
    whole, rest = ListingLog(), ListingLog()
    everything = keys(LocalLake(root), prefix, log=whole)
    assert keys(LocalLake(root), prefix, after, rest) == [key for key in everything if key > after]
    assert cut(rest, after) == cut(whole, after)
    shutil.rmtree(root)


def test_what_is_left_out_is_not_proved_absent(tmp_path: Path, outside: Path) -> None:
    root = tmp_path / "lake"
    put(root, "a/1", "a/3", "c")
    (root / "a/2").symlink_to(outside / "secret")
    (root / "b").symlink_to(outside)
    log = ListingLog()
    assert keys(LocalLake(root), log=log) == ["a/1", "a/3", "c"]
    stretches = [("a/2", "a/2\0"), ("a/2/", "a/20"), ("b", "b\0"), ("b/", "b0")]
    assert [(hole.start, hole.end) for hole in log.holes] == stretches
    assert all(hole.left_out and "left out" in hole.error for hole in log.holes)
    below = ListingLog()
    assert keys(LocalLake(root), "b/", log=below) == []
    assert ("b/", "b0") in [(hole.start, hole.end) for hole in below.holes]
    assert [probe.ok for probe in LocalLake(root).check(lambda: datetime.now(UTC)) if probe.name == "list"] == [True]


def test_the_lakes_own_folder_may_be_a_link(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "link").symlink_to(outside)
    lake = LocalLake(tmp_path / "link")
    assert lake.url == (tmp_path / "link").as_uri()
    assert keys(lake) == ["secret"]
    assert lake.read("secret") == b"outside/secret"


def test_special_files_and_names_that_are_no_utf8_are_counted(tmp_path: Path) -> None:
    put(tmp_path, "file")
    os.mkfifo(tmp_path / "pipe")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.json")).touch()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xfe")).mkdir()
    log = ListingLog()
    assert keys(LocalLake(tmp_path), log=log) == ["file"]
    assert dict(log.skipped) == {
        "files and folders whose name is not UTF-8": 2,
        "special files (devices, pipes, sockets)": 1,
    }


def test_an_unreadable_folder_is_a_hole_of_exactly_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a/x", "b/deep/x", "b/x", "b-", "c/x")
    refuse(monkeypatch, tmp_path / "b/deep")
    lake = LocalLake(tmp_path)
    log = ListingLog()
    assert keys(lake, log=log) == ["a/x", "b-", "b/x", "c/x"]
    (hole,) = log.holes
    assert (hole.start, hole.end) == ("b/deep/", "b/deep0")
    assert "b/deep: Permission denied: make the folder readable" in hole.error
    with pytest.raises(DeniedError, match="Permission denied"):
        list(lake.list_pages())
    assert keys(lake, "c/") == ["c/x"]


def test_a_hole_keeps_to_the_prefix_that_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "b/x")
    refuse(monkeypatch, tmp_path / "b", errno.EIO)
    log = ListingLog()
    assert keys(LocalLake(tmp_path), "b/x", log=log) == []
    assert [(hole.start, hole.end) for hole in log.holes] == [("b/x", "b/y")]


def test_a_folder_whose_files_cannot_be_looked_at_is_a_hole_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a/1", "a/2", "a/3/x", "b")
    lstat = Path.lstat

    def refusing(path: Path) -> os.stat_result:
        if path == tmp_path / "a/2":
            raise PermissionError(errno.EACCES, "no", str(path))
        return lstat(path)

    monkeypatch.setattr(Path, "lstat", refusing)
    log = ListingLog()
    assert keys(LocalLake(tmp_path), log=log) == ["a/1", "b"]
    assert [(hole.start, hole.end) for hole in log.holes] == [("a/2", "a0")]


def test_files_that_vanish_meanwhile_are_no_objects(tmp_path: Path) -> None:
    for number in range(1500):
        (tmp_path / f"{number:04}").touch()
    put(tmp_path, "later/x")
    found = []
    for page in LocalLake(tmp_path).list_pages():
        found += page.keys
        if len(found) == 1000:
            (tmp_path / "1200").unlink()
            shutil.rmtree(tmp_path / "later")
    assert found == [f"{number:04}" for number in range(1500) if number != 1200]


def test_a_lake_that_goes_away_meanwhile_is_no_empty_lake(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    root.mkdir()
    for number in range(1500):
        (root / f"{number:04}").touch()
    pages = LocalLake(root).list_pages()
    next(pages)
    shutil.rmtree(root)
    with pytest.raises(LakeError, match="went away while it was scanned"):
        list(pages)


@pytest.mark.parametrize("kind", ["absent", "file", "circle"])
def test_a_lake_that_is_not_there_is_said(tmp_path: Path, kind: str) -> None:
    put(tmp_path, "file")
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(LakeError, match=rf"the lake's folder .*/{kind} cannot be opened \(.*\): check lake.url"):
        open_folder(str(tmp_path / kind))


def test_reading_is_capped(tmp_path: Path) -> None:
    put(tmp_path, "12345")
    lake = LocalLake(tmp_path)
    assert lake.read("12345", max_bytes=5) == b"12345"
    with pytest.raises(LakeError, match="larger than 4 bytes"):
        lake.read("12345", max_bytes=4)


def test_reading_what_is_no_file_is_said(tmp_path: Path) -> None:
    put(tmp_path, "a/b")
    for key in ("none", "a", "a/b/c", "\ud800"):
        with pytest.raises(LakeError, match="no such object"):
            LocalLake(tmp_path).read(key)

"""Files of one step are published together: what cannot be written stops all of them before the first rename."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path
from typing import BinaryIO

import pytest

from recon_core.api.errors import DiskError
from recon_core.files import Staging


def publish(folder: Path, targets: dict[str, Path]) -> None:
    with Staging(folder) as staging:
        for name in targets:
            (staging.path / name).write_text("new")
        staging.publish(targets)


def test_all_targets_are_replaced_and_nothing_else_stays(tmp_path: Path) -> None:
    targets = {"a": tmp_path / "a", "b": tmp_path / "deep" / "b"}
    (tmp_path / "a").write_text("old")
    publish(tmp_path, targets)
    assert [path.read_text() for path in targets.values()] == ["new", "new"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b", "deep"]


def test_a_folder_in_the_place_of_one_target_leaves_every_other_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "b" / "full").mkdir(parents=True)
    with pytest.raises(DiskError, match=r"cannot write .*/b: Is a directory; .* a folder stands there: name a file"):
        publish(tmp_path, {"a": tmp_path / "a", "b": tmp_path / "b"})
    assert (tmp_path / "a").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_place_that_takes_no_files_leaves_every_other_target_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**where: Path) -> BinaryIO:
        # As a folder of somebody else does; permissions do not stop root, as whom tests may run.
        if where["dir"] == tmp_path / "theirs":
            raise PermissionError(errno.EACCES, "Permission denied")
        return original(**where)

    original = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    (tmp_path / "a").write_text("old")
    with pytest.raises(DiskError, match=r"cannot write .*/b: Permission denied; previous outputs are untouched"):
        publish(tmp_path, {"a": tmp_path / "a", "b": tmp_path / "theirs" / "b"})
    assert (tmp_path / "a").read_text() == "old"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "theirs"]

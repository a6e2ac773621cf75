"""The template of a plugin is a plugin: it is written, found, checked, and keeps the contract."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.command_line import Inside, Recon
from support.fake_distributions import Site


@pytest.mark.parametrize(("kind", "datasets"), [("games", "box_scores, standings"), ("files", "summaries, readings")])
def test_a_new_plugin_works_as_it_is(tmp_path: Path, recon: Recon, kind: str, datasets: str) -> None:
    here = recon.at(tmp_path)
    written = here("plugins", "new", f"my_{kind}", "--kind", kind, "--format", "json").json()
    folder = tmp_path / f"recon-my-{kind}"
    assert sorted(Path(name) for name in written["files"]) == sorted(
        path.relative_to(tmp_path) for path in folder.rglob("*") if path.is_file()
    )
    Site(folder).install(f"recon-my-{kind}", "0.1.0", {f"my_{kind}": f"recon_my_{kind}.plugin"}, {})
    environment = {**here.environment, "PYTHONPATH": str(folder)}
    there = Recon(tmp_path, environment)
    assert datasets in there("plugins", "list").out
    assert there("plugins", "check", "--format", "json").json()["ok"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "tests"],
        cwd=folder,
        env={**environment, "PATH": os.environ["PATH"], "TZ": "Asia/Tokyo"},  # what is read depends on no machine
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Chess"], "small letters"),
        (["a-b"], "small letters"),
        (["a__b"], "small letters"),
        (["x" * 41], "small letters"),
        (["core"], "'core' cannot name a source: its distribution would be recon-core, which is recon itself"),
        (["toy"], "source 'toy' is there already, from recon-toy"),
        (["chess", "--title", 'a "b"'], "holds a quote"),
        (["chess", "--into", "taken"], "taken is not empty"),
        (["chess", "--kind", "song"], "song"),
    ],
)
def test_a_plugin_that_cannot_be_is_not_begun(mine: Inside, arguments: list[str], words: str) -> None:
    (mine.folder / "taken").mkdir()
    (mine.folder / "taken/file").write_text("mine")
    error = mine("plugins", "new", *arguments, code=2).err
    assert words in error
    assert len(error.splitlines()) == 1 or "song" in words
    assert sorted(path.name for path in mine.folder.glob("recon-*")) == []


@pytest.mark.parametrize("points", [{}, {"rowing_club": "recon_rowing_club.gone"}])
def test_what_is_installed_is_not_replaced(tmp_path: Path, recon: Recon, points: dict[str, str]) -> None:
    site = Site(tmp_path / "site")
    site.install("Recon_Rowing.Club", "2.1", points, {"recon_rowing_club.py": ""})
    there = Recon(tmp_path, {**recon.environment, "PYTHONPATH": str(site.folder)})
    error = there("plugins", "new", "rowing_club", code=2).err
    assert "recon-rowing-club 2.1 is installed already" in error
    assert "uninstall it first or choose another name" in error
    assert not (tmp_path / "recon-rowing-club").exists()


def test_a_module_of_that_name_is_not_hidden(tmp_path: Path, recon: Recon) -> None:
    (tmp_path / "recon_rowing.py").write_text("")
    there = Recon(tmp_path, {**recon.environment, "PYTHONPATH": str(tmp_path)})
    assert "a module recon_rowing is there already" in there("plugins", "new", "rowing", code=2).err


def test_what_to_do_next_is_said(mine: Inside) -> None:
    text = mine("plugins", "new", "chess", "--into", "deep/er").out
    assert "cd deep/er" in text
    assert "-m pip install --editable . pytest" in text
    assert (mine.folder / "deep/er/recon_chess/plugin.py").is_file()

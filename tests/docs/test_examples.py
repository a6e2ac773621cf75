"""The pages' examples are run as a reader would run them, and what the pages show is held against what comes out.

How a page marks its fenced blocks, in an HTML comment on the line before:

- a ``sh`` or ``python`` block is run, in the page's own folder, after those before it; one that calls jq, which recon
  does not need, only where there is a jq;
- ``not run: WHY`` leaves one out;
- ``run as: COMMAND`` runs another command in its place, such as the same one at a fixed time;
- ``file: PATH`` writes the block to a file; a folder with a ``pyproject.toml`` counts as an installed distribution;
- ``output`` holds the block against what the block before it printed: its lines stand there in this order, blanks
  aside, and `…` stands for anything.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.fake_distributions import Site

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {"api.md", "cli.md", "configuration.md"}
PAGES = [ROOT / "README.md", *sorted(path for path in (ROOT / "docs").glob("*.md") if path.name not in GENERATED)]

_BLOCK = re.compile(
    r"(?:<!-- (?P<mark>[^\n]*?) -->\n)?```(?P<language>[a-z]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
_RUN = ("sh", "python")


@dataclass(frozen=True)
class Block:
    """A fenced block with the comment that stands before it."""

    mark: str
    language: str
    text: str
    line: int

    def argument(self, name: str) -> str | None:
        """What the mark says after ``name:``."""
        found, _, rest = self.mark.partition(":")
        return rest.strip() if found == name else None


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(found["mark"] or "", found["language"], found["text"], line)


def has_examples(page: Path) -> bool:
    """Whether there is anything to run."""
    return any(block.language in _RUN and block.argument("not run") is None for block in blocks(page))


@dataclass
class Reader:
    """Somebody who follows a page in a folder of their own."""

    folder: Path
    home: Path
    printed: str | None = None

    def follow(self, page: Path) -> None:
        for block in blocks(page):
            where = f"{page.relative_to(ROOT)}:{block.line}"
            if (path := block.argument("file")) is not None:
                self._write(self.folder / path, block.text)
            elif block.mark == "output":
                missing = first_line_missing(block.text, self.printed) if self.printed is not None else None
                assert missing is None, f"{where}: {missing!r} does not stand in\n{self.printed}"
            elif block.language in _RUN and block.argument("not run") is None:
                self._run(block, where)

    def _write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _install(self) -> list[str]:
        """The folders of plugins, each with the metadata that an installer would leave."""
        folders = [path.parent for path in sorted(self.folder.glob("*/pyproject.toml"))]
        for folder in folders:
            if not list(folder.glob("*.dist-info")):
                project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
                Site(folder).install(project["name"], project["version"], project["entry-points"]["recon"], {})
        return [str(folder) for folder in folders]

    def _run(self, block: Block, where: str) -> None:
        text = block.argument("run as") or block.text
        if "jq " in text and shutil.which("jq") is None:
            self.printed = None
            return
        command = ["bash", "-euo", "pipefail", "-c", text] if block.language == "sh" else [sys.executable, "-c", text]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{where}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, f"{where}:\n{done.stderr}"
        self.printed = done.stdout

    def _environment(self) -> Mapping[str, str]:
        scripts = sysconfig.get_path("scripts")
        return {
            "PATH": os.pathsep.join([scripts, str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "COLUMNS": "100",
            "PYTHONPATH": os.pathsep.join(self._install()),
        }


def first_line_missing(shown: str, printed: str) -> str | None:
    """The first shown line that was not printed after the one before it; ``None`` if all were."""
    rest = [" ".join(line.split()) for line in printed.splitlines()]
    for line in filter(str.strip, shown.splitlines()):
        if line.strip() == "…":
            continue
        pattern = ".*".join(re.escape(" ".join(part.split())) for part in line.split("…"))
        at = next((n for n, candidate in enumerate(rest) if re.fullmatch(pattern, candidate)), None)
        if at is None:
            return line
        rest = rest[at + 1 :]
    return None


@pytest.mark.parametrize("page", [page for page in PAGES if has_examples(page)], ids=lambda page: page.stem)
def test_the_examples_of_a_page_do_what_it_says(page: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "reader").mkdir()
    Reader(tmp_path / "reader", tmp_path / "home").follow(page)


def test_every_block_has_a_known_mark() -> None:
    known = re.compile(r"(|output|(not run|run as|file): .+)")
    wrong = [
        f"{page.name}:{block.line}: {block.mark!r}"
        for page in PAGES
        for block in blocks(page)
        if not known.fullmatch(block.mark)
        or (block.language in ("", "console", "bash", "shell") and block.mark != "output")
    ]
    assert wrong == []


PRINTED = "a  b c d\ntwo\nthree\none\n"


@pytest.mark.parametrize("shown", ["a b c d\none", "a … d", "two\n…\none", "  two"])
def test_output_that_is_there_is_found(shown: str) -> None:
    assert first_line_missing(shown, PRINTED) is None


@pytest.mark.parametrize("shown", ["one\ntwo", "a … c", "x", "two\ntwo"])
def test_output_that_is_not_there_is_noticed(shown: str) -> None:
    assert first_line_missing(shown, PRINTED) is not None

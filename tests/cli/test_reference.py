from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import recon_core
from recon_core.cli.app import build
from recon_core.cli.reference import markdown

PAGE = Path(recon_core.__file__).parent.parent / "docs" / "cli.md"


def test_the_page_is_current() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "recon_core.cli.reference"],
        capture_output=True,
        timeout=60,
        encoding="utf-8",
        check=True,
    ).stdout
    assert PAGE.read_text("utf-8") == printed, "run `python -m recon_core.cli.reference > docs/cli.md`"


def test_the_page_has_every_command_and_every_option() -> None:
    page = markdown()
    for name, command in build().commands.items():
        for member, one in getattr(command, "commands", {"": command}).items():
            heading = " ".join(part for part in ("### recon", name, member) if part)
            assert f"{heading}\n" in page
            for parameter in one.params:
                for option in parameter.opts if parameter.param_type_name == "option" else []:
                    assert f"`{option}" in page

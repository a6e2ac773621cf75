from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import recon_core
from recon_core.api import HookSpecs, __all__
from recon_core.plugins.reference import markdown

PAGE = Path(recon_core.__file__).parent.parent / "docs" / "api.md"


def test_the_page_is_current() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "recon_core.plugins.reference"],
        capture_output=True,
        timeout=60,
        encoding="utf-8",
        check=True,
    ).stdout
    assert PAGE.read_text("utf-8") == printed, "run `python -m recon_core.plugins.reference > docs/api.md`"


def test_the_page_has_every_hook_type_and_error() -> None:
    page = markdown()
    for name in vars(HookSpecs):
        if name.startswith("recon_"):
            assert f"### {name}\n" in page
            assert f"def {name}(" in page
    for name in __all__:
        assert f"`{name}" in page or f"### {name}\n" in page or name in ("HookSpecs", "hookspec", "hookimpl"), name

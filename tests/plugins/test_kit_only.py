"""The plugins here, and what `recon plugins new` writes, live on what strangers are offered: the API and the kit."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import recon_core
from recon_core import api, testing

ROOT = Path(__file__).parents[2]
OFFERED = {"recon_core.api": set(api.__all__), "recon_core.testing": set(testing.__all__)}
TESTS = sorted(ROOT.glob("plugins/*/tests/*.py"))
TEMPLATES = sorted((Path(recon_core.__file__).parent / "scaffold").rglob("*.py.tmpl"))


def imported(text: str) -> set[tuple[str, str]]:
    """(module, name) of each import of recon, and of what the core's own tests share."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            found |= {(node.module or "", one.name) for one in node.names}
        elif isinstance(node, ast.Import):
            found |= {(one.name, "") for one in node.names}
    return {(module, name) for module, name in found if module.partition(".")[0] in ("recon_core", "support", "tests")}


@pytest.mark.parametrize("path", [*TESTS, *TEMPLATES], ids=lambda path: path.name)
def test_a_plugin_and_its_tests_import_nothing_else(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("$module", "recon_mine")
    allowed = ["recon_core.api"] if "package" in path.parts else list(OFFERED)
    others = {(module, name) for module, name in imported(text) if module not in allowed or name not in OFFERED[module]}
    assert others == set()


def test_there_is_something_to_check() -> None:
    assert len({path.parts[-3] for path in TESTS}) == 4
    assert {path.name for path in TEMPLATES} >= {"plugin.py.tmpl", "test_contract.py.tmpl"}

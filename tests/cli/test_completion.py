from __future__ import annotations

from pathlib import Path

import pytest
from support.command_line import Recon


def offered(recon: Recon, words: str) -> list[str]:
    """What bash would offer for the last word."""
    done = recon(
        code=None, COMP_WORDS=words, COMP_CWORD=str(len(words.split(" ")) - 1), _RECON_COMPLETE="complete_bash"
    )
    assert done.err == ""
    return done.out.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("recon ana", ["analyze"]),
        ("recon schedules ", ["pull", "import", "show", "compare"]),
        ("recon run --acc", ["--accept-empty", "--accept-loss"]),
        ("recon run --source ", ["toy"]),
        ("recon run --season 20", ["2023", "2024"]),
        ("recon gaps --season c", ["current"]),
        ("recon gaps --data-type ", ["days", "games"]),
        ("recon gaps --priority c", ["critical"]),
        ("recon run --fail-on ", ["critical", "high", "medium", "low"]),
        ("recon run --format m", ["markdown"]),
        ("recon schedules pull t", ["toy"]),
    ],
)
def test_commands_options_and_names_are_completed(outside: Recon, words: str, expected: list[str]) -> None:
    assert offered(outside, words) == expected


def test_completion_says_nothing_where_there_is_nothing(recon: Recon, tmp_path: Path) -> None:
    assert offered(recon, "recon run --source ") == []
    (tmp_path / "config").mkdir()
    (tmp_path / "config/reconciliation_config.yaml").write_text("{")
    assert offered(recon.at(tmp_path), "recon run --source ") == []


def test_a_shell_gets_its_script(recon: Recon) -> None:
    assert "complete_bash" in recon(_RECON_COMPLETE="source_bash").out

"""Every statement of a run is SQL that transpiles to a distributed engine's dialect, but for what touches files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import sqlglot
from sqlglot import ErrorLevel
from support.command_line import NOW, Inside

import recon_core.steps

OF_THIS_ENGINE_ONLY = {
    "COPY ": "writes a file; the SELECT in it is held to the rule",
    "CREATE VIEW objects_in_lake AS": "opens the snapshot's file, with the numbers of its rows",
    "CREATE VIEW coverage AS": "opens the analysis, with the numbers of its rows",
    "CREATE VIEW season_types AS": "opens the analysis, with the numbers of its rows",
    "DROP ": "forgets a step's tables",
    "SELECT 'VIEW', view_name": "lists a step's tables to forget them",
}


class Recording:
    """A connection that remembers what it was told to execute."""

    def __init__(self, connection: Any, statements: list[str]) -> None:
        self._connection, self._statements = connection, statements

    def execute(self, query: str, *rest: Any) -> Any:
        self._statements.append(query)
        return self._connection.execute(query, *rest)

    def cursor(self) -> Recording:
        return Recording(self._connection.cursor(), self._statements)

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def selected(statement: str) -> str | None:
    """The part of a statement that a distributed engine would have to run; ``None`` where there is none."""
    if statement.startswith("COPY ("):
        return statement[len("COPY (") : statement.rindex(") TO ")]
    return None if statement.startswith(tuple(OF_THIS_ENGINE_ONLY)) else statement


def test_statements_transpile(mine: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[str] = []
    opened = recon_core.steps.open_engine

    @contextlib.contextmanager
    def recording(*arguments: Any, **options: Any) -> Iterator[Any]:
        with opened(*arguments, **options) as connection:
            yield Recording(connection, statements)

    config = mine.folder / "config/reconciliation_config.yaml"
    waiver = "waivers: [{when: \"verdict = 'stale' AND age_days > 5\", reason: known, expires: 2030-01-01}]\n"
    config.write_text(config.read_text() + waiver)
    monkeypatch.setattr(recon_core.steps, "open_engine", recording)
    mine("run", "--now", NOW)
    assert len(statements) > 30
    failed = {}
    for statement in statements:
        text = selected(statement)
        if text is None:
            continue
        try:
            written = sqlglot.transpile(text, read="duckdb", write="spark", unsupported_level=ErrorLevel.RAISE)
            assert len(written) == 1
        except sqlglot.errors.SqlglotError as error:
            failed[text[:120]] = str(error)[:300]
    assert failed == {}

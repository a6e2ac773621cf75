"""Items that lie inside containers: which containers are read, what they hold, and what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recon_core.columns import number_column
from recon_core.containers import ContainerColumn, ContainerObject
from recon_core.engine.connection import make_table, statement
from recon_core.engine.inputs import AnalysisInputs
from recon_core.engine.items import escaped_sql, joined_sql
from recon_core.engine.keys import KeySql, TemplateUse, told_values
from recon_core.lake import ObjectVersion
from recon_core.templates import KeyTemplate

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "StrayIds",
    "UnreadContainer",
    "classify_containers",
    "open_containers",
    "stray_ids",
    "unread_containers",
]


_UNTOLD = ContainerColumn(None, "the record of the lake does not tell which version of a container it saw")


@dataclass(frozen=True, slots=True)
class StrayIds:
    """Ids in the containers of a dataset that no schedule knows: how many, and one of them with its container."""

    source: str
    data_type: str
    count: int
    example: str
    key: str


@dataclass(frozen=True, slots=True)
class UnreadContainer:
    """A container in which wanted items may lie and that could not be read, and why."""

    source: str
    data_type: str
    key: str
    error: str


def open_containers(connection: duckdb.DuckDBPyConnection, inputs: AnalysisInputs, key_sql: KeySql) -> str | None:
    """Add to ``seen`` the items that containers hold; makes ``containers``, ``container_states`` and ``held``.

    Only containers in which a wanted item may lie are read. Gives SQL of (item_no, error) of the items of which some
    container could not be read; ``None`` where there are none.
    """
    uses = _uses(key_sql)
    if not uses:
        return None
    connection.execute(
        statement(
            "containers",
            templates=_numbers(uses),
            signature_cases=key_sql.container_signature_cases,
            said_cases=" ".join(f"WHEN {use.number} THEN {_said(template)}" for use, template in uses),
        )
    )
    if not _there(connection, key_sql):
        return None
    found = connection.execute(
        "SELECT c.object_no, c.template_no, c.key, c.size, epoch_us(c.last_modified), c.etag FROM containers AS c "
        f"JOIN ({key_sql.container_places}) AS p ON p.template_no = c.template_no AND p.key = c.key "
        "ORDER BY c.object_no"
    ).fetchall()
    inside = {use.number: use.layout.inside or "" for use, _ in uses}
    told = [row for row in found if row[3] is not None and (row[4], row[5]) != (None, None)]
    read = inputs.containers(
        [
            ContainerObject(ObjectVersion(key, size, modified, etag), inside[template_no])
            for _, template_no, key, size, modified, etag in told
        ]
    )
    by_number = dict(zip((number for number, *_ in told), read, strict=True))
    numbers = [number for number, *_ in found]
    columns = [by_number.get(number, _UNTOLD) for number in numbers]
    connection.register("inside", _inside(numbers, columns))
    make_table(
        connection,
        "container_states",
        "object_no BIGINT, error VARCHAR",
        [(number, column.error) for number, column in zip(numbers, columns, strict=True)],
    )
    connection.execute(statement("held", ids=key_sql.container_ids, escaped_value=escaped_sql("v.value")))
    connection.execute(statement("held_copies"))
    if all(column.error is None for column in columns):
        return None
    wanted = ", ".join(str(use.dataset_no) for use, _ in uses if use.dataset_no is not None)
    return (
        "SELECT k.item_no, min(s.error) AS error "
        f"FROM ({key_sql.candidates(f'dataset_no IN ({wanted})')}) AS k "
        "JOIN containers AS c ON c.key = k.key "
        "JOIN container_states AS s ON s.object_no = c.object_no "
        "WHERE s.error IS NOT NULL GROUP BY k.item_no"
    )


def classify_containers(connection: duckdb.DuckDBPyConnection, key_sql: KeySql, known: str) -> None:
    """Add the containers to ``kinds``; makes ``held_strays``. ``known`` is SQL of what the schedules know."""
    uses = _there(connection, key_sql)
    if not uses:
        return
    grain_cases = " ".join(f"WHEN {use.number} THEN {_item_value(use, template)}" for use, template in uses)
    connection.execute(statement("held_strays", grain_cases=grain_cases, known=known))
    connection.execute(statement("container_kinds"))


def stray_ids(connection: duckdb.DuckDBPyConnection, key_sql: KeySql) -> tuple[StrayIds, ...]:
    """The ids inside that no stored schedule knows, of the datasets whose ids are games' own."""
    uses = [(use, template) for use, template in _there(connection, key_sql) if not use.layout.enumerated]
    if not uses:
        return ()
    query = statement("stray_ids", templates=_numbers(uses))
    return tuple(StrayIds(*row) for row in connection.execute(query).fetchall())


def unread_containers(connection: duckdb.DuckDBPyConnection, key_sql: KeySql) -> tuple[UnreadContainer, ...]:
    """The containers that could not be read, by key."""
    if not _there(connection, key_sql):
        return ()
    rows = connection.execute(
        "SELECT l.source, l.data_type, c.key, s.error FROM container_states AS s "
        "JOIN containers AS c ON c.object_no = s.object_no JOIN layout_uses AS l ON l.template_no = c.template_no "
        "WHERE s.error IS NOT NULL ORDER BY c.key"
    ).fetchall()
    return tuple(UnreadContainer(*row) for row in rows)


def _inside(numbers: Sequence[int], columns: Sequence[ContainerColumn]) -> Any:
    """The table (object_no, value) of what was read."""
    import pyarrow as pa

    schema = pa.schema([("object_no", pa.int64()), ("value", pa.string())])
    tables = [pa.Table.from_batches([], schema)]
    for number, column in zip(numbers, columns, strict=True):
        if column.values is not None:
            size = len(column.values)
            tables.append(pa.Table.from_arrays([number_column([number] * size), column.values], schema=schema))
    return pa.concat_tables(tables)


def _said(template: KeyTemplate) -> str:
    """SQL of what a container's key says, as the first part of its items' ids; NULL where it says nothing."""
    parts = [escaped_sql(template.sql_field(name, "o.key")) for name in template.fields]
    return " || '/' || ".join([*parts, "''"]) if parts else "CAST(NULL AS VARCHAR)"


def _item_value(use: TemplateUse, template: KeyTemplate) -> str:
    """SQL of the grain values of what lies in a container, joined."""
    told = told_values(use.layout, template, "c.key")
    return joined_sql([told.get(name, "h.value") for name in use.layout.grain])


def _uses(key_sql: KeySql) -> list[tuple[TemplateUse, KeyTemplate]]:
    return [(use, use.template) for use in key_sql.uses if use.layout.inside is not None and use.template is not None]


def _there(connection: duckdb.DuckDBPyConnection, key_sql: KeySql) -> list[tuple[TemplateUse, KeyTemplate]]:
    """The templates of containers, where the lake has any: without one there is nothing to read or to classify."""
    uses = _uses(key_sql)
    some = uses and connection.execute("SELECT 1 FROM containers LIMIT 1").fetchone()
    return uses if some else []


def _numbers(uses: Sequence[tuple[TemplateUse, KeyTemplate]]) -> str:
    return ", ".join(str(use.number) for use, _ in uses)

"""Keys that no template can say: handed to the plugin's own parser, one by one, only where it declares prefixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recon_core.api import ParsedKey
from recon_core.engine.connection import quoted
from recon_core.engine.keys import KeySql, TemplateUse, joined_values
from recon_core.plugins import PluginCallError, PluginFailure
from recon_core.text import shown

if TYPE_CHECKING:
    import duckdb

    from recon_core.plugins import Plugin

__all__ = ["parse_keys", "parse_unmatched"]

_BATCH = 50_000


def parse_keys(
    connection: duckdb.DuckDBPyConnection, key_sql: KeySql, plugins: Mapping[str, Plugin]
) -> list[PluginFailure]:
    """Add to ``seen`` the keys below the prefixes of datasets whose plugin parses keys; makes ``parsed_keys``.

    A parser that raises, or says something that cannot be, is a failure of its source: none of its keys is added.
    """
    if all(use.template is not None for use in key_sql.uses):
        return []
    failures = parse_unmatched(connection, key_sql, plugins)
    connection.execute(
        "INSERT INTO seen SELECT o.object_no, o.size, o.last_modified, p.template_no, i.item_no, i.id_no, "
        "CASE WHEN i.item_no IS NULL THEN p.value END AS value "
        "FROM parsed_keys AS p JOIN objects_in_lake AS o ON o.object_no = p.object_no "
        f"LEFT JOIN ids AS i ON i.signature_no = CASE p.template_no {key_sql.signature_cases} END AND i.value = p.value"
    )
    return failures


def parse_unmatched(
    connection: duckdb.DuckDBPyConnection, key_sql: KeySql, plugins: Mapping[str, Plugin]
) -> list[PluginFailure]:
    """Make ``parsed_keys``: what plugins read in those keys of ``objects_in_lake`` that ``seen`` does not hold.

    Fails as ``parse_keys`` does.
    """
    failures: list[PluginFailure] = []
    connection.execute("CREATE TABLE parsed_keys (object_no BIGINT, template_no INTEGER, value VARCHAR, key VARCHAR)")
    by_source: dict[str, dict[str, TemplateUse]] = {}
    for use in key_sql.uses:
        if use.template is None:
            by_source.setdefault(use.layout.source, {})[use.layout.data_type] = use
    for source, own in by_source.items():
        below = " OR ".join(
            f"starts_with(key, {quoted(prefix)})" for use in own.values() for prefix in use.layout.prefixes
        )
        reader = connection.execute(
            "SELECT object_no, key FROM objects_in_lake "
            f"WHERE object_no NOT IN (SELECT object_no FROM seen) AND ({below}) ORDER BY object_no"
        )
        tables = []
        try:
            while batch := reader.fetchmany(_BATCH):
                rows = [row for number, key in batch if (row := _parse(plugins[source], own, number, key)) is not None]
                tables.append(_table(rows))
        except PluginCallError as error:
            failures.append(error.failure)
            continue
        for table in tables:
            connection.register("parsed_batch", table)
            connection.execute("INSERT INTO parsed_keys SELECT * FROM parsed_batch")
            connection.unregister("parsed_batch")
    return failures


def _table(rows: list[tuple[int, int, str, str]]) -> Any:
    import pyarrow as pa

    numbers, templates, values, keys = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pa.table(
        {
            "object_no": pa.array(numbers, pa.int64()),
            "template_no": pa.array(templates, pa.int32()),
            "value": pa.array(values, pa.string()),
            "key": pa.array(keys, pa.string()),
        }
    )


def _parse(plugin: Plugin, own: Mapping[str, TemplateUse], number: int, key: str) -> tuple[int, int, str, str] | None:
    parsed: ParsedKey | None = plugin.call("recon_parse_key", key=key)
    if parsed is None:
        return None
    use = own.get(parsed.data_type)
    if use is None:
        return None
    missing = [name for name in use.layout.grain if name not in parsed.fields]
    if missing:
        message = f"gave no {missing[0]!r} for {shown(key)!r}: an item is named by {', '.join(use.layout.grain)}"
        raise PluginCallError(plugin.failure("recon_parse_key", message))
    return number, use.number, joined_values([parsed.fields[name] for name in use.layout.grain]), key

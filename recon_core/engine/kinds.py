"""Objects that are no item's copy: out of scope, nobody's, or not recognised at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from recon_core.engine.connection import make_table, quoted, statement
from recon_core.engine.containers import classify_containers
from recon_core.engine.games import gives_games
from recon_core.engine.inputs import AnalysisInputs
from recon_core.engine.items import game_value
from recon_core.engine.keys import KeySql, TemplateUse, split_values
from recon_core.engine.matching import source_numbers
from recon_core.plan import Layout
from recon_core.times import day_start

if TYPE_CHECKING:
    import duckdb

    from recon_core.plugins import Plugin

__all__ = ["classify", "stray_names"]


def classify(
    connection: duckdb.DuckDBPyConnection, inputs: AnalysisInputs, key_sql: KeySql, plugins: Mapping[str, Plugin]
) -> None:
    """Make the tables ``layout_uses`` and ``kinds``."""
    rows = [
        (
            use.number,
            use.layout.source,
            use.layout.data_type,
            _all_known(inputs, use.layout, plugins[use.layout.source]),
            use.layout.inside is not None,
        )
        for use in key_sql.uses
    ]
    columns = "template_no INTEGER, source VARCHAR, data_type VARCHAR, all_stored BOOLEAN, inside BOOLEAN"
    make_table(connection, "layout_uses", columns, rows)
    stray = {
        number
        for (number,) in connection.execute("SELECT DISTINCT template_no FROM seen WHERE item_no IS NULL").fetchall()
    }
    numbers = source_numbers(inputs.plan)
    known = [
        _known(use, numbers[use.layout.source], inputs, plugins[use.layout.source])
        for use in key_sql.uses
        if use.number in stray
    ]
    nothing = "SELECT 0 AS template_no, '' AS value WHERE false"
    everything = " UNION ".join([*filter(None, known), nothing])
    connection.execute(statement("kinds", known=everything))
    classify_containers(connection, key_sql, everything)


def stray_names(key_sql: KeySql) -> str:
    """SQL that names the item a recognised key speaks of, from ``kinds.value``."""
    cases = " ".join(f"WHEN {use.number} THEN {split_values('k.value', len(use.layout.grain))}" for use in key_sql.uses)
    return f"CASE k.template_no {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _all_known(inputs: AnalysisInputs, layout: Layout, plugin: Plugin) -> bool:
    """Whether every season that has started is known, so that what nobody names is nobody's.

    What a plugin computes is known of the seasons for which it was asked, and answered.
    """
    source, expectation = plugin.source, inputs.expectation
    named = layout.enumerated
    if source.schedule == "computed" or named:
        known = {
            label
            for dataset in inputs.plan.datasets
            if source.name not in expectation.failed
            and (dataset.layout == layout if named else gives_games(dataset, source.name))
            for label in dataset.seasons
            if not named or (dataset.source, dataset.data_type, label) not in expectation.undetermined
        }
    else:
        known = set(expectation.stored.get(source.name, ()))
    started = {
        season.label for season in plugin.seasons if day_start(season.starts, source.timezone) <= inputs.plan.now
    }
    return started <= known


def _known(use: TemplateUse, source_no: int, inputs: AnalysisInputs, plugin: Plugin) -> str:
    """SQL of (template_no, value) of everything that the source's schedules know of, in scope or not."""
    grain = use.layout.grain
    if use.layout.enumerated:
        return ""
    games = f"SELECT * FROM games WHERE source_no = {source_no}"
    if grain == ("game_id",):
        return (
            f"SELECT {use.number} AS template_no, game_id AS value FROM ({games}) AS own "
            f"UNION SELECT {use.number}, unnest(alt_ids) FROM ({games}) AS other"
        )
    if "team" in grain:
        games = f"SELECT *, home AS team FROM ({games}) AS h UNION ALL SELECT *, away AS team FROM ({games}) AS a"
    selects = [f"SELECT {use.number} AS template_no, {game_value(grain)} AS value FROM ({games}) AS own"]
    if grain == ("season",):
        selects += [f"SELECT {use.number}, {quoted(season.label)}" for season in plugin.seasons]
    spec = next((spec for spec in plugin.source.datasets if spec.data_type == use.layout.data_type), None)
    if grain == ("date",) and spec is not None and spec.every_day:
        stored = inputs.expectation.stored.get(use.layout.source, ())
        selects += [
            f"SELECT {use.number}, CAST(CAST(day AS DATE) AS VARCHAR) FROM generate_series("
            f"TIMESTAMP {quoted(season.starts)}, TIMESTAMP {quoted(season.ends)}, INTERVAL 1 DAY) AS days(day)"
            for season in plugin.seasons
            if season.label in stored
        ]
    return " UNION ".join(selects)

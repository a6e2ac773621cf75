"""Step two: hold what should be there against what a scan saw, and give every item its verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from recon_core.engine import adoption
from recon_core.engine.conflicts import Disagreement, find_conflicts, planned_scope
from recon_core.engine.connection import LAKE_NOTE, make_table, notes, quoted, side_by_side, statement, timestamp
from recon_core.engine.containers import (
    StrayIds,
    UnreadContainer,
    open_containers,
    stray_ids,
    unread_containers,
)
from recon_core.engine.evidence import Stretch, listed_whole, partition, prove
from recon_core.engine.games import load_games
from recon_core.engine.inputs import AnalysisInputs
from recon_core.engine.items import build_items
from recon_core.engine.keys import KeySql, build_key_sql, by_dataset, item_values, seen_datasets
from recon_core.engine.kinds import classify, stray_names
from recon_core.engine.matching import MATCHES
from recon_core.engine.parsing import parse_keys
from recon_core.engine.rules import RULE_NAMES, rule_columns
from recon_core.engine.sampled import COUNTED, choose_copies, clusters_of_items
from recon_core.plan import Plan

if TYPE_CHECKING:
    import duckdb

    from recon_core.plugins import Plugin, PluginFailure, Registry

__all__ = [
    "COVERAGE_COLUMNS",
    "SEASON_TYPES",
    "Analysis",
    "EmptyDataset",
    "Judgement",
    "analyze",
    "judge",
]

COVERAGE_COLUMNS = (
    "item, source, data_type, season, fields, game_id, date, home, away, verdict, waived_verdict, found_key, "
    "target_key, size, last_modified, copies, final_at, settled_at, due_at, required, reason"
)
"""The columns of ``coverage.parquet``, in order."""

SEASON_TYPES = "season_types.parquet"
"""What ``coverage.parquet`` does not hold, a row for each of its rows: ``season_type``, of which rules speak, and
``cluster``, the number of the sampled cluster that a due item belongs to; null outside of a sample."""

_CONFLICTS = 1000
"""So many conflicts stand in the report at most."""

_PARQUET = "FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 122880"

# A container's key does not tell the game, so further ids make no further key.
_KEY_COUNT = "(keys_per_id * CASE WHEN inside THEN 1 ELSE 1 + coalesce(len(alt_ids), 0) END)"


_SMALL = 1_000_000
"""Up to how many objects two pieces of work run side by side. Of more, each keeps all cores busy and all memory."""


@dataclass(frozen=True, slots=True)
class EmptyDataset:
    """A dataset of which a listing found not one key, although it was complete or a sample of everything."""

    source: str
    data_type: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """What an analysis says beside its files: datasets of which a complete listing found no key at all, and the
    plugins that failed when they were asked for ids or to parse keys, so that their sources are unknown; what
    schedules disagree on; ids in containers that no schedule knows, and the containers that could not be read.
    ``old_gaps`` are the gaps that rest on evidence from before ``AnalysisInputs.gaps_before``, ``oldest`` is the oldest
    of it.
    """

    empty: tuple[EmptyDataset, ...]
    failures: tuple[PluginFailure, ...]
    disagreement: Disagreement
    strays: tuple[StrayIds, ...]
    unread: tuple[UnreadContainer, ...]
    old_gaps: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the relation ``judged`` was made of: the inputs, less what failed; the SQL of the layouts, and of times."""

    inputs: AnalysisInputs
    key_sql: KeySql
    failures: tuple[PluginFailure, ...]
    disagreement: Disagreement
    moments: Mapping[str, str]


def analyze(connection: duckdb.DuckDBPyConnection, inputs: AnalysisInputs, registry: Registry, out: Path) -> Analysis:
    """Write ``coverage.parquet``, its season types, ``matches.parquet`` and ``objects.parquet`` into ``out``.

    Raises ScheduleError for schedules that contradict each other.
    """
    plan = inputs.plan
    plugins = {plugin.source.name: plugin for plugin in registry.plugins}
    judged = judge(connection, inputs, registry)
    inputs, key_sql = judged.inputs, judged.key_sql
    connection.execute(f"COPY ({statement('matches')}) TO {quoted(out / MATCHES)} ({_PARQUET})")
    _waive(connection, inputs)
    connection.execute(
        statement(
            "reasoned",
            item_values=item_values(plan),
            fields=_fields(plan),
            game_id=_game_id(plan),
            found_key=key_sql.found_key,
            target_key=key_sql.target_key,
            key_count=f"CASE {_KEY_COUNT} WHEN 1 THEN '1 key' ELSE {_KEY_COUNT} || ' keys' END",
            waiver_reason=_waiver_reason(inputs),
            adopted_note=adoption.NOTE if inputs.expectation.adopted else "",
            adopted_join=adoption.JOIN if inputs.expectation.adopted else "",
            **judged.moments,
        )
    )

    def write_coverage(own: duckdb.DuckDBPyConnection) -> None:
        _write_coverage(own, inputs.snapshot.place, out, sampled=inputs.snapshot.sample is not None)

    def write_objects(own: duckdb.DuckDBPyConnection) -> None:
        _write_objects(own, inputs, key_sql, plugins, out / "objects.parquet")

    if inputs.snapshot.objects <= _SMALL:
        side_by_side(connection, write_coverage, write_objects)
    else:
        write_coverage(connection)
        write_objects(connection)
    looked_at = ("listed",) if inputs.snapshot.sample is None else ("listed", "sampled out")
    empty = _empty(connection, plan, key_sql, partition(inputs.snapshot.ranges), looked_at)
    strays, unread = stray_ids(connection, key_sql), unread_containers(connection, key_sql)
    return Analysis(empty, judged.failures, judged.disagreement, strays, unread, *_old_gaps(connection, inputs))


def judge(connection: duckdb.DuckDBPyConnection, inputs: AnalysisInputs, registry: Registry) -> Judgement:
    """Make the relation ``judged``: every item's verdict before waivers, the evidence for it, and the doubt about it.

    Leaves ``items``, ``objects_in_lake`` and what else it is made of behind. Raises ScheduleError for schedules that
    contradict each other.
    """
    plan = inputs.plan
    plugins = {plugin.source.name: plugin for plugin in registry.plugins}
    now = timestamp(plan.now)
    key_sql = build_key_sql(plan)
    connection.execute(
        f"CREATE VIEW objects_in_lake AS SELECT file_row_number AS object_no, key, size, last_modified, etag "
        f"FROM read_parquet({quoted(inputs.snapshot_file)}, file_row_number = true)"
    )

    def expect(own: duckdb.DuckDBPyConnection) -> tuple[list[PluginFailure], Disagreement]:
        failures = load_games(own, plan, inputs.expectation, plugins)
        disagreement = find_conflicts(own, planned_scope(plan), _CONFLICTS)
        build_items(own, plan, inputs.expectation.items)
        adoption.add_adopted(own, plan, inputs.expectation.adopted)
        return failures, disagreement

    matched = statement(
        "matched",
        match_cases=key_sql.match_cases,
        value_cases=key_sql.value_cases,
        signature_cases=key_sql.signature_cases,
    )
    if inputs.snapshot.objects <= _SMALL:
        # What keys say does not depend on what is expected.
        match = f"CREATE TABLE matched AS {matched}"
        (failures, disagreement), _ = side_by_side(connection, expect, lambda own: own.execute(match))
        matched = "SELECT * FROM matched"
    else:
        failures, disagreement = expect(connection)
    connection.execute(f"CREATE VIEW ids AS {key_sql.ids}")
    connection.execute(statement("seen", matched=matched, grain_cases=key_sql.grain_cases))
    failures += parse_keys(connection, key_sql, plugins)
    unread = open_containers(connection, inputs, key_sql)
    inputs = inputs.with_failures(failures)
    _load_datasets(connection, plan, inputs, key_sql)
    unfit = _unfit(connection, key_sql)
    evidence = prove(connection, inputs.snapshot.ranges, key_sql, plan.now)
    sample, holes = inputs.snapshot.sample, bool(evidence.join)
    choose_copies(connection, plan.now, sampled=sample is not None and holes)
    clusters = clusters_of_items(connection, sample, key_sql.target_key, unfit, plan.now, holes=holes)
    parsed = parsed_columns(key_sql)
    moments = {
        f"{name}_minutes": f"strftime({column}, '%Y-%m-%dT%H:%MZ')"
        for name, column in [
            ("evidence", "evidence_at"),
            ("due", "due_at"),
            ("proved_due", "proved_due"),
            ("need", "need"),
            ("modified", "last_modified"),
        ]
    }
    connection.execute(
        statement(
            "judged",
            relation="TABLE" if inputs.waivers or sample is not None else "VIEW",
            now=now,
            evidence_columns=evidence.columns,
            evidence_join=evidence.join,
            cluster=clusters.cluster,
            nearest_cluster=clusters.nearest,
            cluster_join=clusters.join,
            parsed_key=parsed[0],
            parsed_join=parsed[1],
            unread_error="u.error" if unread else "CAST(NULL AS VARCHAR)",
            unread_join=f"LEFT JOIN ({unread}) AS u ON u.item_no = i.item_no" if unread else "",
            unfit=unfit,
            **moments,
        )
    )
    return Judgement(
        inputs=inputs, key_sql=key_sql, failures=tuple(failures), disagreement=disagreement, moments=moments
    )


def _old_gaps(connection: duckdb.DuckDBPyConnection, inputs: AnalysisInputs) -> tuple[int, datetime | None]:
    """How many gaps rest on evidence that is older than wanted, and the oldest of it."""
    limit = inputs.gaps_before
    if limit is None or all(one.evidence_at >= limit for one in inputs.snapshot.ranges if one.state == "listed"):
        return 0, None
    row = connection.execute(
        "SELECT count(*), min(evidence_at) FROM waived WHERE verdict IN ('missing', 'stale', 'undersized') "
        f"AND evidence_at < {timestamp(limit)}"
    ).fetchone()
    return (row[0], row[1].replace(tzinfo=UTC)) if row and row[0] else (0, None)


def _write_coverage(connection: duckdb.DuckDBPyConnection, lake: str, out: Path, *, sampled: bool) -> None:
    select = f"SELECT {COVERAGE_COLUMNS} FROM reasoned ORDER BY item_no"
    path = quoted(out / "coverage.parquet")
    connection.execute(f"COPY ({select}) TO {path} ({_PARQUET}, {notes({LAKE_NOTE: lake})})")
    beside = (
        "season_type, cluster FROM judged" if sampled else "season_type, CAST(NULL AS BIGINT) AS cluster FROM items"
    )
    connection.execute(f"COPY (SELECT {beside} ORDER BY item_no) TO {quoted(out / SEASON_TYPES)} ({_PARQUET})")


def _write_objects(
    connection: duckdb.DuckDBPyConnection,
    inputs: AnalysisInputs,
    key_sql: KeySql,
    plugins: Mapping[str, Plugin],
    path: Path,
) -> None:
    classify(connection, inputs, key_sql, plugins)
    connection.execute(statement("duplicates", item_values=item_values(inputs.plan, "i.")))
    select = statement("objects_out", stray_values=stray_names(key_sql))
    connection.execute(f"COPY ({select}) TO {quoted(path)} ({_PARQUET})")


def parsed_columns(key_sql: KeySql) -> tuple[str, str]:
    """The column and the join that bring keys which a plugin parsed itself; nothing where there are none."""
    if all(use.template is not None for use in key_sql.uses):
        return "CAST(NULL AS VARCHAR)", ""
    return "pk.key", "LEFT JOIN parsed_keys AS pk ON pk.object_no = b.object_no"


def _unfit(connection: duckdb.DuckDBPyConnection, key_sql: KeySql) -> str:
    """SQL that tells the items whose keys could not be recognised; further ids are few, and have a table."""
    connection.execute(
        f"CREATE TABLE unfit AS SELECT DISTINCT item_no FROM alternatives WHERE {key_sql.unfit(further=True)}"
    )
    further = connection.execute("SELECT 1 FROM unfit LIMIT 1").fetchone() is not None
    return f"({key_sql.unfit()}{' OR item_no IN (SELECT item_no FROM unfit)' if further else ''})"


def _load_datasets(connection: duckdb.DuckDBPyConnection, plan: Plan, inputs: AnalysisInputs, key_sql: KeySql) -> None:
    rows = [
        (
            number,
            dataset.source,
            dataset.data_type,
            dataset.required,
            dataset.min_size_bytes,
            # In a container an item has no size of its own to be held against others'.
            dataset.undersized_min_copies if dataset.layout.inside is None else None,
            dataset.undersized_ratio.numerator,
            dataset.undersized_ratio.denominator,
            len(dataset.layout.templates),
            dataset.layout.inside is not None,
            inputs.expectation.failed.get(dataset.source),
        )
        for number, dataset in enumerate(plan.datasets)
    ]
    make_table(
        connection,
        "datasets",
        "dataset_no INTEGER, source VARCHAR, data_type VARCHAR, required BOOLEAN, min_size HUGEINT, min_copies BIGINT, "
        "ratio_numerator HUGEINT, ratio_denominator HUGEINT, keys_per_id INTEGER, inside BOOLEAN, "
        "source_failed VARCHAR",
        rows,
    )


def _waive(connection: duckdb.DuckDBPyConnection, inputs: AnalysisInputs) -> None:
    if not inputs.waivers:
        connection.execute(
            "CREATE VIEW waived AS SELECT *, CAST(NULL AS VARCHAR) AS waived_verdict, "
            "CAST(NULL AS INTEGER) AS waiver FROM judged"
        )
        return
    cases = " ".join(f"WHEN {waiver.when_sql} THEN {place}" for place, waiver in enumerate(inputs.waivers))
    connection.execute(
        statement(
            "waived",
            rule_names=RULE_NAMES,
            rule_columns=rule_columns(inputs.plan, "j", "p"),
            waiver_cases=cases,
            completeness=statement("completeness", items="judged", counted=COUNTED[inputs.snapshot.sample is not None]),
        )
    )


def _waiver_reason(inputs: AnalysisInputs) -> str:
    cases = " ".join(f"WHEN {place} THEN {quoted(waiver.reason)}" for place, waiver in enumerate(inputs.waivers))
    return f"CASE waiver {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _fields(plan: Plan) -> str:
    """SQL of an item's fields as JSON: its grain, and for games what tells a reader which one it is."""
    texts = {}
    for number, dataset in enumerate(plan.datasets):
        grain = dataset.layout.grain
        if grain == ("game_id",):
            texts[number] = "struct_pack(game_id := g0, date := CAST(date AS VARCHAR), home := home, away := away)"
        else:
            pairs = ", ".join(f'"{name}" := g{place}' for place, name in enumerate(grain))
            texts[number] = f"struct_pack({pairs})"
    return by_dataset({number: f"CAST(to_json({text}) AS VARCHAR)" for number, text in texts.items()})


def _game_id(plan: Plan) -> str:
    return by_dataset(
        {
            number: f"g{dataset.layout.grain.index('game_id')}"
            for number, dataset in enumerate(plan.datasets)
            if "game_id" in dataset.layout.grain
        }
    )


def _empty(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    key_sql: KeySql,
    stretches: Sequence[Stretch],
    looked_at: Collection[str],
) -> tuple[EmptyDataset, ...]:
    """The datasets without a key although all places where one could lie were listed; holes elsewhere do not matter.

    ``looked_at`` are the states of ranges that count as listed: in a sample also what it left out.
    """
    seen = seen_datasets(connection, key_sql)
    return tuple(
        EmptyDataset(dataset.source, dataset.data_type)
        for number, dataset in enumerate(plan.datasets)
        if number not in seen
        and all(listed_whole(prefix, stretches, looked_at) for prefix in dataset.layout.beginnings)
    )

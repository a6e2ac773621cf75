"""Keys and items: the SQL that reads a key by every installed layout, and the SQL that writes an item's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recon_core.engine.connection import quoted
from recon_core.engine.items import joined_sql
from recon_core.plan import DatasetPlan, Layout, Plan, SourcePlan
from recon_core.templates import KeyTemplate

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "KeySql",
    "TemplateUse",
    "build_key_sql",
    "by_dataset",
    "item_values",
    "joined_values",
    "percent_encoded",
    "seen_datasets",
    "split_values",
    "told_values",
]


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """One template of one layout. ``template`` is ``None`` for keys that the plugin parses itself.

    ``signature`` are the fields that a key of this template tells, for a container's with the one that is told inside;
    ``dataset_no`` is ``None`` where the layout's dataset is not wanted.
    """

    number: int
    layout: Layout
    template: KeyTemplate | None
    signature: tuple[str, ...]
    dataset_no: int | None


@dataclass(frozen=True, slots=True)
class KeySql:
    """The generated parts of the statements. See ``build_key_sql``."""

    uses: tuple[TemplateUse, ...]
    match_cases: str
    value_cases: str
    grain_cases: str
    signature_cases: str
    container_signature_cases: str
    container_places: str
    container_ids: str
    ids: str
    target_key: str
    found_key: str

    def candidates(self, where: str) -> str:
        """SQL of (item_no, key) of every candidate key of the items for which ``where`` holds."""
        return _candidates(self.uses, self._fields, where)

    def unfit(self, *, further: bool = False) -> str:
        """SQL BOOLEAN: some key of the item would not be read back as the item's.

        Over the columns of ``items``; for ``further`` ids over those of ``alternatives``.
        """
        return _unfit(self.uses, self._fields, further)

    _fields: Mapping[int, Mapping[str, str]]


def build_key_sql(plan: Plan) -> KeySql:
    """Generate the SQL for a plan's layouts.

    Templates are numbered over all layouts. What a key says is compared with what an item would write: the joined
    text of the template's fields (its *signature*), so a season's folder that contradicts the game is no copy.
    """
    numbered = {(dataset.source, dataset.data_type): number for number, dataset in enumerate(plan.datasets)}
    uses: list[TemplateUse] = []
    for layout in plan.layouts:
        number = numbered.get((layout.source, layout.data_type))
        for template in layout.templates:
            signature = (*template.fields, layout.inside_field) if layout.inside_field else template.fields
            uses.append(TemplateUse(len(uses), layout, template, signature, number))
        if layout.prefixes:
            uses.append(TemplateUse(len(uses), layout, None, layout.grain, number))
    fields = {
        numbered[dataset.source, dataset.data_type]: _item_fields(source, dataset)
        for source in plan.sources
        for dataset in source.datasets
    }
    templated = [(use, use.template) for use in uses if use.template is not None]
    single = [(use, template) for use, template in templated if use.layout.inside is None]
    signatures = _signature_numbers(uses)
    return KeySql(
        uses=tuple(uses),
        match_cases=" ".join(
            f"WHEN {template.sql_match('key')} THEN {use.number}"
            # No key fits two templates, so the order is free: most keys are of what is wanted.
            for use, template in sorted(templated, key=lambda pair: pair[0].dataset_no is None)
        )
        or "WHEN false THEN 0",
        value_cases=" ".join(
            f"WHEN {use.number} THEN {joined_sql([template.sql_field(name, 'key') for name in use.signature])}"
            for use, template in single
        )
        or "WHEN 0 THEN ''",
        grain_cases=" ".join(
            f"WHEN {use.number} THEN {joined_sql(list(told_values(use.layout, template, 'o.key').values()))}"
            for use, template in single
        )
        or "WHEN 0 THEN ''",
        signature_cases=_signature_cases([use for use in uses if use.layout.inside is None], signatures),
        container_signature_cases=_signature_cases([use for use in uses if use.layout.inside is not None], signatures),
        container_places=_container_places(uses, fields),
        container_ids=_ids([use for use in uses if use.layout.inside is not None], signatures, fields),
        ids=_ids([use for use in uses if use.layout.inside is None], signatures, fields),
        target_key=_target_key(uses, fields),
        found_key=_found_key(uses, fields),
        _fields=fields,
    )


def item_values(plan: Plan, table: str = "") -> str:
    """SQL of an item's name after ``source/data_type/``: its grain values, percent-encoded, joined by slashes."""
    texts = {
        number: " || '/' || ".join(percent_encoded(f"{table}g{place}") for place in range(len(dataset.layout.grain)))
        for number, dataset in enumerate(plan.datasets)
    }
    return by_dataset(texts, table) if texts else "''"


def by_dataset(texts: Mapping[int, str], table: str = "") -> str:
    """SQL that takes each dataset's text; those of one text share a branch, since each is a pass over the rows."""
    owners: dict[str, list[str]] = {}
    for number, text in texts.items():
        owners.setdefault(text, []).append(str(number))
    cases = [f"WHEN {table}dataset_no IN ({', '.join(numbers)}) THEN {text}" for text, numbers in owners.items()]
    return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS VARCHAR)"


def seen_datasets(connection: duckdb.DuckDBPyConnection, key_sql: KeySql) -> set[int | None]:
    """The datasets of which some key was found; ``None`` stands for what the plan does not want."""
    found = {number for (number,) in connection.execute("SELECT DISTINCT template_no FROM seen").fetchall()}
    return {use.dataset_no for use in key_sql.uses if use.number in found}


def percent_encoded(expression: str) -> str:
    """SQL of a text percent-encoded as a URL path segment; plain ids, the usual case, pass as they are."""
    plain = f"regexp_full_match({expression}, '[A-Za-z0-9._~-]*')"
    return f"CASE WHEN {plain} THEN {expression} ELSE url_encode({expression}) END"


def _item_fields(source: SourcePlan, dataset: DatasetPlan) -> dict[str, str]:
    """SQL of every field that a template of the dataset may use, over the columns of ``items``."""
    fields = {
        "season": "season",
        "date": "CAST(date AS VARCHAR)",
        "home": "home",
        "away": "away",
        "season_type": "season_type",
    }
    names = {name for season in source.plugin.seasons for name in season.fields}
    for name in sorted(names):
        cases = " ".join(
            f"WHEN {quoted(season.label)} THEN {quoted(season.fields[name])}"
            for season in source.seasons
            if name in season.fields
        )
        fields[name] = f"CASE season {cases} END" if cases else "CAST(NULL AS VARCHAR)"
    fields.update({name: f"g{place}" for place, name in enumerate(dataset.layout.grain)})
    return fields


def _signature_numbers(uses: list[TemplateUse]) -> dict[int, int]:
    """Templates of one dataset that tell the same fields share a number, so that ``ids`` holds them once."""
    known: dict[tuple[int | None, tuple[str, ...]], int] = {}
    return {use.number: known.setdefault((use.dataset_no, use.signature), len(known)) for use in uses}


def _signature_cases(uses: list[TemplateUse], signatures: Mapping[int, int]) -> str:
    cases = [f"WHEN {use.number} THEN {signatures[use.number]}" for use in uses if use.dataset_no is not None]
    return " ".join(cases) or "WHEN 0 THEN 0"


def _container_places(uses: list[TemplateUse], fields: Mapping[int, Mapping[str, str]]) -> str:
    """SQL of (template_no, key): the containers in which wanted items may lie."""
    selects = [
        f"SELECT DISTINCT {use.number} AS template_no, {use.template.sql_render(fields[use.dataset_no])} AS key "
        f"FROM items WHERE dataset_no = {use.dataset_no}"
        for use in uses
        if use.layout.inside is not None and use.template is not None and use.dataset_no is not None
    ]
    return " UNION ALL ".join(selects) or "SELECT 0 AS template_no, '' AS key WHERE false"


def joined_values(values: Sequence[str]) -> str:
    """Several texts as one, so that different texts stay different; what ``joined_sql`` says in SQL."""
    if len(values) == 1:
        return values[0]
    return "/".join(value.replace("%", "%25").replace("/", "%2F") for value in values)


def split_values(column: str, width: int) -> str:
    """SQL that turns a joined text back into percent-encoded values between slashes."""
    if width == 1:
        return percent_encoded(column)
    parts = [
        f"replace(replace(split_part({column}, '/', {place}), '%2F', '/'), '%25', '%')" for place in range(1, width + 1)
    ]
    return " || '/' || ".join(percent_encoded(part) for part in parts)


def _ids(uses: list[TemplateUse], signatures: dict[int, int], fields: Mapping[int, Mapping[str, str]]) -> str:
    """SQL of (signature_no, value, item_no, id_no): what a key must say to be a copy of an item."""
    selects = {}
    for use in uses:
        if use.dataset_no is None or not _renderable(use, fields):
            continue
        values = [fields[use.dataset_no][name] for name in use.signature]
        number = signatures[use.number]
        selects[number] = (
            f"SELECT {number} AS signature_no, {joined_sql(values)} AS value, item_no, 0 AS id_no "
            f"FROM items WHERE dataset_no = {use.dataset_no}"
        )
        if "game_id" in use.layout.grain:
            others = ["alt_id" if name == "game_id" else fields[use.dataset_no][name] for name in use.signature]
            selects[number] += (
                f" UNION ALL SELECT {number}, {joined_sql(others)}, item_no, id_no FROM alternatives "
                f"WHERE dataset_no = {use.dataset_no}"
            )
    return " UNION ALL ".join(selects.values()) or (
        "SELECT 0 AS signature_no, '' AS value, CAST(0 AS BIGINT) AS item_no, 0 AS id_no WHERE false"
    )


def told_values(layout: Layout, template: KeyTemplate, column: str) -> dict[str, str]:
    """SQL of each grain value that the key in ``column`` tells; ``Layout.grain_values`` in SQL."""
    values = {name: template.sql_field(name, column) for name in template.fields}
    teller = layout.season_teller(template.fields)
    if teller is not None:
        labels = layout.tellers[teller].items()
        cases = " ".join(f"WHEN {quoted(value)} THEN {quoted(label)}" for value, label in labels)
        values["season"] = f"CASE {values[teller]} {cases} ELSE {values[teller]} END"
    return {name: values[name] for name in layout.grain if name in values}


def _renderable(use: TemplateUse, fields: Mapping[int, Mapping[str, str]]) -> bool:
    return use.dataset_no is not None and all(name in fields[use.dataset_no] for name in use.signature)


def _candidates(uses: tuple[TemplateUse, ...], fields: Mapping[int, Mapping[str, str]], where: str) -> str:
    selects = []
    for use in uses:
        if use.template is None or use.dataset_no is None:
            continue
        own = fields[use.dataset_no]
        condition = f"dataset_no = {use.dataset_no} AND ({where})"
        selects.append(f"SELECT item_no, {use.template.sql_render(own)} AS key FROM items WHERE {condition}")
        if "game_id" in use.template.fields:
            other = use.template.sql_render({**own, "game_id": "alt_id"})
            selects.append(f"SELECT item_no, {other} FROM alternatives WHERE {condition}")
    return " UNION ALL ".join(selects) or "SELECT CAST(0 AS BIGINT) AS item_no, '' AS key WHERE false"


def _unfit(uses: tuple[TemplateUse, ...], fields: Mapping[int, Mapping[str, str]], further: bool) -> str:
    tests: dict[int, list[str]] = {}
    for use in uses:
        if use.template is None or use.dataset_no is None or (further and "game_id" not in use.template.fields):
            continue
        own = fields[use.dataset_no]
        values = {**own, "game_id": "alt_id"} if further else own
        key = use.template.sql_render(values)
        names = use.template.fields
        read = joined_sql([use.template.sql_field(name, key) for name in names]) or "''"
        written = joined_sql([values[name] for name in names]) or "''"
        fits = f"CASE WHEN {use.template.sql_match(key)} THEN coalesce({read} = {written}, false) ELSE false END"
        tests.setdefault(use.dataset_no, []).append(fits)
    cases = " ".join(f"WHEN {number} THEN NOT ({' AND '.join(fits)})" for number, fits in tests.items())
    return f"CASE dataset_no {cases} ELSE false END" if cases else "false"


def _target_key(uses: list[TemplateUse], fields: Mapping[int, Mapping[str, str]]) -> str:
    firsts: dict[int, str] = {}
    for use in uses:
        if use.template is not None and use.dataset_no is not None:
            firsts.setdefault(use.dataset_no, use.template.sql_render(fields[use.dataset_no]))
    cases = " ".join(f"WHEN {number} THEN {text}" for number, text in firsts.items())
    return f"CASE dataset_no {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _found_key(uses: list[TemplateUse], fields: Mapping[int, Mapping[str, str]]) -> str:
    """SQL of the best copy's key: written anew from its item, which is the same text (render(parse(key)) == key)."""
    cases = []
    for use in uses:
        if use.dataset_no is None:
            continue
        if use.template is None:
            cases.append(f"WHEN {use.number} THEN parsed_key")
            continue
        own = fields[use.dataset_no]
        text = use.template.sql_render(own)
        if "game_id" in use.template.fields:
            other = use.template.sql_render({**own, "game_id": "list_extract(alt_ids, id_no)"})
            text = f"CASE WHEN id_no = 0 THEN {text} ELSE {other} END"
        cases.append(f"WHEN {use.number} THEN {text}")
    return f"CASE template_no {' '.join(cases)} END" if cases else "CAST(NULL AS VARCHAR)"

"""What ``recon explain`` knows, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recon_core.cli.render.blocks import Block, Bullets, Cell, Column, Heading, Line, Style, Table
from recon_core.cli.render.numbers import count

__all__ = ["VERDICT_STYLES", "explanation_blocks"]

VERDICT_STYLES: Mapping[str, Style | None] = {
    "present": "good",
    "missing": "bad",
    "stale": "bad",
    "undersized": "bad",
    "unknown": "warn",
    "not_due": "dim",
    "excused": "dim",
}


def explanation_blocks(found: Mapping[str, Any], tasks: Mapping[str, Any] | None = None) -> Iterator[Block]:
    """One part an item; what is known of the key, if a key was asked for, stands first.

    ``tasks`` is what the cycle says of its tasks, if it is the one that is explained.
    """
    yield Line(f"As of {found['as_of']} in {found['lake']}", "dim")
    if found["object"] is not None:
        yield from _object(found["object"], [item["item"] for item in found["items"]])
    for item in found["items"]:
        yield from _item(item, tasks)
    for game in found["games"]:
        yield from _across(game)


def _object(about: Mapping[str, Any], items: list[str]) -> Iterator[Block]:
    yield Heading(f"Key {about['key']}")
    if about["in_snapshot"]:
        yield Line(f"In the snapshot: {_size(about)}, last modified {_time(about)}.")
    else:
        yield Line("Not in the snapshot.", "warn")
    match about["kind"]:
        case "duplicate":
            yield Line(f"A further copy of {about['item'] or 'the items inside'}; another copy is better.")
        case "out_of_scope":
            if about["item"]:
                yield Line(f"Recognised as {about['item']}, which is not configured, or whose season is not stored.")
            else:
                yield Line("Recognised as a container: it was not read, or what it holds is not configured.")
        case "orphan":
            what = about["item"] or "a container of games"
            yield Line(f"Recognised as {what}, but no stored schedule has such a game.", "warn")
        case "unrecognised":
            yield Line(f"No installed source recognises it; it looks like {about['shape']}.", "warn")
        case _ if items and about["in_snapshot"]:
            yield Line(f"It is the best copy of {_named(items)}.", "good")
        case _ if items:
            yield Line(f"It is where {_named(items)} may lie.")
        case _:
            yield Line(f"Recognised as {about['item']}, which nothing expects.", "warn")


def _named(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{items[0]} and others"


def _item(item: Mapping[str, Any], tasks: Mapping[str, Any] | None) -> Iterator[Block]:
    yield Heading(item["item"])
    yield Line(f"Verdict: {item['verdict']}", VERDICT_STYLES[item["verdict"]] or "strong")
    by = f"Waived; without the waiver {item['waived_verdict']} by line" if item["waived_verdict"] else "By line"
    yield Line(f"{by} {item['line']} of the verdicts: {item['meaning']}.")
    if item["reason"]:
        yield Line(f"Because: {item['reason']}.")
    yield Heading("What is expected")
    yield Bullets(list(_expectation(item)))
    yield Heading("What was seen")
    yield from _evidence(item["evidence"])
    if item["gap"]:
        gap = item["gap"]
        yield Heading("Priority and task")
        yield Line(
            f"{gap['priority']} by rule {gap['rule']}: {gap['age_days']:.1f} days since it was due; first seen "
            f"{gap['first_seen']}."
        )
        if gap["available_from"]:
            yield Line(f"Other sources have data of this game: {', '.join(gap['available_from'])}.")
        yield Line(_task(item["task"], tasks))


def _across(game: Mapping[str, Any]) -> Iterator[Block]:
    ordinal = f", game {game['ordinal']} of the day" if game["ordinal"] > 1 else ""
    yield Heading(f"{game['away']} at {game['home']} on {game['date']} ({game['league']}{ordinal}) in every source")
    columns = [Column("source"), Column("season", drop=2), Column("id"), Column("its schedule says")]
    columns += [Column("pulled", drop=1), Column("its items")]
    yield Table(
        columns,
        [
            [
                one["source"],
                one["season"],
                Cell(one["game_id"], "code"),
                Cell("nothing: id derived", "warn") if one["derived"] else one["status"],
                one["pulled_at"],
                ", ".join(f"{item['item'].split('/')[1]} {item['verdict']}" for item in one["items"])
                or "none expected",
            ]
            for one in game["sources"]
        ],
    )


def _expectation(item: Mapping[str, Any]) -> Iterator[str]:
    expected = item["expectation"]
    game = expected["game"]
    required = "required" if item["required"] else "optional"
    yield f"{item['source']}/{item['data_type']}, season {item['season']}, {required}"
    if game is not None:
        teams = f", {game['away'] or '?'} at {game['home'] or '?'}" if game["home"] or game["away"] else ""
        kind = f", {game['season_type']}" if game["season_type"] else ""
        yield f"game {game['game_id']} on {game['date']}{teams}{kind}: {game['status']}"
        if game["alt_ids"]:
            yield f"also known as {', '.join(game['alt_ids'])}"
        if game["unavailable"]:
            yield f"the source itself has no {', '.join(game['unavailable'])} for this game"
        yield f"starts {game['start_utc'] or 'at an unknown time, so it is judged by the end of its day'}"
    if item["derived"]:
        yield "its own schedule lacks the game: expected since other sources have it, see below"
    if expected["games"] is not None:
        told = ", ".join(f"{number:,} {status}" for status, number in expected["games"].items())
        yield f"games of the day: {told or 'none'}"
    if expected["due_at"] is not None:
        yield (
            f"content complete {expected['final_at']}, absence is a gap from {expected['due_at']}, settled "
            f"{expected['settled_at']}"
        )
    else:
        yield "no time is known from when on it is due"
    adopted = expected["adopted"]
    if adopted is not None:
        yield f"from {adopted['file']}: no schedule gives it, it was adopted from {adopted['origin']}"
    schedule = expected["schedule"]
    if schedule is not None:
        pulled = (game or {}).get("pulled_at") or schedule["pulled_at"]
        yield f"from {schedule['file']} ({count(schedule['games'], 'game')}), pulled {pulled or 'at an unknown time'}"


def _evidence(evidence: Mapping[str, Any]) -> Iterator[Block]:
    candidates = evidence["candidates"]
    if candidates:
        live = "live" in candidates[0]
        columns = [Column("candidate key"), Column("in the snapshot"), Column("covered")]
        inside = "holds" in candidates[0]
        if inside:
            columns.append(Column("holds the item"))
        if live:
            columns.append(Column("in the lake now"))
        rows: list[list[str | Cell | None]] = []
        for one in candidates:
            row: list[str | Cell | None] = [Cell(one["key"], "code"), _presence(one), _coverage(one)]
            if inside:
                row.append(_HOLDS[one["holds"]])
            if live:
                row.append(_presence(one["live"]))
            rows.append(row)
        yield Table(columns, rows)
    if evidence["prefixes"]:
        yield Table(
            [Column("anywhere below"), Column("covered")],
            [[Cell(one["prefix"], "code"), _coverage(one)] for one in evidence["prefixes"]],
        )
        yield Line("No template tells these keys: the source's plugin parses them itself.")
    if evidence["found_key"] and evidence["found_key"] not in {one["key"] for one in candidates}:
        yield Line(f"Found under {evidence['found_key']}.")
    if evidence["further"]:
        yield Line(f"Further copies: {', '.join(one['key'] for one in evidence['further'])}")
    yield Line(f"Snapshot {evidence['snapshot_id']}, evidence of {evidence['evidence_at']}.", "dim")


_HOLDS: Mapping[bool | None, Cell] = {
    True: Cell("yes", "good"),
    False: Cell("no", "warn"),
    None: Cell("not known", "bad"),
}


def _presence(one: Mapping[str, Any]) -> Cell:
    if one["present"] is None:
        return Cell(one["error"] or "not known", "bad")
    if not one["present"]:
        return Cell("absent", "warn")
    return Cell(f"{_size(one)}, {_time(one)}", "good")


def _size(one: Mapping[str, Any]) -> str:
    """An inventory report need not tell it."""
    return "of unknown size" if one["size"] is None else count(one["size"], "byte")


def _time(one: Mapping[str, Any]) -> str:
    return str(one["last_modified"] or "at an unknown time")


def _coverage(one: Mapping[str, Any]) -> Cell:
    if one["state"] == "listed":
        return Cell(f"listed {one['evidence_at']}")
    return Cell(one["state"].replace("_", " ") + (f": {one['error']}" if one["error"] else ""), "bad")


def _task(task: Mapping[str, Any] | None, tasks: Mapping[str, Any] | None) -> str:
    if task is None and tasks is not None:
        withheld, deferred = tasks["withheld"]["gaps"], tasks["deferred"]["gaps"]
        if withheld and not deferred:
            return "Its task is withheld, as its dataset looks misconfigured: `recon status` says more."
        if deferred and not withheld:
            return "Its task is deferred by the limits of task_queue."
    if task is None:
        return "No task of the queue holds it: it is deferred or withheld, or the queue is older than this analysis."
    return f"Task {task['id']} ({task['priority']}), for {task['scraper']}, collect by {task['collect_by']}."

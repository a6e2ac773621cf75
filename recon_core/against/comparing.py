"""Holds claims of missing files against what recon proved: agreed, disproved, undecided, or not expected at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, unquote

from recon_core.against.places import Place, Schedules, place_of
from recon_core.against.reading import Claim
from recon_core.engine.claims import ClaimRow, match_claims
from recon_core.engine.outputs import snapshot_objects
from recon_core.explain.evidence import holding
from recon_core.explain.finding import named_items, without_lake
from recon_core.plan import Plan
from recon_core.snapshot import Snapshot, range_of
from recon_core.templates import key_shape
from recon_core.times import format_minutes
from recon_core.workspace import Workspace

__all__ = ["Answer", "Verdict", "compare"]

Verdict = Literal["agrees", "disproved", "undecided", "unexpected"]

_ANSWERS: Mapping[str, Verdict] = {
    "missing": "agrees",
    "stale": "agrees",
    "undersized": "agrees",
    "unknown": "undecided",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What recon says of one claim, or of one of the items that it may mean.

    ``unexpected``: every key is proved absent, as claimed, but recon does not expect the file; ``place`` says where it
    would lie and is set for these alone. ``verdict`` is that of the item, ``None`` where there is none.
    """

    claim: Claim
    answer: Verdict
    item: str | None
    verdict: str | None
    evidence: str
    place: Place | None = None

    def row(self) -> dict[str, Any]:
        """The answer as JSON holds it."""
        return {
            "place": self.claim.place,
            "claim": self.claim.name,
            "answer": self.answer,
            "item": self.item,
            "verdict": self.verdict,
            "evidence": self.evidence,
        }


def compare(ws: Workspace, claims: Sequence[Claim], lake_url: str, plan: Plan, snapshot: Snapshot) -> list[Answer]:
    """One answer or more for each claim, in their order, from the files of the last analysis.

    ``plan`` is the inventory as of that analysis, ``snapshot`` what it was made from. A claim without a data type may
    mean several items: each has an answer of its own. Raises ConfigError for files that are absent or broken.
    """
    schedules = Schedules(ws, plan)
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    names = [without_lake(claim.name, lake_url) for claim in claims]
    for row in match_claims(ws, _readings(claims, names, plan, schedules)):
        found[row["claim_no"]].append(row)
    places = {
        number: place_of(claim, names[number], plan, schedules)
        for number, claim in enumerate(claims)
        if number not in found
    }
    wanted = {key for place in places.values() if isinstance(place, Place) for key in place.keys}
    seen = snapshot_objects(ws, sorted(wanted | {names[number] for number in places}))
    held = {number: _held(ws, place, snapshot) for number, place in places.items() if isinstance(place, Place)}
    answers: list[Answer] = []
    for number, claim in enumerate(claims):
        if number in found:
            answers += [_of_item(claim, row) for row in found[number]]
        else:
            answers.append(_of_place(claim, names[number], places[number], snapshot, seen, held.get(number, {})))
    return answers


def _readings(claims: Sequence[Claim], names: Sequence[str], plan: Plan, schedules: Schedules) -> Iterator[ClaimRow]:
    """Every way to read each claim: as it stands, and as the item whose key it is, also by another id of its game."""
    for number, (claim, name) in enumerate(zip(claims, names, strict=True)):
        texts = dict.fromkeys([name, *named_items(plan, name, schedules.own_id), *schedules.own_ids(name)])
        for text in texts:
            value = quote(unquote(text), safe="~")
            yield ClaimRow(number, text, value, claim.source, claim.data_type, claim.season)


def _of_item(claim: Claim, row: Mapping[str, Any]) -> Answer:
    verdict = row["waived_verdict"] or row["verdict"]
    if verdict == "present":
        size = "a copy" if row["size"] is None else f"{row['size']:,} bytes"
        evidence = f"{size}, last modified {row['last_modified']}, under {row['found_key']}"
    else:
        evidence = row["reason"] or verdict
    return Answer(claim, _ANSWERS.get(verdict, "disproved"), row["item"], verdict, evidence)


def _held(ws: Workspace, place: Place, snapshot: Snapshot) -> dict[str, bool | None]:
    """Of a dataset in containers, whether each of its keys' objects holds the file, as far as it was read."""
    layout = place.dataset.layout
    if layout.inside is None or layout.inside_field is None:
        return {}
    told = place.values[layout.grain.index(layout.inside_field)]
    return holding(ws, snapshot.lake, layout.inside, [told], place.keys)


def _of_place(
    claim: Claim,
    name: str,
    place: Place | str,
    snapshot: Snapshot,
    seen: Mapping[str, tuple[int, str]],
    held: Mapping[str, bool | None],
) -> Answer:
    """The answer for what is no item: by the objects and the ranges of the snapshot, and what containers hold."""
    keys = place.keys if isinstance(place, Place) else (name,)
    item = place.item if isinstance(place, Place) else None
    unread = [key for key in keys if key in seen and held.get(key, True) is None]
    if unread and True not in held.values():
        return Answer(claim, "undecided", item, None, f"{unread[0]}, in which it may lie, was not read")
    for key in keys:
        if held.get(key, True) is not True:
            continue
        if key in seen:
            size, modified = seen[key]
            there = f"{'a copy' if size is None else f'{size:,} bytes'}, last modified {modified}, under {key}"
            return Answer(claim, "disproved", item, None, f"{there}; recon does not expect it")
    if isinstance(place, str):
        hint = f"; no plugin knows keys like {key_shape(name)}" if "/" in name else ""
        return Answer(claim, "undecided", None, None, place + hint)
    listed = []
    for key in keys:
        covered = range_of(snapshot.ranges, key)
        if covered is None or covered.state != "listed":
            state = "not scanned" if covered is None else covered.state.replace("_", " ")
            return Answer(claim, "undecided", item, None, f"{state}: {covered.error or key if covered else key}")
        listed.append(covered.evidence_at)
    count = "1 key" if len(keys) == 1 else f"{len(keys)} keys"
    place_word = "in no container" if held else "no object"
    evidence = f"{place_word} under {count}; listed {format_minutes(min(listed))}; no schedule knows it"
    if place.season is None:
        evidence += "; to adopt it, give its season beside it"
    return Answer(claim, "unexpected", item, None, evidence, place)

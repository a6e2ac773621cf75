"""The oracle itself, against examples worked out by hand from the design's text.

One game unless a test says otherwise: it starts at 12:00 on 2025-01-10, is final at 15:00, due at 21:00 (lag 6 h) and
settled at 15:00 two days later. The listing is of ``now``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from oracle.cycle import Memory, Outcome, run
from oracle.expressions import And, Compare, Flag, In, IsNull, Like, Not, Or
from oracle.keys import template
from oracle.queue import task_id
from oracle.world import DAY, HOUR, Dataset, Game, Named, Object, Range, Rule, Season, Source, Waiver, World, iso, us

FINAL = us("2025-01-10T15:00")
DUE = us("2025-01-10T21:00")
SETTLED = us("2025-01-12T15:00")
LATE = us("2025-01-20T00:00")

SEASONS = (
    Season("2023-24", date(2023, 10, 1), date(2024, 6, 30), {"end_year": "2024"}),
    Season("2024-25", date(2024, 10, 1), date(2025, 6, 30), {"end_year": "2025"}),
)
PBP = Dataset(
    "pbp", ("game_id",), (template("a/{game_id}.json"), template("b/{game_id}.json")), settle_days=2, min_size_bytes=10
)


def game(game_id: str = "1", day: int = 10, **changes: Any) -> Game:
    start = us(f"2025-01-{day:02}T12:00")
    return Game(**{
        "game_id": game_id, "season": "2024-25", "date": date(2025, 1, day), "start": start, "home": "H", "away": "A",
        **changes,
    })  # fmt: skip


def everything(evidence_at: int, state: str = "listed") -> tuple[Range, ...]:
    return (Range("", None, state, evidence_at),)


def world(
    *objects: Object, now: int = LATE, games: tuple[Game, ...] = (game(),), dataset: Dataset = PBP, **changes: Any
) -> World:
    source = Source(
        "espn",
        (dataset,),
        SEASONS,
        ("2024-25",),
        {"2023-24": (), "2024-25": games},
        **{name: changes.pop(name) for name in ("season_types", "prefix", "rules", "timezone") if name in changes},
    )
    changes.setdefault("ranges", everything(changes.pop("evidence_at", now)))
    changes.setdefault("accept_empty", True)
    return World(now, (source,), objects, **changes)


def verdicts(outcome: Outcome) -> dict[str, str]:
    return {
        row.judged.item.name.removeprefix("espn/"): row.verdict
        + (f": {row.judged.reason}" if row.verdict == "unknown" else "")
        for row in outcome.rows
    }


def verdict(*objects: Object, **changes: Any) -> str:
    (found,) = verdicts(run(world(*objects, **changes))).values()
    return found


def copy(size: int = 100, at: int = SETTLED, key: str = "a/1.json") -> Object:
    return Object(key, size, at)


@pytest.mark.parametrize(
    ("status", "now", "expected"),
    [
        ("cancelled", LATE, "excused"),
        ("postponed", LATE, "excused"),
        ("postponed", DUE - 1, "excused"),
        ("tbd", LATE, "not_due"),
        ("final", DUE - 1, "not_due"),
        ("final", DUE, "missing"),
        ("scheduled", DUE, "unknown: schedule"),
        ("in_progress", LATE, "unknown: schedule"),
    ],
)
def test_lines_one_and_two_come_from_the_status_and_the_time(status: str, now: int, expected: str) -> None:
    assert verdict(now=now, games=(game(status=status),)) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (copy(10, SETTLED), "present"),
        (copy(9, SETTLED), "undersized"),
        (copy(10, SETTLED - 1), "stale"),
        (copy(9, SETTLED - 1), "undersized"),
        (copy(10, FINAL), "stale"),
        (copy(10, FINAL, "b/1.json"), "stale"),
        (copy(10, SETTLED, "b/1.json"), "present"),
        (copy(10, SETTLED, "c/1.json"), "missing"),
    ],
)
def test_a_settled_game_needs_a_copy_as_new_as_its_settling(found: Object, expected: str) -> None:
    assert verdict(found) == expected


@pytest.mark.parametrize(
    ("now", "freshness_days", "at", "expected"),
    [
        # Not settled, no limit of freshness: any copy taken after the game was over.
        (DUE, None, FINAL, "present"),
        (DUE, None, FINAL - 1, "stale"),
        (SETTLED - 1, None, FINAL, "present"),
        (SETTLED, None, SETTLED - 1, "stale"),
        # One day old at most, but never older than the game's end.
        (FINAL + DAY, 1, FINAL, "present"),
        (FINAL + DAY + 1, 1, FINAL, "stale"),
        (FINAL + DAY + 1, 1, FINAL + 1, "present"),
        (DUE, 1, FINAL - 1, "stale"),
        # Freshness zero: C is now, so only a copy of this very moment.
        (DUE, 0, DUE, "present"),
        (DUE, 0, DUE - 1, "stale"),
    ],
)
def test_before_it_is_settled_a_copy_may_be_as_old_as_its_freshness(
    now: int, freshness_days: float | None, at: int, expected: str
) -> None:
    assert verdict(copy(at=at), now=now, dataset=replace(PBP, freshness_days=freshness_days)) == expected


def test_old_content_to_which_nothing_was_added_is_not_stale() -> None:
    season = Dataset("total", ("season",), (template("t/{season}.json"),), freshness_days=1)
    games = (game("1", 10), game("2", 20))
    before_the_second = us("2025-01-19T00:00")
    at = {"now": before_the_second, "games": games, "dataset": season}
    assert verdict(copy(at=FINAL, key="t/2024-25.json"), **at) == "present"
    assert verdict(copy(at=FINAL - 1, key="t/2024-25.json"), **at) == "stale"
    after_the_second = us("2025-01-20T15:00")
    at["now"] = after_the_second
    assert verdict(copy(at=after_the_second - 1, key="t/2024-25.json"), **at) == "stale"
    assert verdict(copy(at=after_the_second, key="t/2024-25.json"), **at) == "present"


@pytest.mark.parametrize(
    ("copies", "median", "edge"),
    [(29, 1000, 10), (30, 1000, 200), (31, 1000, 200), (30, 1001, 201), (30, 40, 10), (30, 51, 11)],
)
def test_the_floor_is_a_fifth_of_the_lower_median_of_thirty_copies(copies: int, median: int, edge: int) -> None:
    games = tuple(game(str(n)) for n in range(copies + 2))
    # Half of them one byte larger, so that of an even number only the lower median is `median`.
    good = [Object(f"a/{n}.json", median + (n >= (copies + 1) // 2), SETTLED) for n in range(copies)]
    early = [Object(f"a/{copies + n}.json", size, FINAL - 1) for n, size in enumerate((edge, edge - 1))]
    found = verdicts(run(world(*good, *early, games=games)))
    assert [found[f"pbp/{copies + n}"] for n in range(2)] == ["stale", "undersized"]
    assert {found[f"pbp/{n}"] for n in range(copies)} == {"present"}


def test_the_median_leaves_out_what_is_early_not_due_or_of_another_template() -> None:
    games = (*(game(str(n)) for n in range(30)), game("early"), game("later", 19, start=LATE), game("other"))
    good = [Object(f"a/{n}.json", 1000, SETTLED) for n in range(29)]
    noise = [Object("a/early.json", 1000, FINAL - 1), Object("a/later.json", 1000, LATE + DAY)]
    other = [Object("b/other.json", 1000, SETTLED)]
    small = Object("a/29.json", 199, FINAL - 1)
    assert verdicts(run(world(*good, *noise, *other, small, games=games)))["pbp/29"] == "stale"
    thirtieth = replace(noise[0], last_modified=FINAL)
    assert verdicts(run(world(*good, thirtieth, small, games=games)))["pbp/29"] == "undersized"


def test_the_best_copy_is_the_newest_of_those_big_enough() -> None:
    def best(*objects: Object) -> tuple[str, str | None, int]:
        (row,) = run(world(*objects, games=(game(alt_ids=("0",)),))).rows
        return row.verdict, row.judged.best.key if row.judged.best else None, row.judged.copies

    assert best() == ("missing", None, 0)
    assert best(copy(10, FINAL), copy(9, SETTLED, "b/1.json")) == ("stale", "a/1.json", 2)
    assert best(copy(8, FINAL), copy(9, SETTLED, "b/1.json")) == ("undersized", "b/1.json", 2)
    assert best(copy(10, FINAL), copy(99, FINAL, "b/0.json")) == ("stale", "a/1.json", 2)
    assert best(copy(10, FINAL), copy(10, FINAL, "a/0.json")) == ("stale", "a/0.json", 2)
    assert best(copy(10, SETTLED, "b/0.json"), copy(10, SETTLED - 1)) == ("present", "b/0.json", 2)


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([("", None, "listed", DUE)], "missing"),
        ([("", None, "listed", DUE - 1)], "unknown: evidence too old"),
        ([("", None, "denied", LATE)], "unknown: denied"),
        ([("", None, "sampled_out", LATE)], "unknown: sampled out"),
        ([], "unknown: not scanned"),
        ([("a/1.json", "a/1.json0", "listed", DUE), ("b/1.json", "b/1.json0", "listed", DUE)], "missing"),
        ([("a/1.json0", None, "listed", DUE)], "unknown: not scanned"),
        ([("", "b/1.json", "listed", DUE)], "unknown: not scanned"),
        ([("", "b/1.json", "listed", DUE), ("b/1.json", None, "listed", DUE - 1)], "unknown: evidence too old"),
        ([("", "b", "sampled_out", LATE), ("b", None, "denied", LATE)], "unknown: denied"),
        ([("", "b", "denied", LATE)], "unknown: denied"),
        ([("", "b", "sampled_out", LATE)], "unknown: not scanned"),
        ([("", "b", "sampled_out", LATE), ("b", None, "listed", DUE - 1)], "unknown: sampled out"),
    ],
)
def test_absence_is_proved_by_a_listing_of_every_candidate_key(
    ranges: list[tuple[str, str | None, str, int]], expected: str
) -> None:
    assert verdict(ranges=tuple(Range(*held) for held in ranges)) == expected


def test_a_hole_elsewhere_proves_what_is_listed_and_a_witness_needs_no_listing() -> None:
    half = (Range("", "b", "listed", LATE), Range("b", None, "denied", LATE))
    assert verdict(copy(), ranges=half) == "present"
    assert verdict(copy(9), ranges=half) == "unknown: denied"


@pytest.mark.parametrize(
    ("evidence_at", "expected"), [(SETTLED, "stale"), (SETTLED - 1, "unknown: evidence too old"), (LATE, "stale")]
)
def test_staleness_needs_evidence_as_new_as_the_need(evidence_at: int, expected: str) -> None:
    assert verdict(copy(at=FINAL), evidence_at=evidence_at) == expected


def test_undersized_needs_evidence_of_the_due_time_only() -> None:
    assert verdict(copy(9, FINAL), evidence_at=DUE) == "undersized"
    assert verdict(copy(9, FINAL), evidence_at=DUE - 1) == "unknown: evidence too old"


@pytest.mark.parametrize(
    ("pulled_at", "expected"), [(FINAL, "missing"), (FINAL - 1, "unknown: schedule"), (None, "unknown: schedule")]
)
def test_a_schedule_pulled_after_the_game_proves_it(pulled_at: int | None, expected: str) -> None:
    assert verdict(games=(game(status="scheduled", pulled_at=pulled_at),)) == expected


def test_a_final_at_of_the_game_itself_replaces_start_and_game_hours() -> None:
    (row,) = run(world(games=(game(final_at=FINAL + 1),))).rows
    assert (row.judged.item.final_at, row.judged.item.due_at, row.judged.item.settled_at) == (
        FINAL + 1,
        DUE + 1,
        SETTLED + 1,
    )


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2024, 11, 2), "2024-11-03T04:00"),
        (date(2024, 11, 3), "2024-11-04T05:00"),  # the clocks go back: a day of 25 hours
        (date(2025, 3, 8), "2025-03-09T05:00"),
        (date(2025, 3, 9), "2025-03-10T04:00"),  # and forward: 23 hours
    ],
)
def test_a_game_without_a_start_begins_at_the_end_of_its_local_day(day: date, end: str) -> None:
    (row,) = run(world(now=us("2025-06-01"), games=(game(start=None, date=day),))).rows
    assert row.judged.item.final_at == us(end) + 3 * HOUR


DAILY = Dataset("schedule", ("date",), (template("s/{date:%Y%m%d}.json"),))


def test_a_day_takes_its_times_from_its_first_and_its_settling_from_its_last_game() -> None:
    games = (game("1", start=us("2025-01-10T12:00")), game("2", start=us("2025-01-10T20:00")))
    (row,) = run(world(games=games, dataset=replace(DAILY, settle_days=2))).rows
    item = row.judged.item
    assert (item.name, item.target_key) == ("espn/schedule/2025-01-10", "s/20250110.json")
    assert (item.final_at, item.due_at, item.settled_at) == (FINAL, DUE, SETTLED + 8 * HOUR)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("cancelled", "postponed"), "excused"),
        (("tbd", "tbd"), "not_due"),
        (("tbd", "cancelled"), "not_due"),
        (("cancelled", "final"), "missing"),
        (("scheduled", "final"), "missing"),
        (("scheduled", "scheduled"), "unknown: schedule"),
    ],
)
def test_a_day_is_excused_only_if_all_its_games_are(statuses: tuple[str, str], expected: str) -> None:
    games = tuple(game(str(n), status=status) for n, status in enumerate(statuses))
    assert verdict(games=games, dataset=DAILY) == expected


def test_of_a_coarse_item_only_proved_games_prove_absence_and_age() -> None:
    total = Dataset("total", ("season",), (template("t/{season}.json"),))
    games = (game("1", 10, status="scheduled"), game("2", 12))
    second_due = DUE + 2 * DAY
    at = {"games": games, "dataset": total}
    assert verdict(now=second_due - 1, **at) == "unknown: schedule"
    assert verdict(now=second_due, **at) == "missing"
    assert verdict(now=LATE, evidence_at=second_due - 1, **at) == "unknown: evidence too old"
    assert verdict(now=LATE, evidence_at=second_due, **at) == "missing"
    # Settled with the second game, which is proved.
    old = copy(at=FINAL + 2 * DAY - 1, key="t/2024-25.json")
    assert verdict(old, **at) == "stale"
    # The other way round: the copy has all of the first game; that the second was played is not proved.
    unsure = {"games": (game("1", 10), game("2", 12, status="scheduled")), "dataset": total}
    assert verdict(old, **unsure) == "unknown: schedule"
    assert verdict(replace(old, last_modified=FINAL - 1), **unsure) == "stale"


def test_every_day_of_the_season_is_an_item_and_a_day_without_a_game_needs_no_schedule() -> None:
    daily = replace(DAILY, every_day=True, publish_lag_hours=0)
    outcome = run(world(games=(game(status="scheduled"), game("2", 11, status="cancelled")), dataset=daily))
    found = verdicts(outcome)
    assert len(found) == 273
    assert found["schedule/2025-01-10"] == "unknown: schedule"
    assert found["schedule/2025-01-11"] == "excused"
    # 2025-01-19 ends in New York at 05:00 on the 20th, which is later than `now`.
    assert found["schedule/2025-01-18"] == "missing"
    assert found["schedule/2025-01-19"] == "not_due"


def test_a_team_has_an_item_for_each_season_in_which_it_plays() -> None:
    roster = Dataset("roster", ("season", "team"), (template("r/{season}/{team}.json"),))
    games = (game("1", home="A", away="B"), game("2", home="B", away="C C", status="cancelled"), game("3", home=None))
    outcome = run(world(games=games, dataset=roster))
    assert verdicts(outcome) == {
        "roster/2024-25/A": "missing",
        "roster/2024-25/B": "missing",
        "roster/2024-25/C%20C": "excused",
    }


def test_only_expected_season_types_and_wanted_seasons_count() -> None:
    games = (game("1"), game("2", season_type="preseason"), game("3", season_type=None))
    # One whose type nobody stated is expected: leaving it out would hide it.
    assert list(verdicts(run(world(games=games, season_types=("regular",))))) == ["pbp/1", "pbp/3"]
    assert list(verdicts(run(world(games=games)))) == ["pbp/1", "pbp/2", "pbp/3"]
    assert run(world(games=games, dataset=replace(PBP, first_season="2024-25"))).rows
    source = replace(world(games=games, dataset=replace(PBP, first_season="2024-25")).sources[0], wanted=("2023-24",))
    assert not run(World(LATE, (source,))).rows


def test_what_an_object_is_that_no_item_needs() -> None:
    games = (game("1", alt_ids=("9",)), game("2", season_type="preseason"))
    objects = [
        Object(key, 50, SETTLED)
        for key in ("a/1.json", "b/1.json", "b/9.json", "a/2.json", "a/3.json", "a/3.txt", "a/b/3.json")
    ]
    ours = world(*objects, games=games, season_types=("regular",))
    expected = {
        "b/1.json": "duplicate",
        "b/9.json": "duplicate",
        "a/2.json": "out_of_scope",
        "a/3.json": "orphan",
        "a/3.txt": "unrecognised",
        "a/b/3.json": "unrecognised",
    }
    assert {key: found.kind for key, found in run(ours).kinds.items()} == expected
    # Without the schedule of the season before, nobody can say that there was no such game.
    source = replace(ours.sources[0], stored={"2024-25": games})
    assert {key: found.kind for key, found in run(ours.but(sources=(source,))).kinds.items()} == {
        **expected,
        "a/3.json": "out_of_scope",
    }


def test_completeness_leaves_out_the_unknown_and_bounds_take_them_in() -> None:
    games = tuple(game(str(n), status="scheduled" if n == 3 else "final") for n in range(4))
    (counts,) = run(world(Object("a/0.json", 50, SETTLED), games=games)).counts.values()
    assert (counts.expected, counts.present, counts.missing, counts.unknown) == (4, 1, 2, 1)
    assert counts.completeness == pytest.approx(1 / 3)
    assert counts.bounds == (1 / 4, 2 / 4)
    (none,) = run(world(games=(game(status="tbd"),))).counts.values()
    assert (none.completeness, none.bounds) == (None, None)


def ranks(**changes: Any) -> dict[str, tuple[str, str]]:
    return {gap.judged.item.name: (gap.rule, gap.priority) for gap in run(world(**changes)).gaps}


def test_the_default_rules() -> None:
    def only(**changes: Any) -> tuple[str, str]:
        (found,) = ranks(**changes).values()
        return found

    week = DUE + 7 * DAY
    assert only(now=week - 1) == ("recent-required", "CRITICAL")
    assert only(now=week) == ("current-season-incomplete", "HIGH")
    assert only(now=week - 1, recent_days=6.5) == ("current-season-incomplete", "HIGH")
    assert only(now=DUE, dataset=replace(PBP, required=False)) == ("current-season-incomplete", "HIGH")
    assert only(now=week, dataset=replace(PBP, threshold=0)) == ("current-season", "MEDIUM")
    later = (*SEASONS, Season("2025-26", date(2025, 10, 1), date(2026, 6, 30)))
    source = replace(world().sources[0], seasons=later)
    autumn = us("2025-10-01T04:00")  # midnight in New York
    at = {"ranges": everything(autumn)}
    (gap,) = run(World(autumn - 1, (source,), **at, accept_empty=True)).gaps
    assert gap.rule == "current-season-incomplete"
    (gap,) = run(World(autumn, (source,), **at, accept_empty=True)).gaps
    assert (gap.rule, gap.priority) == ("recent-season-incomplete", "MEDIUM")
    whole = replace(source, datasets=(replace(PBP, threshold=0.0),))
    (gap,) = run(World(autumn, (whole,), **at, accept_empty=True)).gaps
    assert (gap.rule, gap.priority) == ("historical", "LOW")


def test_the_users_rules_come_before_the_plugins_and_null_matches_nothing() -> None:
    user = (Rule("big", Compare("size", ">", 0), "LOW"), Rule("home", Compare("home", "=", "H"), "MEDIUM"))
    plugin = (Rule("mine", Compare("season_type", "=", "regular"), "LOW"),)
    games = (game("1"), game("2", home="X"), game("3", home="X", season_type=None))
    assert {name[-1]: rule for name, (rule, _) in ranks(games=games, rules=plugin).items()} == {
        "1": "mine",
        "2": "mine",
        "3": "current-season-incomplete",
    }
    ours = world(games=games, rules=plugin).but(rules=user)
    assert {gap.judged.item.name[-1]: gap.rule for gap in run(ours).gaps} == {
        "1": "home",
        "2": "mine",
        "3": "current-season-incomplete",
    }


def test_three_valued_logic() -> None:
    row = {"size": None, "home": "LAL", "required": True, "completeness": 0.5}
    unknown = Compare("size", ">", 1)
    assert unknown.holds(row) is None
    assert Not(unknown).holds(row) is None
    assert And(unknown, Not(Flag("required"))).holds(row) is False
    assert And(unknown, Flag("required")).holds(row) is None
    assert Or(unknown, Flag("required")).holds(row) is True
    assert Or(unknown, Not(Flag("required"))).holds(row) is None
    assert IsNull("size").holds(row) is True
    assert In("home", ("LAL", "BOS")).holds(row) is True
    assert Like("home", "L_L").holds(row) is True
    assert Like("home", "l%").holds(row) is False
    assert And(Flag("required"), Like("home", "it's")).sql() == "(required) AND (home LIKE 'it''s')"


def test_a_waiver_excuses_until_the_end_of_its_last_day_in_utc() -> None:
    waiver = Waiver(In("verdict", ("missing", "unknown")), "lost at the source", date(2025, 1, 20))
    ours = world(now=us("2025-01-20T23:59:59.999999"), waivers=(waiver,))
    outcome = run(ours)
    assert [(row.verdict, row.waived_verdict) for row in outcome.rows] == [("excused", "missing")]
    (counts,) = outcome.counts.values()
    assert (counts.excused, counts.waived, counts.missing, counts.completeness) == (1, 1, 0, None)
    assert verdict(now=us("2025-01-21"), waivers=(waiver,)) == "missing"
    assert verdict(now=LATE, waivers=(waiver,), ranges=()) == "excused"
    assert verdict(copy(9), now=LATE, waivers=(waiver,)) == "undersized"


def test_completeness_in_a_waiver_is_that_before_waivers() -> None:
    games = tuple(game(str(n)) for n in range(4))
    one = Object("a/0.json", 50, SETTLED)
    waiver = Waiver(And(Compare("completeness", "<", 0.5), Compare("home", "=", "H")), "", date(2030, 1, 1))
    found = verdicts(run(world(one, games=games, waivers=(waiver,))))
    assert list(found.values()) == ["present", "excused", "excused", "excused"]


def batches(outcome: Outcome) -> list[list[str]]:
    return [[name.rsplit("/", 1)[1] for name in task.items] for task in outcome.tasks]


def test_tasks_are_cut_from_the_oldest_and_stand_newest_first() -> None:
    games = tuple(game(str(day), day) for day in (10, 12, 11, 14, 13))
    old = {"now": us("2025-03-01"), "batch_size": 2}
    assert batches(run(world(games=games, **old))) == [["14"], ["13", "12"], ["11", "10"]]
    # Two new gaps change the newest task only.
    again = (*games, game("15", 15), game("2", 14))
    assert batches(run(world(games=again, **old))) == [["15"], ["2", "14"], ["13", "12"], ["11", "10"]]
    (task, *_) = run(world(games=games, **old)).tasks
    assert task.id == "task_d856b0104eb7"  # printf espn/pbp/14 | sha256sum
    assert (task.priority, iso(task.collect_by), task.minutes) == ("HIGH", "2025-03-02T00:00:00Z", 1)


def test_items_of_one_day_are_ordered_by_name() -> None:
    games = tuple(game(name) for name in ("2", "10", "1"))
    (ten_and_one, two) = sorted(batches(run(world(games=games, batch_size=2))))
    assert (ten_and_one, two) == (["10", "1"], ["2"])


def test_limits_defer_the_last_tasks_of_each_priority_and_of_all() -> None:
    games = tuple(game(str(day), day) for day in range(10, 16))
    soon = {"games": games, "now": us("2025-01-19T20:00"), "batch_size": 1}
    outcome = run(world(**soon))
    assert [task.priority for task in outcome.tasks] == ["CRITICAL"] * 4 + ["HIGH"] * 2
    assert batches(outcome) == [["15"], ["14"], ["13"], ["12"], ["11"], ["10"]]
    outcome = run(world(**soon, max_tasks_per_priority=1))
    assert batches(outcome) == [["15"], ["11"]]
    assert len(outcome.deferred) == 4
    five = run(world(**soon, max_tasks=5, max_tasks_per_priority=3))
    assert batches(five) == [["15"], ["14"], ["13"], ["11"], ["10"]]
    assert batches(run(world(**soon, max_tasks=4, max_tasks_per_priority=3))) == [["15"], ["14"], ["13"], ["11"]]
    assert len(run(world(**soon, max_tasks=0)).deferred) == 6


def test_the_id_of_a_task_depends_on_its_sorted_names_only() -> None:
    # printf 'a\nb' | sha256sum | cut -c1-12
    assert task_id(["b", "a"]) == task_id(["a", "b"]) == "task_7e18f737311b"


def test_the_tasks_of_a_dataset_without_one_key_are_withheld() -> None:
    outcome = run(world(accept_empty=False))
    assert (outcome.tasks, outcome.refused, len(outcome.withheld)) == ([], {("espn", "pbp"): "empty"}, 1)
    assert len(outcome.gaps) == 1
    assert run(world(accept_empty=True)).tasks
    assert run(world(accept_empty=False, dataset=replace(PBP, allow_empty=True))).tasks
    assert run(world(Object("b/77.json", 1, LATE), accept_empty=False)).tasks
    holes = (Range("", "a/2", "listed", LATE), Range("a/3", None, "listed", LATE))
    assert run(world(accept_empty=False, ranges=holes)).tasks


def test_memory_from_cycle_to_cycle() -> None:
    days = [LATE + n * DAY for n in range(6)]
    first = run(world(now=days[0]))
    assert (first.new, first.closed, first.reopened) == ({"espn/pbp/1"}, set(), set())
    denied = run(world(now=days[1], ranges=everything(days[1], "denied")), first.memory)
    assert denied.unverified == {"espn/pbp/1": (days[1], "denied")}
    assert (denied.new, denied.closed) == (set(), set())
    still = run(world(now=days[2], ranges=everything(days[2], "denied")), denied.memory)
    assert still.unverified == {"espn/pbp/1": (days[1], "denied")}
    again = run(world(now=days[3]), still.memory)
    assert (again.unverified, again.gaps[0].first_seen, again.new) == ({}, days[0], set())
    done = run(world(copy(), now=days[4]), again.memory)
    assert (done.closed, done.gaps) == ({"espn/pbp/1"}, [])
    back = run(world(now=days[5]), done.memory)
    assert (back.reopened, back.new, back.gaps[0].first_seen) == ({"espn/pbp/1"}, set(), days[5])


def test_a_failed_plugin_leaves_its_gaps_unverified_and_a_game_called_off_closes_its_gap() -> None:
    first = run(world())
    source = replace(world().sources[0], failed="boom")
    failed = run(world().but(sources=(source,)), first.memory)
    assert (failed.rows, failed.closed) == ([], set())
    assert failed.unverified == {"espn/pbp/1": (LATE, "plugin failed")}
    called_off = run(world(games=(game(status="cancelled"),)), failed.memory)
    assert (called_off.closed, called_off.unverified) == ({"espn/pbp/1"}, {})
    assert run(world(), Memory()).new == {"espn/pbp/1"}


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("a/{game_id}.json", "a/b.json.json", {"game_id": "b.json"}),
        ("a/{game_id}.json", "a/b/c.json", None),
        ("a/{game_id}.json", "a/.json", None),
        ("{game_id}/{game_id}", "1/1", {"game_id": "1"}),
        ("{game_id}/{game_id}", "1/2", None),
        ("s/{date:%Y%m%d}.json", "s/20240229.json", {"date": "2024-02-29"}),
        ("s/{date:%Y%m%d}.json", "s/20230229.json", None),
        ("s/{date:%Y%m%d}.json", "s/2024229.json", None),
        ("{date:%Y}/{date:%m}/{date:%d}-{season}", "2024/02/29-x", {"date": "2024-02-29", "season": "x"}),
    ],
)
def test_a_template_reads_the_keys_that_it_writes(text: str, key: str, values: dict[str, str] | None) -> None:
    read = template(text).parse(key)
    assert read == values
    if read is not None:
        typed = {name: date.fromisoformat(value) if name == "date" else value for name, value in read.items()}
        assert template(text).render(typed) == key


DAILY_STATION = Dataset("files", ("date", "station"), (template("f/{station}/{date:%Y%m%d}.csv"),))


def named(station: str, final_at: int = FINAL) -> Named:
    return Named((date(2025, 1, 10), station), final_at)


def test_items_that_the_plugin_names_need_no_schedule() -> None:
    dataset = replace(DAILY_STATION, named={"2024-25": (named("s 1"), named("s2", LATE), named("s 1", FINAL + HOUR))})
    outcome = run(world(games=(), dataset=dataset))
    assert verdicts(outcome) == {"files/2025-01-10/s%201": "missing", "files/2025-01-10/s2": "not_due"}
    assert outcome.rows[0].judged.item.target_key == "f/s 1/20250110.csv"
    assert outcome.rows[0].judged.item.settled_at == FINAL + HOUR


def test_what_the_plugin_cannot_say_leaves_its_gaps_unverified() -> None:
    dataset = replace(DAILY_STATION, named={"2024-25": (named("s1"),)})
    first = run(world(games=(), dataset=dataset))
    silent = run(world(games=(), dataset=replace(dataset, named={})), first.memory)
    assert (silent.rows, silent.closed) == ([], set())
    assert silent.unverified == {"espn/files/2025-01-10/s1": (LATE, "undetermined")}


def test_a_source_that_fails_when_asked_is_unknown_as_a_whole() -> None:
    ours = world(copy(), games=(game(), game("2", status="cancelled"), game("3", start=LATE)))
    source = replace(ours.sources[0], broken="bang")
    assert set(verdicts(run(ours.but(sources=(source,)))).values()) == {"unknown: plugin failed"}
    computed = replace(source, computed=True)
    assert run(ours.but(sources=(computed,))).rows == []


@pytest.mark.parametrize(("game_id", "home"), [("x1", "H"), ("1", "A/B"), ("1", None)])
def test_absence_proves_nothing_of_an_item_that_fits_no_key(game_id: str, home: str | None) -> None:
    dataset = replace(PBP, templates=(template("a/{home}/{game_id}.json", game_id="[0-9]+"),))
    assert verdict(games=(game(game_id, home=home),), dataset=dataset) == "unknown: no key"
    assert verdict(games=(game(game_id, home=home),), dataset=dataset, now=DUE - 1) == "not_due"
    assert verdict(games=(game("1", alt_ids=("y",)),), dataset=dataset) == "unknown: no key"
    assert verdict(games=(game("1", alt_ids=("2",)),), dataset=dataset) == "missing"


def test_a_gap_of_what_is_not_looked_at_any_more_stands_as_unverified() -> None:
    first = run(world())
    source = replace(world().sources[0], wanted=("2023-24",))
    elsewhere = run(world().but(sources=(source,)), first.memory)
    assert elsewhere.unverified == {"espn/pbp/1": (LATE, "outside this run")}
    assert run(world(games=()), first.memory).closed == {"espn/pbp/1"}


TEAMS = {"H": "HHH", "A": "AAA"}
EARLY = us("2025-01-09T00:00")


def two_sources(own: tuple[Game, ...], others: tuple[Game, ...], deriving: str = "home") -> Outcome:
    """``espn``, whose lake is empty, beside ``wire``, which is only installed; both write the teams alike."""
    source = replace(world(games=own).sources[0], league="l", teams=TEAMS, deriving=deriving)
    wire = Source("wire", (PBP,), SEASONS, (), {"2024-25": others}, league="l", teams=TEAMS)
    return run(world().but(sources=(source, wire)))


def conflicts(outcome: Outcome) -> list[tuple[str, str, str | None]]:
    return [(one.source, one.kind, one.own_id) for one in outcome.conflicts]


def test_a_game_is_proved_by_what_any_schedule_says() -> None:
    own = (game(status="scheduled", pulled_at=EARLY),)
    assert verdicts(two_sources(own, ())) == {"pbp/1": "unknown: schedule"}
    assert verdicts(two_sources(own, (game("w"),))) == {"pbp/1": "missing"}
    seen = game("w", status="scheduled", pulled_at=FINAL)
    assert verdicts(two_sources(own, (seen,))) == {"pbp/1": "missing"}
    assert verdicts(two_sources(own, (replace(seen, pulled_at=FINAL - 1),))) == {"pbp/1": "unknown: schedule"}
    # Another ordinal, or another league, is another game; tbd says nothing.
    for changes in ({"ordinal": 2}, {"league": "m"}, {"status": "tbd"}, {"home": "X"}):
        assert verdicts(two_sources(own, (replace(game("w"), **changes),), deriving=""))["pbp/1"] == "unknown: schedule"


def test_the_latest_pull_decides_whether_a_game_is_off() -> None:
    own = (game(status="scheduled", pulled_at=FINAL + 2),)
    off = game("w", status="postponed", pulled_at=FINAL + 1)
    assert verdicts(two_sources(own, (off,))) == {"pbp/1": "missing"}
    for later in (FINAL + 2, FINAL + 3, None):
        outcome = two_sources(own, (replace(off, pulled_at=later),))
        assert verdicts(outcome) == {"pbp/1": "unknown: schedule"}
        assert conflicts(outcome) == [("espn", "status", "1")]
    assert verdicts(two_sources((game(status="postponed"),), (game("w"),))) == {"pbp/1": "excused"}
    # A postponed event beside its make-up game of the same day is no opinion of its own.
    both = (replace(off, pulled_at=FINAL + 3), game("w2", status="scheduled", pulled_at=FINAL + 3))
    assert verdicts(two_sources(own, both)) == {"pbp/1": "missing"}


def test_a_game_that_only_others_know_is_expected_under_the_id_that_is_derived() -> None:
    new_id = f"e9{date(2025, 1, 10).toordinal() % 1000 * 10 + sum(map(ord, 'HHH')) % 10}"
    outcome = two_sources((), (game("w"),))
    assert verdicts(outcome) == {f"pbp/{new_id}": "missing"}
    assert (outcome.derived, conflicts(outcome)) == (1, [])
    assert conflicts(two_sources((), (game("w"),), deriving="")) == [("espn", "lacks", None)]
    assert conflicts(two_sources((), (game("w", status="cancelled"),))) == []
    # One that is not final is expected only of a schedule that is older than its end.
    other = game("o", 20, home="A", away="H", pulled_at=FINAL, status="scheduled")
    unsure = (game("w", status="scheduled", pulled_at=EARLY),)
    assert conflicts(two_sources((other,), unsure)) == [("espn", "lacks", None), ("wire", "lacks", None)]
    older = two_sources((replace(other, pulled_at=FINAL - 1),), unsure)
    assert verdicts(older)[f"pbp/{new_id}"] == "unknown: schedule"


def test_what_a_schedule_has_otherwise_is_not_expected_twice() -> None:
    for own, kind in (
        (game("o", status="tbd"), "status"),
        (game("o", home="A", away="H"), "swapped"),
        (game("o", 11), "moved"),
    ):
        outcome = two_sources((own,), (game("w"),))
        assert outcome.derived == 0
        assert ("espn", kind, "o") in conflicts(outcome)
    # Two finals that are further apart, or of which the other source knows both, are two games.
    assert two_sources((game("o", 12),), (game("w"),)).derived == 1
    assert two_sources((game("o", 11),), (game("w"), game("w2", 11))).derived == 1
    assert two_sources((game("o", 12, status="scheduled", pulled_at=EARLY),), (game("w"),)).derived == 1

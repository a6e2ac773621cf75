"""Pulling from a local server that answers as hoopR's releases do, and from the lake's own schedule file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hoopr_files import NOW, ROWS, SCHEDULED, Release, as_csv, as_parquet, lent, row, season
from recon_hoopr.errors import UnreachableError
from recon_hoopr.plugin import recon_expected_games

from recon_core.api import LakeError, ScheduleError
from recon_core.testing import Answer

KEY = "hoopr_parquet/schedules/nba_data_2025.parquet"


def pull(release: Release, label: str = "2024-25", now: datetime = NOW, **options):
    given = {"base_url": release.url, "backoff_seconds": 0.0, **options}
    return list(recon_expected_games(season=season(label), context=lent(now, given=given)))


def test_a_season_is_one_download(release):
    release.put(as_parquet(ROWS))
    found = pull(release)
    assert release.asked == ["/espn_nba_schedules/nba_schedule_2025.parquet"]
    assert [game.game_id for game in found] == ["401705002", "401705001", "401705003", "401705004"]
    assert found[0].unavailable == ("play_by_play", "player_box")
    assert pull(release, unavailable_after_days=30.0)[0].unavailable == ()


def test_what_a_file_says_is_as_old_as_the_file(release):
    release.put(as_parquet(ROWS))
    assert {game.pulled_at for game in pull(release)} == {datetime(2025, 1, 15, 9, tzinfo=UTC)}
    # The same file, still there a week later: it has learned nothing of the game of the 20th.
    assert {game.pulled_at for game in pull(release, now=NOW + timedelta(days=7))} == {
        datetime(2025, 1, 15, 9, tzinfo=UTC)
    }


@pytest.mark.parametrize("changed", [None, "", "yesterday", "Wed, 15 Jan 99999 09:00:00 GMT"])
def test_a_file_without_a_time_is_as_old_as_its_last_final_game(release, changed):
    release.changed = changed
    release.put(as_parquet(ROWS))
    found = pull(release, now=NOW + timedelta(days=7))
    assert {game.pulled_at for game in found} == {datetime(2025, 1, 14, 4, tzinfo=UTC)}
    release.put(as_parquet([row(5, "2025-01-14T00:30Z", state=SCHEDULED)]))
    assert pull(release)[0].pulled_at == datetime(2024, 10, 1, 4, tzinfo=UTC)


def test_a_file_is_no_younger_than_the_pull(release):
    release.changed = "Thu, 16 Jan 2025 09:00:00 GMT"
    release.put(as_parquet(ROWS))
    assert {game.pulled_at for game in pull(release)} == {NOW}


def test_flags_are_believed_as_of_the_file(release):
    """A file that was built hours after a game says nothing of what hoopR has of it, however much later it is read."""
    release.changed = "Fri, 10 Jan 2025 09:00:00 GMT"
    release.put(as_parquet(ROWS))
    assert [game.unavailable for game in pull(release, now=NOW + timedelta(days=30))] == [(), (), (), ()]


def test_csv_on_request(release):
    release.put(as_csv(ROWS), suffix="csv")
    release.put(as_parquet(ROWS))
    assert pull(release, schedule_format="csv") == pull(release)


def test_a_redirect_is_followed_as_downloads_of_releases_are(release):
    release.files["/elsewhere"] = as_parquet(ROWS)
    release.faults = [Answer(status=302, headers={"Location": "/elsewhere"})]
    assert len(pull(release)) == 4
    assert release.asked[-1] == "/elsewhere"


def test_redirects_in_a_circle_end(release):
    release.faults = [Answer(status=302, headers={"Location": "/again"})] * 9
    with pytest.raises(UnreachableError, match="more than 5 redirects; check the option base_url of hoopr"):
        pull(release)


def test_a_redirect_to_nowhere_is_told(release):
    release.faults = [Answer(status=302, headers={"Location": "ftp://x/"})]
    with pytest.raises(UnreachableError, match="set the option base_url of hoopr right"):
        pull(release)


@pytest.mark.parametrize(
    "fault",
    [
        Answer(status=503),
        Answer(status=429, headers={"Retry-After": "0"}),
        Answer(b"<html>", 500),
        Answer(as_parquet(ROWS), fault="cut"),
    ],
)
def test_what_passes_is_asked_again(release, fault):
    release.put(as_parquet(ROWS))
    release.faults = [fault, fault]
    assert len(pull(release)) == 4
    assert len(release.asked) == 3


def test_what_does_not_pass_is_told(release):
    release.faults = [Answer(status=503)] * 9
    told = r"nba_schedule_2025.parquet: HTTP 503, tried 3 times; pull again later"
    with pytest.raises(UnreachableError, match=told):
        pull(release, retries=2)
    assert len(release.asked) == 3


def test_a_long_wait_is_left_to_the_user(release):
    release.faults = [Answer(status=429, headers={"Retry-After": "900"})]
    with pytest.raises(UnreachableError, match="HTTP 429, asks to wait 900 s; pull again after that"):
        pull(release)


def test_a_refusal_is_not_asked_again(release):
    release.faults = [Answer(status=403)] * 2
    with pytest.raises(UnreachableError, match="HTTP 403; check the option base_url"):
        pull(release)
    assert len(release.asked) == 1


def test_a_season_that_is_not_published_is_an_error_once_it_has_begun(release):
    with pytest.raises(UnreachableError, match="HTTP 404, the release has no such file"):
        pull(release)
    assert pull(release, label="2025-26") == []
    with pytest.raises(UnreachableError, match="HTTP 404"):
        pull(release, label="2025-26", now=datetime(2025, 10, 2, tzinfo=UTC))


@pytest.mark.parametrize("content", [b"", b"<html>Not the file</html>", as_parquet(ROWS)[:-20], as_csv(ROWS)])
def test_a_file_that_is_whole_and_no_schedule_is_never_a_season_without_games(release, content):
    release.put(content)
    with pytest.raises(ScheduleError, match=r"nba_schedule_2025.parquet: broken off or no schedule"):
        pull(release)


def test_a_file_without_end_is_cut_off(release):
    release.put(as_parquet(ROWS))
    with pytest.raises(ScheduleError, match="more than 100 bytes, which no schedule has"):
        pull(release, max_body_bytes=100)


def test_nobody_at_the_address(release):
    release.url = "http://127.0.0.1:9"
    with pytest.raises(UnreachableError, match="the connection failed"):
        pull(release, retries=0)


def from_lake(files, stored=(), label="2024-25", **more):
    given = lent(from_lake=True, lake=files, stored=stored, **more)
    return list(recon_expected_games(season=season(label), context=given))


def test_the_lakes_own_file_proves_only_what_is_final_in_it():
    found = {game.game_id: game for game in from_lake({KEY: as_parquet(ROWS), "x/nba_data_2024.parquet": b""})}
    begins = datetime(2024, 10, 1, 4, tzinfo=UTC)
    assert {game.pulled_at for game in found.values()} == {begins}
    # The file is no older than its last final game, so that its flags count for what was long over then.
    assert found["401705002"].unavailable == ("play_by_play", "player_box")
    assert found["401705003"].unavailable == ()
    assert found["401705004"].status == "scheduled"


def test_stored_rows_that_know_more_stay():
    (fresh,) = from_lake({KEY: as_parquet([row(5, "2025-01-14T00:30Z", state=SCHEDULED)])})
    final = replace(fresh, status="final", pulled_at=NOW)
    later = replace(fresh, pulled_at=NOW, home="X")
    older = replace(fresh, pulled_at=fresh.pulled_at - timedelta(days=1), home="X")
    files = {KEY: as_parquet([row(5, "2025-01-14T00:30Z", state=SCHEDULED)])}
    assert from_lake(files, stored=[final]) == [final]
    assert from_lake(files, stored=[later]) == [later]
    assert from_lake(files, stored=[older]) == [fresh]
    assert from_lake({KEY: as_parquet([row(5, "2025-01-14T00:30Z")])}, stored=[later])[0].status == "final"


def test_a_lake_without_the_file_or_with_a_broken_one():
    with pytest.raises(ScheduleError, match="the lake holds no schedule file of 2024-25"):
        from_lake({"hoopr_parquet/schedules/nba_data_2024.parquet": as_parquet(ROWS)})
    with pytest.raises(ScheduleError, match=r"lake object hoopr_parquet/schedules/nba_data_2025.parquet: broken off"):
        from_lake({KEY: b"PAR1"})
    with pytest.raises(LakeError):
        lent().read(KEY)


OLDER = "hoopr_152/schedules/nba_data_2025.csv"
BOTH = {"schedules": [key.replace("2025", "{end_year}") for key in (OLDER, KEY)]}


@pytest.mark.parametrize(("old", "new"), [(OLDER, KEY), (KEY, OLDER)])
def test_of_several_files_the_one_with_the_latest_final_game_is_taken(old, new):
    def file(key, rows):
        return (as_csv if key.endswith(".csv") else as_parquet)(rows)

    more = [row(6, "2025-01-14T00:30Z", state=SCHEDULED), row(7, "2025-01-16T00:30Z", state=SCHEDULED)]
    then, now = [row(5, "2025-01-10T00:30Z"), *more], [row(5, "2025-01-10T00:30Z"), row(6, "2025-01-14T00:30Z")]
    found = from_lake({old: file(old, then), new: file(new, now)}, key_templates=BOTH)
    assert [(game.game_id, game.status) for game in found] == [("5", "final"), ("6", "final")]
    # Before the first game is over, the file that lists more games is the later one.
    found = from_lake({old: file(old, more[:1]), new: file(new, more)}, key_templates=BOTH)
    assert [game.game_id for game in found] == ["6", "7"]


@pytest.mark.parametrize(
    "broken", [b"", b"game_id\n1\n", as_csv([row(5, "2021-01-14T00:30Z", season=2021)]), b"x" * 200_000]
)
def test_a_broken_file_is_made_up_for_by_a_whole_one(broken):
    files = {OLDER: broken, KEY: as_parquet(ROWS)}
    assert len(from_lake(files, key_templates=BOTH, given={"max_body_bytes": 100_000})) == 4


def test_files_none_of_which_can_be_read_are_counted():
    with pytest.raises(ScheduleError, match=r"hoopr_152/.*csv: broken .* \(nor can 1 other file of 2024-25 be read"):
        from_lake({OLDER: b"", KEY: b"PAR1"}, key_templates=BOTH)


def test_a_file_that_is_refused_is_not_passed_over():
    with pytest.raises(LakeError, match="access denied"):
        from_lake({OLDER: b"", KEY: as_parquet(ROWS)}, key_templates=BOTH, denied={OLDER})

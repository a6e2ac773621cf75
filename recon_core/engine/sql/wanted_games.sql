-- A dataset's wanted games. One of which the source itself does not have this data is as one that was called off.
SELECT
    game_no, game_id, season, season_type, date, home, away, alt_ids, gone, off OR gone AS off,
    CASE WHEN NOT gone THEN final_at END AS final_at, proved AND NOT gone AS proved,
    off_elsewhere
FROM (
    SELECT *, coalesce(list_contains(unavailable, {data_type}), false) AS gone
    FROM games
    WHERE source_no = {source_no} AND {wanted}
) AS of_source

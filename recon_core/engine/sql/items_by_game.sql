-- One item a game: the game's own times are the item's.
SELECT
    {first_no} + game_no AS item_no,
    {dataset_no} AS dataset_no, season, game_id AS g0, NULL AS g1, NULL AS g2, NULL AS g3,
    date, home, away, season_type, alt_ids, off, gone AS unavailable, final_at,
    final_at + {settle} AS settled_at,
    due_at, need,
    CASE WHEN proved THEN due_at END AS proved_due,
    need AS proved_need, off_elsewhere
FROM (
    SELECT
        game_no, game_id, season, date, home, away, season_type, off, gone, final_at, proved, off_elsewhere,
        CASE WHEN len(alt_ids) > 0 THEN alt_ids END AS alt_ids,
        final_at + {lag} AS due_at,
        {need} AS need
    FROM (
        SELECT
            *, final_at AS first_final, final_at + {settle} AS last_settled,
            CASE WHEN final_at <= {now} THEN final_at END AS last_finished
        FROM ({games}) AS wanted_games
    ) AS timed_games
) AS game_items

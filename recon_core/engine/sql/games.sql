-- Every stored or computed game with the moment its content is complete. Cancelled, postponed and tbd games give no
-- times. A game is proved when the schedule calls it final, or was pulled at or after the game ended.
CREATE TABLE games AS
SELECT
    row_number() OVER (ORDER BY source_no, game_id) AS game_no,
    source_no, game_id, season, season_type, date, home, away, alt_ids, unavailable, off, final_at,
    final_at IS NOT NULL AND (status = 'final' OR coalesce(pulled_at >= final_at, false)) AS proved
FROM (
    SELECT
        g.source_no, g.game_id, g.season, g.season_type, g.date, g.home, g.away, g.alt_ids, g.unavailable, g.status,
        g.pulled_at,
        g.status IN ('cancelled', 'postponed') AS off,
        CASE
            WHEN g.status IN ('cancelled', 'postponed', 'tbd') THEN NULL
            ELSE coalesce(g.final_at, coalesce(g.start_utc, d.ends_at) + s.game_length)
        END AS final_at
    FROM stored_games AS g
    JOIN sources AS s ON s.source_no = g.source_no
    LEFT JOIN local_days AS d ON d.source_no = g.source_no AND d.date = g.date
) AS timed

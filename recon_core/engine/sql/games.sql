-- Every stored, computed or derived game with the moment its content is complete. Cancelled, postponed and tbd games
-- give no times. A game is proved when some schedule calls it final, or when the latest that was pulled at or after the
-- game ended still has it.
CREATE TABLE games AS
SELECT
    row_number() OVER (ORDER BY source_no, game_id) AS game_no,
    source_no, game_id, season, season_type, date, home, away, alt_ids, unavailable, off, final_at, off_elsewhere,
    final_at IS NOT NULL AND (final OR coalesce(NOT off_elsewhere AND seen_at >= final_at, false)) AS proved
FROM (
    SELECT
        g.source_no, g.game_id, g.season, g.season_type, g.date, g.home, g.away, g.alt_ids, g.unavailable,
        g.status IN ('cancelled', 'postponed') AS off,
        CASE
            WHEN g.status IN ('cancelled', 'postponed', 'tbd') THEN NULL
            ELSE coalesce(g.final_at, coalesce(g.start_utc, d.ends_at) + s.game_length)
        END AS final_at,
        coalesce(t.final, g.status = 'final') AS final,
        coalesce(t.off, false) AS off_elsewhere,
        coalesce(t.seen_at, g.pulled_at) AS seen_at
    FROM stored_games AS g
    JOIN sources AS s ON s.source_no = g.source_no
    LEFT JOIN local_days AS d ON d.source_no = g.source_no AND d.date = g.date
    LEFT JOIN placed AS p ON p.source_no = g.source_no AND p.game_id = g.game_id
    LEFT JOIN truths AS t
        ON t.league = p.league AND t.date = p.date AND t.home = p.home AND t.away = p.away AND t.ordinal = p.ordinal
    UNION ALL
    SELECT
        g.source_no, g.game_id, g.season, g.season_type, g.date, g.home, g.away, CAST([] AS VARCHAR[]) AS alt_ids,
        CAST(NULL AS VARCHAR[]) AS unavailable, false AS off,
        coalesce(g.final_at, coalesce(g.start_utc, d.ends_at) + s.game_length) AS final_at,
        g.final, false AS off_elsewhere, g.seen_at
    FROM derived AS g
    JOIN sources AS s ON s.source_no = g.source_no
    LEFT JOIN local_days AS d ON d.source_no = g.source_no AND d.date = g.date
) AS timed

-- Lacking games whose ids their source's plugin may derive: final elsewhere, or to end after the own schedule was last
-- pulled; and not what the own schedule has under another date or with the teams swapped.
SELECT
    lack_no, source_no, game_id, season, season_type, date, start_utc, final_at, home, away, ordinal, league, final
FROM (
    SELECT
        l.*, n.kind, n.final AS kind_final, own.pulled_at,
        coalesce(l.final_at, coalesce(l.start_utc, d.ends_at) + s.game_length) AS ends_at
    FROM lacking AS l
    JOIN sources AS s ON s.source_no = l.source_no
    LEFT JOIN local_days AS d ON d.source_no = l.source_no AND d.date = l.date
    LEFT JOIN neighbours AS n ON n.lack_no = l.lack_no
    LEFT JOIN (
        SELECT source_no, season, max(pulled_at) AS pulled_at FROM stored_games GROUP BY source_no, season
    ) AS own ON own.source_no = l.source_no AND own.season = l.season
    WHERE s.derives
) AS asked
WHERE (kind IS NULL OR (kind = 'moved' AND NOT kind_final)) AND (final OR coalesce(pulled_at < ends_at, false))
ORDER BY lack_no

-- How many games of each type every schedule has that are on. A game without a type has the one that other sources of the
-- league give it, if they agree.
SELECT g.source_no, g.season, coalesce(g.season_type, t.season_type, '') AS season_type, count(*) AS games
FROM stored_games AS g
LEFT JOIN placed AS p ON p.source_no = g.source_no AND p.game_id = g.game_id
LEFT JOIN (
    SELECT league, date, home, away, ordinal, min(season_type) AS season_type
    FROM placed
    WHERE season_type IS NOT NULL AND status <> 'tbd'
    GROUP BY league, date, home, away, ordinal
    HAVING min(season_type) = max(season_type)
) AS t
    ON t.league = p.league AND t.date = p.date AND t.home = p.home AND t.away = p.away AND t.ordinal = p.ordinal
WHERE g.status NOT IN ('cancelled', 'postponed', 'tbd')
GROUP BY g.source_no, g.season, coalesce(g.season_type, t.season_type, '')

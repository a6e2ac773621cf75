-- Which rows of the league's schedules are one game: those that agree in league, date, home, away and ordinal. Derived
-- games stand in no schedule of their source.
SELECT
    s.name AS source, p.season, p.game_id, p.league, p.date, p.home, p.away, p.ordinal, p.status, p.pulled_at,
    false AS derived
FROM placed AS p
JOIN sources AS s ON s.source_no = p.source_no
WHERE s.shared AND p.status <> 'tbd'
UNION ALL
SELECT
    s.name AS source, d.season, d.game_id, l.league, l.date, l.home, l.away, l.ordinal,
    CAST(NULL AS VARCHAR) AS status, CAST(NULL AS TIMESTAMP) AS pulled_at, true AS derived
FROM derived AS d
JOIN lacking AS l ON l.lack_no = d.lack_no
JOIN sources AS s ON s.source_no = d.source_no
ORDER BY source, game_id, date

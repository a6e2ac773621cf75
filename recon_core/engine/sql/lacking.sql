-- Games that other sources know, that are not called off, and that the schedule of a source lacks although it has that
-- season: the one whose bounds hold the date, else, bounds being nominal, the one that is the season of those who know the
-- game. It counts as of the types that the sources give it; one of a type that is not expected is no one's gap.
CREATE TABLE lacking AS
SELECT
    row_number() OVER (ORDER BY source_no, date, home, away, ordinal, league) AS lack_no,
    source_no, season, league, date, home, away, ordinal, final, seen_at,
    min(CASE WHEN fits THEN season_type END) AS season_type,
    max(CASE WHEN place = 1 THEN game_id END) AS game_id,
    max(CASE WHEN place = 1 THEN start_utc END) AS start_utc,
    max(CASE WHEN place = 1 THEN final_at END) AS final_at
FROM (
    SELECT
        a.source_no, o.season, a.league, a.date, a.home, a.away, a.ordinal, a.final, a.seen_at,
        p.game_id, p.season_type, p.start_utc, p.final_at,
        p.season_type IS NOT NULL AND (s.every_type OR e.season_type IS NOT NULL) AS fits,
        row_number() OVER (
            PARTITION BY a.source_no, a.league, a.date, a.home, a.away, a.ordinal
            ORDER BY
                p.off, p.start_utc IS NULL AND p.final_at IS NULL, p.status <> 'final', p.pulled_at DESC NULLS LAST,
                p.source_no, p.game_id
        ) AS place
    FROM (
        SELECT
            t.league, t.date, t.home, t.away, t.ordinal, t.final, t.seen_at, t.source_no,
            coalesce(max(o.season_no), max(q.season_no)) AS season_no
        FROM (
            SELECT t.league, t.date, t.home, t.away, t.ordinal, t.final, t.seen_at, s.source_no
            FROM truths AS t
            JOIN sources AS s ON s.league = t.league
            LEFT JOIN stances AS m
                ON m.source_no = s.source_no AND m.league = t.league AND m.date = t.date AND m.home = t.home
                AND m.away = t.away AND m.ordinal = t.ordinal
            WHERE NOT t.off AND m.source_no IS NULL
        ) AS t
        LEFT JOIN own_seasons AS o ON o.source_no = t.source_no AND t.date >= o.starts AND t.date <= o.ends
        LEFT JOIN placed AS k
            ON o.season_no IS NULL AND k.league = t.league AND k.date = t.date AND k.home = t.home
            AND k.away = t.away AND k.ordinal = t.ordinal AND k.status <> 'tbd'
        LEFT JOIN same_seasons AS q
            ON q.source_no = t.source_no AND q.other_no = k.source_no AND q.other_season = k.season
        GROUP BY t.league, t.date, t.home, t.away, t.ordinal, t.final, t.seen_at, t.source_no
    ) AS a
    JOIN own_seasons AS o ON o.season_no = a.season_no
    JOIN sources AS s ON s.source_no = a.source_no
    JOIN placed AS p
        ON p.league = a.league AND p.date = a.date AND p.home = a.home AND p.away = a.away AND p.ordinal = a.ordinal
        AND p.status <> 'tbd'
    LEFT JOIN expected_types AS e ON e.source_no = a.source_no AND e.season_type = p.season_type
) AS known
GROUP BY source_no, season, league, date, home, away, ordinal, final, seen_at
HAVING bool_or(fits) OR bool_and(season_type IS NULL)

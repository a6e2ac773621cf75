-- What a source has in place of a game that it lacks: the game itself as tbd; or, where no other source knows that
-- either, the same teams on the same day with the places swapped, or on another date of the season. Two games that are
-- both final are two games, unless a day at most lies between them.
CREATE TABLE neighbours AS
SELECT lack_no, kind, game_id, date, ordinal, final
FROM (
    SELECT
        *,
        row_number() OVER (PARTITION BY lack_no ORDER BY kind_no, days, date, ordinal, game_id) AS place
    FROM (
        SELECT l.lack_no, 0 AS kind_no, 'tbd' AS kind, 0 AS days, u.game_id, u.date, u.ordinal, false AS final
        FROM lacking AS l
        JOIN placed AS u
            ON u.source_no = l.source_no AND u.league = l.league AND u.date = l.date AND u.home = l.home
            AND u.away = l.away AND u.ordinal = l.ordinal
        UNION ALL
        SELECT l.lack_no, 1 AS kind_no, 'swapped' AS kind, 0 AS days, u.game_id, u.date, u.ordinal, u.final
        FROM lacking AS l
        JOIN ({alone}) AS u
            ON u.source_no = l.source_no AND u.league = l.league AND u.date = l.date AND u.home = l.away
            AND u.away = l.home
        UNION ALL
        SELECT
            l.lack_no, 2 AS kind_no, 'moved' AS kind, abs(date_diff('day', u.date, l.date)) AS days,
            u.game_id, u.date, u.ordinal, u.final
        FROM lacking AS l
        JOIN ({alone}) AS u
            ON u.source_no = l.source_no AND u.league = l.league AND u.season = l.season AND u.home = l.home
            AND u.away = l.away
        WHERE NOT (l.final AND u.final AND abs(date_diff('day', u.date, l.date)) > 1)
    ) AS all_of_them
) AS ranked
WHERE place = 1

-- What a source may have in place of a game that it lacks: the game itself as tbd; the same teams on the same day with
-- the places swapped; or on another date of the season. Two games that are both final are two games, unless a day at
-- most lies between them.
CREATE TABLE near AS
SELECT
    l.lack_no, 0 AS kind_no, 'tbd' AS kind, 0 AS days,
    u.game_id, u.league, u.date, u.home, u.away, u.ordinal, false AS final
FROM lacking AS l
JOIN placed AS u
    ON u.source_no = l.source_no AND u.league = l.league AND u.date = l.date AND u.home = l.home
    AND u.away = l.away AND u.ordinal = l.ordinal
UNION ALL
SELECT
    l.lack_no, 1 AS kind_no, 'swapped' AS kind, 0 AS days,
    u.game_id, u.league, u.date, u.home, u.away, u.ordinal, u.final
FROM lacking AS l
JOIN stances AS u
    ON u.source_no = l.source_no AND u.league = l.league AND u.date = l.date AND u.home = l.away AND u.away = l.home
WHERE NOT u.off
UNION ALL
SELECT
    l.lack_no, 2 AS kind_no, 'moved' AS kind, abs(date_diff('day', u.date, l.date)) AS days,
    u.game_id, u.league, u.date, u.home, u.away, u.ordinal, u.final
FROM lacking AS l
JOIN stances AS u
    ON u.source_no = l.source_no AND u.league = l.league AND u.season = l.season AND u.home = l.home
    AND u.away = l.away
WHERE NOT u.off AND NOT (l.final AND u.final AND abs(date_diff('day', u.date, l.date)) > 1)

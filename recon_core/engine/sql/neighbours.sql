-- The nearest of what a source has in place of a game that it lacks. What is also known to a source that knows the
-- lacking game is another game.
CREATE TABLE neighbours AS
SELECT lack_no, kind, game_id, date, ordinal, final
FROM (
    SELECT
        n.lack_no, n.kind, n.game_id, n.date, n.ordinal, n.final,
        row_number() OVER (PARTITION BY n.lack_no ORDER BY n.kind_no, n.days, n.date, n.ordinal, n.game_id) AS place
    FROM near AS n
    LEFT JOIN (
        SELECT DISTINCT n.lack_no, n.date, n.home, n.away, n.ordinal
        FROM near AS n
        JOIN lacking AS l ON l.lack_no = n.lack_no
        JOIN stances AS one
            ON one.league = l.league AND one.date = l.date AND one.home = l.home AND one.away = l.away
            AND one.ordinal = l.ordinal
        JOIN stances AS other
            ON other.source_no = one.source_no AND other.league = n.league AND other.date = n.date
            AND other.home = n.home AND other.away = n.away AND other.ordinal = n.ordinal
        WHERE n.kind <> 'tbd'
    ) AS two
        ON two.lack_no = n.lack_no AND two.date = n.date AND two.home = n.home AND two.away = n.away
        AND two.ordinal = n.ordinal
    WHERE two.lack_no IS NULL
) AS ranked
WHERE place = 1

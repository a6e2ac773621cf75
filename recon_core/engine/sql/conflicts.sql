-- Where schedules disagree on games of the seasons that a run looks at: games that a source lacks and that are not
-- expected of it, and games that one calls off and another does not.
CREATE TABLE conflicts AS
SELECT
    row_number() OVER (ORDER BY c.source_no, c.date, c.home, c.away, c.ordinal, c.league, c.kind, c.own_id) AS conflict_no,
    c.*
FROM (
    SELECT
        coalesce(CASE WHEN n.kind = 'tbd' THEN 'status' ELSE n.kind END, 'lacks') AS kind,
        l.source_no, l.season, l.league, l.date, l.home, l.away, l.ordinal,
        coalesce(n.game_id, i.own_id) AS own_id, n.date AS own_date, n.ordinal AS own_ordinal,
        CASE WHEN n.kind = 'tbd' THEN 'tbd' END AS own_status
    FROM lacking AS l
    LEFT JOIN neighbours AS n ON n.lack_no = l.lack_no
    LEFT JOIN own_ids AS i ON i.lack_no = l.lack_no
    LEFT JOIN derived AS d ON d.lack_no = l.lack_no
    WHERE d.lack_no IS NULL
    UNION ALL
    SELECT
        'status' AS kind, p.source_no, p.season, p.league, p.date, p.home, p.away, p.ordinal,
        p.game_id AS own_id, p.date AS own_date, p.ordinal AS own_ordinal, p.status AS own_status
    FROM placed AS p
    JOIN stances AS m
        ON m.source_no = p.source_no AND m.league = p.league AND m.date = p.date AND m.home = p.home
        AND m.away = p.away AND m.ordinal = p.ordinal AND m.game_id = p.game_id
    JOIN truths AS t
        ON t.league = p.league AND t.date = p.date AND t.home = p.home AND t.away = p.away AND t.ordinal = p.ordinal
    WHERE m.off <> t.off
) AS c
LEFT JOIN scope AS o ON o.source_no = c.source_no AND o.season = c.season
LEFT JOIN (
    SELECT DISTINCT p.league, p.date, p.home, p.away, p.ordinal
    FROM placed AS p
    JOIN scope AS o ON o.source_no = p.source_no AND o.season = p.season
) AS looked_at
    ON looked_at.league = c.league AND looked_at.date = c.date AND looked_at.home = c.home
    AND looked_at.away = c.away AND looked_at.ordinal = c.ordinal
WHERE o.source_no IS NOT NULL OR looked_at.league IS NOT NULL

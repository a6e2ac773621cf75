-- Which season of one source is which of another one of its league: they share more than half of the days that either
-- has. Bounds are nominal and labels each source's own, so that nothing else tells.
CREATE TABLE same_seasons AS
SELECT source_no, season_no, other_no, other_season
FROM (
    SELECT
        a.source_no, a.season_no, b.source_no AS other_no, b.season AS other_season,
        date_diff('day', greatest(a.starts, b.starts), least(a.ends, b.ends)) + 1 AS shared,
        date_diff('day', a.starts, a.ends) + date_diff('day', b.starts, b.ends) + 2 AS days
    FROM own_seasons AS a
    JOIN sources AS s ON s.source_no = a.source_no
    JOIN sources AS t ON t.league = s.league AND t.source_no <> s.source_no
    JOIN own_seasons AS b ON b.source_no = t.source_no AND b.starts <= a.ends AND b.ends >= a.starts
) AS beside
WHERE 2 * shared > days - shared

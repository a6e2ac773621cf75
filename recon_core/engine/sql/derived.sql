-- The lacking games whose ids are known now. Teams are written as the source writes them in that season, if it does. An
-- id that the own schedule has already is no new game; of two games with one id the one that is final counts.
CREATE TABLE derived AS
SELECT lack_no, source_no, own_id AS game_id, season, season_type, date, start_utc, home, away, final, seen_at, final_at
FROM (
    SELECT
        l.lack_no, l.source_no, i.own_id, l.season, l.season_type, l.date, l.start_utc, l.final, l.seen_at, l.final_at,
        coalesce(h.code, l.home) AS home, coalesce(a.code, l.away) AS away,
        row_number() OVER (PARTITION BY l.source_no, i.own_id ORDER BY NOT l.final, l.lack_no) AS place
    FROM lacking AS l
    JOIN own_ids AS i ON i.lack_no = l.lack_no
    LEFT JOIN ({written}) AS h ON h.source_no = l.source_no AND h.season = l.season AND h.team = l.home
    LEFT JOIN ({written}) AS a ON a.source_no = l.source_no AND a.season = l.season AND a.team = l.away
    LEFT JOIN (
        SELECT source_no, game_id AS id FROM stored_games WHERE game_id IN (SELECT own_id FROM own_ids)
        UNION SELECT source_no, id
        FROM (SELECT source_no, unnest(alt_ids) AS id FROM stored_games WHERE len(alt_ids) > 0) AS other
        WHERE id IN (SELECT own_id FROM own_ids)
    ) AS taken ON taken.source_no = l.source_no AND taken.id = i.own_id
    WHERE taken.id IS NULL
) AS named
WHERE place = 1

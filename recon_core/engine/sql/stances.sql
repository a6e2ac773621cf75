-- What each source says of each game that is not tbd to it. Of a source's rows of one game the one that is on counts: the
-- other is the postponed event beside its make-up game. A row without a time of pull may be newer than any.
CREATE TABLE stances AS
SELECT
    league, date, home, away, ordinal, source_no,
    min(season) AS season,
    min(game_id) AS game_id,
    bool_or(status = 'final') AS final,
    bool_and(off) AS off,
    max(CASE WHEN NOT off THEN pulled_at END) AS seen_at,
    CASE WHEN NOT bool_or(pulled_at IS NULL) THEN max(pulled_at) END AS off_at
FROM placed
WHERE status <> 'tbd'
GROUP BY league, date, home, away, ordinal, source_no

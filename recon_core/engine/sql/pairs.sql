-- Every two sources of a league, season by season of the first: the games that both have, that only one of them has
-- although the other should, and of these those that the first has on another date or with the places swapped.
SELECT
    a.source_no AS first_no, a.season, b.source_no AS second_no,
    coalesce(min(x.agreed), 0) AS agreed,
    coalesce(min(x.disputed), 0) AS disputed,
    coalesce(min(f.games), 0) AS only_first,
    coalesce(min(o.games), 0) AS only_second,
    coalesce(min(o.moved), 0) AS moved,
    coalesce(min(o.swapped), 0) AS swapped
FROM own_seasons AS a
JOIN sources AS s ON s.source_no = a.source_no
JOIN sources AS t ON t.league = s.league AND t.source_no > s.source_no
JOIN own_seasons AS b ON b.source_no = t.source_no AND b.starts <= a.ends AND b.ends >= a.starts
LEFT JOIN (
    SELECT
        one.source_no AS first_no, one.season, other.source_no AS second_no,
        sum(CASE WHEN one.off = other.off THEN 1 ELSE 0 END) AS agreed,
        sum(CASE WHEN one.off <> other.off THEN 1 ELSE 0 END) AS disputed
    FROM stances AS one
    JOIN stances AS other
        ON other.league = one.league AND other.date = one.date AND other.home = one.home AND other.away = one.away
        AND other.ordinal = one.ordinal AND other.source_no > one.source_no
    GROUP BY one.source_no, one.season, other.source_no
) AS x ON x.first_no = a.source_no AND x.season = a.season AND x.second_no = t.source_no
LEFT JOIN (
    SELECT one.source_no AS first_no, one.season, l.source_no AS second_no, count(*) AS games
    FROM lacking AS l
    JOIN stances AS one
        ON one.league = l.league AND one.date = l.date AND one.home = l.home AND one.away = l.away
        AND one.ordinal = l.ordinal AND one.source_no < l.source_no
    WHERE NOT one.off
    GROUP BY one.source_no, one.season, l.source_no
) AS f ON f.first_no = a.source_no AND f.season = a.season AND f.second_no = t.source_no
LEFT JOIN (
    SELECT
        l.source_no AS first_no, l.season, other.source_no AS second_no, count(*) AS games,
        sum(CASE WHEN n.kind = 'moved' THEN 1 ELSE 0 END) AS moved,
        sum(CASE WHEN n.kind = 'swapped' THEN 1 ELSE 0 END) AS swapped
    FROM lacking AS l
    JOIN stances AS other
        ON other.league = l.league AND other.date = l.date AND other.home = l.home AND other.away = l.away
        AND other.ordinal = l.ordinal AND other.source_no > l.source_no
    LEFT JOIN neighbours AS n ON n.lack_no = l.lack_no
    WHERE NOT other.off
    GROUP BY l.source_no, l.season, other.source_no
) AS o ON o.first_no = a.source_no AND o.season = a.season AND o.second_no = t.source_no
GROUP BY a.source_no, a.season, b.source_no, a.season_no
ORDER BY a.season_no, b.source_no

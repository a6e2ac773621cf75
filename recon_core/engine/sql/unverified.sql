-- Gaps of the previous queue that this run could neither prove nor refute: unknown now, or not looked at. What was
-- looked at and is not expected any more is refuted. An entry whose season nobody noted is taken for looked at where its
-- data type was, in any season.
CREATE TABLE unverified AS
SELECT
    p.item, p.source, p.data_type, p.season, p.first_seen,
    coalesce(p.unverified_since, {now}) AS since,
    coalesce(c.reason, u.reason, 'outside this run') AS reason
FROM prior AS p
LEFT JOIN coverage AS c ON c.item = p.item
LEFT JOIN (
    SELECT o.item, min(n.reason) AS reason
    FROM prior AS o
    JOIN unseen AS n
        ON n.source = o.source AND coalesce(n.data_type = o.data_type, true) AND coalesce(n.season = o.season, true)
    GROUP BY o.item
) AS u ON u.item = p.item
LEFT JOIN (
    SELECT DISTINCT o.item
    FROM prior AS o
    JOIN planned AS l
        ON l.source = o.source AND l.data_type = o.data_type
        AND (l.season = o.season OR (o.season IS NULL AND NOT {narrowed}))
) AS l ON l.item = p.item
WHERE p.state <> 'closed' AND (c.verdict = 'unknown' OR (c.item IS NULL AND (u.item IS NOT NULL OR l.item IS NULL)))

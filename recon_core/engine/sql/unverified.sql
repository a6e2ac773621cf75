-- Gaps of the previous queue that this run could neither prove nor refute.
CREATE TEMP TABLE unverified AS
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
WHERE p.state <> 'closed' AND (c.verdict = 'unknown' OR (c.item IS NULL AND (u.item IS NOT NULL OR {outside})))

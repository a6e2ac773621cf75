-- Items that had a copy when they were last seen, and of which this analysis finds none or cannot tell.
CREATE TABLE losses AS
SELECT item, source, data_type, season, min(found_key) AS found_key, state
FROM (
    SELECT e.item, e.source, e.data_type, e.season, e.found_key, n.state
    FROM earlier AS e
    JOIN (
        SELECT item, CASE WHEN verdict = 'missing' THEN 'missing' ELSE 'unknown' END AS state
        FROM coverage
        WHERE found_key IS NULL AND (verdict IN ('missing', 'unknown') OR waived_verdict = 'unknown')
    ) AS n ON n.item = e.item
    UNION ALL
    SELECT e.item, e.source, e.data_type, e.season, e.found_key, 'unknown' AS state
    FROM earlier AS e
    LEFT JOIN coverage AS n ON n.item = e.item
    WHERE n.item IS NULL AND ({unseen})
) AS doubtful
GROUP BY item, source, data_type, season, state

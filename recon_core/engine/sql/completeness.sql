-- How much of what is known to be due is there. Nothing known is no number. Of a sample only its clusters count: of what
-- lies outside only presence is ever known, by a witness.
SELECT
    source, data_type, season,
    sum(CASE WHEN verdict = 'present' THEN 1 ELSE 0 END)
        / nullif(sum(CASE WHEN verdict IN ('present', 'missing', 'stale', 'undersized') THEN 1 ELSE 0 END), 0)
        AS completeness
FROM {items}
WHERE {counted}
GROUP BY source, data_type, season

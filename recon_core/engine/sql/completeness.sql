-- How much of what is known to be due is there. Nothing known is no number.
SELECT
    source, data_type, season,
    sum(CASE WHEN verdict = 'present' THEN 1 ELSE 0 END)
        / nullif(sum(CASE WHEN verdict IN ('present', 'missing', 'stale', 'undersized') THEN 1 ELSE 0 END), 0)
        AS completeness
FROM {items}
GROUP BY source, data_type, season

-- Waivers in force turn gaps and unknown items into excused ones; the first that matches gives the reason.
CREATE VIEW waived AS
SELECT
    w.* EXCLUDE (verdict, waiver),
    CASE WHEN w.waiver IS NULL THEN w.verdict ELSE 'excused' END AS verdict,
    CASE WHEN w.waiver IS NOT NULL THEN w.verdict END AS waived_verdict,
    w.waiver
FROM (
    SELECT
        r.* EXCLUDE ({rule_names}),
        CASE WHEN verdict IN ('missing', 'stale', 'undersized', 'unknown') THEN CASE {waiver_cases} END END AS waiver
    FROM (
        SELECT j.*, {rule_columns}
        FROM judged AS j
        LEFT JOIN ({completeness}) AS p
            ON p.source = j.source AND p.data_type = j.data_type AND p.season = j.season
    ) AS r
) AS w

-- Proved gaps, ranked by the first rule that holds, with the moment they were first seen. Rules speak of the season's
-- type as well, which stands beside the coverage, row by row.
CREATE TABLE gaps AS
SELECT
    g.* EXCLUDE (
        row_no, season_type, rule_no, completeness_threshold, current_season, previous_season, age_days, completeness
    ),
    CASE g.rule_no {priority_cases} END AS priority,
    CASE g.rule_no {name_cases} END AS rule,
    g.age_days, g.completeness,
    coalesce(f.first_seen, {now}) AS first_seen
FROM (
    SELECT r.*, CASE {rule_cases} END AS rule_no
    FROM (
        SELECT c.*, t.season_type, {rule_columns}
        FROM coverage AS c
        JOIN season_types AS t ON t.row_no = c.row_no
        LEFT JOIN ({completeness}) AS p
            ON p.source = c.source AND p.data_type = c.data_type AND p.season = c.season
        WHERE c.verdict IN ('missing', 'stale', 'undersized')
    ) AS r
) AS g
LEFT JOIN prior AS f ON f.item = g.item AND f.state <> 'closed'

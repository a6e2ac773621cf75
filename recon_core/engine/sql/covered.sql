-- The keys with a change that lie in a listed range: of the ranges that begin at or before a key only the last can hold
-- it, since they do not overlap.
CREATE TEMP TABLE {table} AS
SELECT d.object_no
FROM (
    SELECT object_no, max(range_no) OVER (
        ORDER BY key, coalesce(object_no, 0) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS range_no
    FROM (
        SELECT "start" AS key, range_no, CAST(NULL AS BIGINT) AS object_no FROM {ranges}
        UNION ALL
        SELECT key, CAST(NULL AS BIGINT) AS range_no, object_no FROM differing WHERE change = '{change}'
    ) AS merged
) AS placed
JOIN {ranges} AS r ON r.range_no = placed.range_no
JOIN differing AS d ON d.object_no = placed.object_no
WHERE r."end" IS NULL OR d.key < r."end"

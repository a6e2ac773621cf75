-- Which of the keys lie in which of the ranges: of the ranges that begin at or before a key only the last can hold it,
-- since they do not overlap.
CREATE TEMP TABLE {table} AS
SELECT k.object_no, r.range_no
FROM (
    SELECT object_no, max(range_no) OVER (
        ORDER BY key, coalesce(object_no, -1) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS range_no
    FROM (
        SELECT "start" AS key, range_no, CAST(NULL AS BIGINT) AS object_no FROM {ranges}
        UNION ALL
        SELECT key, CAST(NULL AS BIGINT) AS range_no, object_no FROM ({keys}) AS wanted
    ) AS merged
) AS placed
JOIN {ranges} AS r ON r.range_no = placed.range_no
JOIN ({keys}) AS k ON k.object_no = placed.object_no
WHERE r."end" IS NULL OR k.key < r."end"

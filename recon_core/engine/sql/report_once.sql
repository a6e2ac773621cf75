-- Every key once: the newest of its rows.
SELECT key, size, last_modified, etag
FROM (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY key ORDER BY last_modified DESC NULLS LAST, size DESC NULLS LAST, etag NULLS LAST
        ) AS place
    FROM report_objects
    WHERE key IS NOT NULL
) AS placed
WHERE place = 1

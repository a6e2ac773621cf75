-- What a report says is in the lake: the current version of every object that is not deleted. The key is null where the
-- report's text of it cannot be decoded.
SELECT {relative_key} AS key, size, last_modified, etag
FROM (
    SELECT {key} AS key, {size} AS size, {last_modified} AS last_modified, {etag} AS etag
    FROM report_rows
    WHERE {current}
) AS held
WHERE key IS NULL OR ({wanted})

-- The report's objects, but for those of the key ranges that were listed afresh: these are as they were listed.
SELECT key, size, last_modified, etag
FROM (
    SELECT key, size, last_modified, etag
    FROM ({objects}) AS told
    WHERE key IS NOT NULL AND NOT ({afresh})
    UNION ALL
    SELECT key, size, last_modified, etag
    FROM listed_objects
) AS merged
ORDER BY key

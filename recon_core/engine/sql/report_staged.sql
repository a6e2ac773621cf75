-- What a report says is in the lake: the current version of every object that is not deleted. The key is null where the
-- report's text of it cannot be decoded. Of what else stands in the report, if that is kept at all, there is only the key,
-- beside the others: where the report looked, and how long it is, shows in all its rows.
SELECT
    CASE WHEN is_held THEN {relative_key} END AS key,
    CASE WHEN is_held THEN size END AS size,
    CASE WHEN is_held THEN last_modified END AS last_modified,
    CASE WHEN is_held THEN etag END AS etag,
    CASE WHEN NOT is_held THEN coalesce(key, '') END AS beside
FROM (
    SELECT key, size, last_modified, etag, is_current AND (key IS NULL OR ({wanted})) AS is_held
    FROM (
        SELECT {key} AS key, {size} AS size, {last_modified} AS last_modified, {etag} AS etag, {current} AS is_current
        FROM report_rows
    ) AS told
) AS sorted_out
WHERE {kept}

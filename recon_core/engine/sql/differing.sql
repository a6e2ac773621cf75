-- Every key that only one of two snapshots has, or that both have and not alike, in the order of the keys. What one of
-- them does not tell, such as an etag, is no difference.
CREATE TEMP TABLE differing AS
SELECT row_number() OVER (ORDER BY key) AS object_no, *
FROM (
    SELECT
        coalesce(a.key, b.key) AS key, b.size AS size_before, a.size AS size_after,
        CASE WHEN b.key IS NULL THEN 'appeared' WHEN a.key IS NULL THEN 'vanished' ELSE 'changed' END AS change,
        coalesce(b.size = a.size AND b.etag = a.etag, false) AS same_content
    FROM objects_before AS b
    FULL JOIN objects_after AS a ON a.key = b.key
    WHERE a.key IS NULL OR b.key IS NULL OR coalesce(a.size <> b.size, false)
        OR coalesce(a.last_modified <> b.last_modified, false) OR coalesce(a.etag <> b.etag, false)
) AS unlike

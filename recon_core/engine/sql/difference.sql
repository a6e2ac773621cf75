-- What changed, by what kind of change, whose dataset, and the shape of the keys. A key that vanished into a hole did
-- not vanish, and one that came out of a hole did not appear: that is not known.
CREATE TEMP TABLE difference AS
SELECT
    change, source, data_type, shape, count(*) AS objects,
    coalesce(sum(size_before), 0) AS bytes_before, coalesce(sum(size_after), 0) AS bytes_after,
    sum(CASE WHEN same_content THEN 1 ELSE 0 END) AS same_content, min(key) AS first_key, max(key) AS last_key
FROM (
    SELECT
        CASE
            WHEN d.change = 'appeared' AND p.object_no IS NULL THEN 'unseen_before'
            WHEN d.change = 'vanished' AND n.object_no IS NULL THEN 'unseen_now'
            ELSE d.change
        END AS change,
        d.key, d.size_before, d.size_after, d.same_content, l.source, l.data_type, {shape} AS shape
    FROM differing AS d
    LEFT JOIN covered_before AS p ON p.object_no = d.object_no
    LEFT JOIN covered_after AS n ON n.object_no = d.object_no
    LEFT JOIN recognised AS k ON k.object_no = d.object_no
    LEFT JOIN layouts AS l ON l.template_no = k.template_no
) AS told
GROUP BY change, source, data_type, shape

-- What a container is that is no item's best copy. One that was not read, or holds what some schedule knows, is out of
-- scope: only one that was read, and holds nothing that anyone knows, is nobody's.
INSERT INTO kinds
SELECT
    c.object_no, NULL AS item_no, c.template_no, NULL AS value,
    CASE
        WHEN w.object_no IS NOT NULL THEN 'duplicate'
        WHEN r.object_no IS NULL OR k.object_no IS NOT NULL OR NOT l.all_stored THEN 'out_of_scope'
        ELSE 'orphan'
    END AS kind
FROM containers AS c
JOIN layout_uses AS l ON l.template_no = c.template_no
LEFT JOIN (SELECT DISTINCT object_no FROM held WHERE item_no IS NOT NULL) AS w ON w.object_no = c.object_no
LEFT JOIN (SELECT object_no FROM container_states WHERE error IS NULL) AS r ON r.object_no = c.object_no
LEFT JOIN (SELECT DISTINCT object_no FROM held_strays WHERE known) AS k ON k.object_no = c.object_no
LEFT JOIN (SELECT DISTINCT object_no FROM best) AS b ON b.object_no = c.object_no
WHERE b.object_no IS NULL

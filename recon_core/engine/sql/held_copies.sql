-- Each item that lies in a container has a copy there, once, though it may have several ids.
INSERT INTO seen
SELECT c.object_no, c.size, c.last_modified, c.template_no, h.item_no, h.id_no, NULL AS value
FROM (
    SELECT object_no, item_no, min(id_no) AS id_no FROM held WHERE item_no IS NOT NULL GROUP BY object_no, item_no
) AS h
JOIN containers AS c ON c.object_no = h.object_no

-- Every object that is no item's best copy, in the order of the keys.
SELECT
    o.key, o.size, o.last_modified,
    coalesce(k.kind, 'unrecognised') AS kind,
    l.source, l.data_type,
    coalesce(d.item, l.source || '/' || l.data_type || '/' || {stray_values}) AS item
FROM objects_in_lake AS o
LEFT JOIN best AS b ON b.object_no = o.object_no
LEFT JOIN kinds AS k ON k.object_no = o.object_no
LEFT JOIN layout_uses AS l ON l.template_no = k.template_no
LEFT JOIN duplicates AS d ON d.object_no = o.object_no
WHERE b.object_no IS NULL
ORDER BY o.object_no

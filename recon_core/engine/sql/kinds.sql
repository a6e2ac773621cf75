-- What every object is that is no item's best copy. A recognised one is out of scope while some stored schedule knows
-- its game, or while some season's schedule is not stored; only then is it nobody's. Containers have rules of their own.
CREATE TABLE kinds AS
SELECT
    s.object_no, s.item_no, s.template_no, s.value,
    CASE
        WHEN s.item_no IS NOT NULL THEN 'duplicate'
        WHEN k.value IS NOT NULL OR NOT l.all_stored THEN 'out_of_scope'
        ELSE 'orphan'
    END AS kind
FROM seen AS s
JOIN layout_uses AS l ON l.template_no = s.template_no
LEFT JOIN best AS b ON b.object_no = s.object_no
LEFT JOIN ({known}) AS k ON s.item_no IS NULL AND k.template_no = s.template_no AND k.value = s.value
WHERE b.object_no IS NULL AND NOT l.inside

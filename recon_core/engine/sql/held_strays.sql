-- What lies in containers and is no wanted item, as far as games could give it; and whether some schedule knows it.
CREATE TABLE held_strays AS
SELECT h.object_no, h.template_no, h.value, c.key, k.value IS NOT NULL AS known
FROM (
    SELECT h.object_no, h.template_no, h.value, CASE h.template_no {grain_cases} END AS item_value
    FROM held AS h
    JOIN containers AS c ON c.object_no = h.object_no
    WHERE h.item_no IS NULL
) AS h
JOIN containers AS c ON c.object_no = h.object_no
LEFT JOIN ({known}) AS k ON k.template_no = h.template_no AND k.value = h.item_value

-- The item whose copy each recognised key is. What a key says is kept only where no item claims it.
CREATE TABLE seen AS
SELECT
    o.object_no, o.size, o.last_modified, o.template_no, i.item_no, i.id_no,
    CASE WHEN i.item_no IS NULL THEN CASE o.template_no {grain_cases} END END AS value
FROM ({matched}) AS o
LEFT JOIN ids AS i ON i.signature_no = o.signature_no AND i.value = o.value

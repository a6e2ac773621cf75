-- One pass over the keys: which template each one matches, what it says, and the item whose copy it is. What a key
-- says is kept only where no item claims it.
CREATE TABLE seen AS
SELECT
    o.object_no, o.size, o.last_modified, o.template_no, i.item_no, i.id_no,
    CASE WHEN i.item_no IS NULL THEN CASE o.template_no {grain_cases} END END AS value
FROM (
    SELECT
        object_no, key, size, last_modified, template_no,
        CASE template_no {signature_cases} END AS signature_no,
        CASE template_no {value_cases} END AS value
    FROM (
        SELECT
            object_no, key, size, last_modified,
            CASE {match_cases} END AS template_no
        FROM objects_in_lake
    ) AS matched
    WHERE template_no IS NOT NULL
) AS o
LEFT JOIN ids AS i ON i.signature_no = o.signature_no AND i.value = o.value

-- One pass over the keys: which template each one matches, and what it says.
SELECT
    object_no, key, size, last_modified, template_no,
    CASE template_no {signature_cases} END AS signature_no,
    CASE template_no {value_cases} END AS value
FROM (
    SELECT
        object_no, key, size, last_modified,
        CASE {match_cases} END AS template_no
    FROM objects_in_lake
) AS read
WHERE template_no IS NOT NULL

-- The objects that are containers, with what their keys say of the items inside, written as the items' own ids are.
CREATE TABLE containers AS
SELECT
    s.object_no, o.key, s.size, s.last_modified, o.etag, s.template_no,
    CASE s.template_no {signature_cases} END AS signature_no,
    CASE s.template_no {said_cases} END AS said
FROM seen AS s
JOIN objects_in_lake AS o ON o.object_no = s.object_no
WHERE s.template_no IN ({templates})

-- What the containers that were read hold, and whose item each value is.
CREATE TABLE held AS
SELECT v.object_no, c.template_no, v.value, i.item_no, i.id_no
FROM inside AS v
JOIN containers AS c ON c.object_no = v.object_no
LEFT JOIN ({ids}) AS i ON i.signature_no = c.signature_no AND i.value = coalesce(c.said || {escaped_value}, v.value)

-- Ids in containers that no stored schedule knows: how many there are, and where the first of them lies.
SELECT n.source, n.data_type, n.ids, n.example, min(s.key) AS key
FROM (
    SELECT l.source, l.data_type, count(DISTINCT s.value) AS ids, min(s.value) AS example
    FROM held_strays AS s
    JOIN layout_uses AS l ON l.template_no = s.template_no
    WHERE NOT s.known AND s.template_no IN ({templates})
    GROUP BY l.source, l.data_type
) AS n
JOIN layout_uses AS l ON l.source = n.source AND l.data_type = n.data_type
JOIN held_strays AS s ON s.template_no = l.template_no AND s.value = n.example AND NOT s.known
GROUP BY n.source, n.data_type, n.ids, n.example
ORDER BY n.source, n.data_type

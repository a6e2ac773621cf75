-- Due items without a good copy.
CREATE TEMP TABLE lacking AS
SELECT i.*
FROM items AS i
LEFT JOIN best AS b ON b.item_no = i.item_no
WHERE i.due_at <= {now} AND NOT coalesce(b.size >= b.floor AND b.last_modified >= i.need, false)

-- What another tool named and no schedule gives. Once a schedule gives it, under whichever of its game's ids, its own item
-- stands for it.
INSERT INTO items
SELECT n.*
FROM ({items}) AS n
LEFT JOIN items AS i
    ON i.dataset_no = n.dataset_no AND {same}
LEFT JOIN (SELECT DISTINCT dataset_no, alt_id FROM alternatives) AS o
    ON o.dataset_no = n.dataset_no AND o.alt_id = n.g0
WHERE i.item_no IS NULL AND o.alt_id IS NULL

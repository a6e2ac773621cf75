-- What another tool named and no schedule gives. Once a schedule gives it, its own item stands for it.
INSERT INTO items
SELECT n.*
FROM ({items}) AS n
LEFT JOIN items AS i
    ON i.dataset_no = n.dataset_no AND coalesce(i.g0, '') = coalesce(n.g0, '') AND coalesce(i.g1, '') = coalesce(n.g1, '')
    AND coalesce(i.g2, '') = coalesce(n.g2, '') AND coalesce(i.g3, '') = coalesce(n.g3, '')
WHERE i.item_no IS NULL

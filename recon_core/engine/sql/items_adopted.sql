-- What another tool named and no schedule gives. Once a schedule gives it, its own item stands for it.
INSERT INTO items
SELECT n.*
FROM ({items}) AS n
LEFT JOIN items AS i
    ON i.dataset_no = n.dataset_no AND {same}
WHERE i.item_no IS NULL

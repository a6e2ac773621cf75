-- The items of further copies by name: few, where the items are many, so they are joined before the objects are.
CREATE TABLE duplicates AS
SELECT k.object_no, d.source || '/' || d.data_type || '/' || {item_values} AS item
FROM kinds AS k
JOIN items AS i ON i.item_no = k.item_no
JOIN datasets AS d ON d.dataset_no = i.dataset_no
WHERE k.kind = 'duplicate'

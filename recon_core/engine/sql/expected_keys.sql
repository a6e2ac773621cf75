-- Every candidate key of every expected item, in the order of the keys.
CREATE TABLE expected_keys AS
SELECT
    row_number() OVER (ORDER BY k.key, k.item_no) - 1 AS key_no,
    k.key, i.dataset_no, i.item_no, i.season, i.date, i.due_at
FROM (SELECT DISTINCT item_no, key FROM ({candidates}) AS rendered WHERE key IS NOT NULL) AS k
JOIN items AS i ON i.item_no = k.item_no
ORDER BY k.key, i.item_no

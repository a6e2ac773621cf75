-- All candidate keys of the sampled items, and how many keys of others were passed since the last of them.
CREATE TABLE sampled_keys AS
SELECT k.key_no, k.key, k.key_no - lag(k.key_no) OVER (ORDER BY k.key_no) - 1 AS passed
FROM expected_keys AS k
LEFT JOIN sampled_items AS s ON s.item_no = k.item_no
WHERE s.item_no IS NOT NULL OR k.dataset_no IN ({whole})

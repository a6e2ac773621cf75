-- The sampled cluster of every due item: the last that begins at or before its target key.
CREATE TABLE item_clusters AS
SELECT k.item_no, c.cluster_no
FROM (SELECT item_no, {target_key} AS key FROM items WHERE due_at <= {now}) AS k
JOIN clusters AS c ON k.key >= c.first_key AND k.key < c.next_key

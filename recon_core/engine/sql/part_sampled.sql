-- The datasets and seasons of which only a sample was seen, with enough items that the median size may count.
CREATE TABLE part_sampled AS
SELECT i.dataset_no, i.season
FROM items AS i
JOIN datasets AS d ON d.dataset_no = i.dataset_no
LEFT JOIN (SELECT DISTINCT item_no FROM evidence WHERE state = 'sampled out') AS e ON e.item_no = i.item_no
WHERE i.due_at <= {now} AND d.ratio_numerator > 0
GROUP BY i.dataset_no, i.season
HAVING count(e.item_no) > 0 AND sum(1 + coalesce(len(i.alt_ids), 0)) >= min(d.min_copies)

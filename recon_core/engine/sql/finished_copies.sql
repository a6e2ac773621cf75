-- Every copy of an item, with its size where it counts for the median: of a due item, and finished.
SELECT
    i.dataset_no, i.season, c.template_no,
    CASE WHEN i.due_at <= {now} AND c.last_modified >= i.final_at THEN c.size END AS size
FROM seen AS c
JOIN items AS i ON i.item_no = c.item_no

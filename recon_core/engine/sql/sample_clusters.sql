-- Clusters of so many neighbours, numbered from the smallest key of each space on.
CREATE TABLE clustered AS
SELECT
    a.item_no, a.key, s.space_no,
    (row_number() OVER (PARTITION BY s.space_no ORDER BY a.key, a.item_no) - 1) // {size} AS cluster_no
FROM anchors AS a
JOIN spaces AS s ON s.dataset_no = a.dataset_no

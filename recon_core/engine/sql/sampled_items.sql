-- The items of the clusters that were picked.
CREATE TABLE sampled_items AS
SELECT p.item_no, p.key, p.space_no, p.cluster_no
FROM clustered AS p
JOIN picked AS c ON c.space_no = p.space_no AND c.cluster_no = p.cluster_no

-- Every expected item that a sample can leave out, with the key in whose order the items are neighbours.
CREATE TABLE anchors AS
SELECT item_no, dataset_no, season, key
FROM (SELECT item_no, dataset_no, season, {target_key} AS key FROM items) AS targets
WHERE key IS NOT NULL AND dataset_no NOT IN ({whole})

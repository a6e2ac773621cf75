-- Per dataset that lost items: how many, of how many that had a copy and of which this analysis can tell, and the
-- commonest shape of the keys under which the lost ones lay.
SELECT l.source, l.data_type, l.lost, k.known, s.shape
FROM (
    SELECT source, data_type, count(*) AS lost
    FROM losses WHERE state = 'missing'
    GROUP BY source, data_type
) AS l
JOIN (
    SELECT n.source, n.data_type, count(*) AS known
    FROM coverage AS n
    JOIN (SELECT DISTINCT item FROM earlier) AS e ON e.item = n.item
    WHERE n.verdict IN ('present', 'missing', 'stale', 'undersized')
    GROUP BY n.source, n.data_type
) AS k ON k.source = l.source AND k.data_type = l.data_type
JOIN (
    SELECT source, data_type, shape, row_number() OVER (PARTITION BY source, data_type ORDER BY n DESC, shape) AS place
    FROM (
        SELECT source, data_type, {shape} AS shape, count(*) AS n
        FROM losses WHERE state = 'missing'
        GROUP BY source, data_type, {shape}
    ) AS shaped
) AS s ON s.source = l.source AND s.data_type = l.data_type AND s.place = 1
ORDER BY l.source, l.data_type

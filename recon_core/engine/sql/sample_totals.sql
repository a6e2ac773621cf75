-- What the sampled clusters of each source, data type and season hold, as the sums that an interval is made of. An item
-- of which even a sampled key does not tell whether its copy is large enough counts as a gap in "most" only.
SELECT
    g.source, g.data_type, g.season, g.due,
    c.clusters, c.items, c.items_squared,
    c.least, c.least_squared, c.items_least,
    c.most, c.most_squared, c.items_most
FROM (
    SELECT source, data_type, season, count(*) AS due
    FROM {coverage}
    WHERE verdict IN ('present', 'missing', 'stale', 'undersized', 'unknown')
    GROUP BY source, data_type, season
) AS g
JOIN (
    SELECT
        source, data_type, season, count(*) AS clusters,
        sum(items) AS items, sum(items * items) AS items_squared,
        sum(least) AS least, sum(least * least) AS least_squared, sum(items * least) AS items_least,
        sum(most) AS most, sum(most * most) AS most_squared, sum(items * most) AS items_most
    FROM (
        SELECT
            source, data_type, season, cluster, count(*) AS items,
            sum(CASE WHEN verdict IN ('missing', 'stale', 'undersized') THEN 1 ELSE 0 END) AS least,
            sum(CASE WHEN verdict <> 'present' THEN 1 ELSE 0 END) AS most
        FROM {coverage}
        WHERE cluster IS NOT NULL AND verdict IN ('present', 'missing', 'stale', 'undersized', 'unknown')
        GROUP BY source, data_type, season, cluster
    ) AS clusters
    GROUP BY source, data_type, season
) AS c ON c.source = g.source AND c.data_type = g.data_type AND c.season = g.season

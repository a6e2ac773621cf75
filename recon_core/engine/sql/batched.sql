-- Every gap's place in its group, oldest first.
CREATE TABLE batched AS
SELECT *, (place - 1) // {batch_size} AS batch
FROM (
    SELECT
        g.*,
        CASE {scraper_cases} END AS scraper,
        {withheld} AS withheld,
        row_number() OVER (
            PARTITION BY priority, source, CASE {scraper_cases} END, data_type, season
            ORDER BY date NULLS FIRST, item
        ) AS place
    FROM gaps AS g
) AS placed

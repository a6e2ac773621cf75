-- Every gap's place in its group, oldest first. One file closes all gaps inside a container, so they are not cut.
CREATE TABLE batched AS
SELECT *, CASE WHEN container = '' THEN (place - 1) // {batch_size} ELSE 0 END AS batch
FROM (
    SELECT
        g.*,
        CASE {scraper_cases} END AS scraper,
        {withheld} AS withheld,
        {container} AS container,
        row_number() OVER (
            PARTITION BY priority, source, CASE {scraper_cases} END, data_type, season, {container}
            ORDER BY date NULLS FIRST, item
        ) AS place
    FROM gaps AS g
) AS placed

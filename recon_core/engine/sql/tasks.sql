-- Gaps in batches that one scraper can close. Batches are cut from the oldest end, so a new gap changes one task only.
CREATE TABLE tasks AS
SELECT
    *,
    row_number() OVER (ORDER BY {priority_rank}, newest DESC NULLS LAST, source, data_type, season, scraper, id) AS task_no,
    row_number() OVER (
        PARTITION BY priority ORDER BY newest DESC NULLS LAST, source, data_type, season, scraper, id
    ) AS priority_no
FROM (
    SELECT
        'task_' || substr(sha256(string_agg(item, chr(10) ORDER BY item)), 1, 12) AS id,
        priority, source, scraper, data_type, season, container, batch,
        count(*) AS gaps, max(date) AS newest
    FROM batched
    WHERE NOT withheld
    GROUP BY priority, source, scraper, data_type, season, container, batch
) AS cut

-- The items of the kept tasks in the order of the file, each as the JSON text that the queue holds. What other sources
-- have of a game stands there only where they have some.
SELECT
    task_no,
    CASE
        WHEN available_from IS NULL THEN entry
        ELSE substr(entry, 1, length(entry) - 1) || ',"available_from":' || CAST(to_json(available_from) AS VARCHAR) || '}}'
    END AS entry
FROM (
    SELECT
        t.task_no, b.place, a.available_from,
        CAST(to_json(struct_pack(
            item := b.item, verdict := b.verdict, target_key := b.target_key, found_key := b.found_key,
            fields := CAST(b.fields AS JSON),
            first_seen := CASE
                WHEN microsecond(b.first_seen) % 1000000 = 0 THEN strftime(b.first_seen, '%Y-%m-%dT%H:%M:%SZ')
                ELSE strftime(b.first_seen, '%Y-%m-%dT%H:%M:%S.%fZ')
            END,
            rule := b.rule, reason := b.reason
        )) AS VARCHAR) AS entry
    FROM batched AS b
    JOIN kept_tasks AS t
        ON t.priority = b.priority AND t.source = b.source AND t.scraper = b.scraper
        AND t.data_type = b.data_type AND t.season = b.season AND t.container = b.container
        AND t.batch = b.batch
    LEFT JOIN available AS a ON a.item = b.item
    WHERE NOT b.withheld
) AS entries
ORDER BY task_no, place DESC

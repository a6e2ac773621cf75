-- Stretches of days on which not one file of a data type has data: of all that was due on those days, each is missing or
-- an empty shell. A day without due items neither breaks a stretch nor counts; a day with an unknown item breaks it.
SELECT
    source, data_type, season, min(date) AS first, max(date) AS last, count(*) AS days,
    CAST(sum(items) AS BIGINT) AS items
FROM (
    SELECT
        *,
        row_number() OVER (PARTITION BY source, data_type, season ORDER BY date)
        - row_number() OVER (PARTITION BY source, data_type, season, dark ORDER BY date) AS stretch
    FROM (
        SELECT
            source, data_type, season, date, count(*) AS items, bool_and(verdict IN ('missing', 'undersized')) AS dark
        FROM {coverage}
        WHERE date IS NOT NULL AND verdict NOT IN ('not_due', 'excused') {condition}
        GROUP BY source, data_type, season, date
    ) AS by_day
) AS numbered
WHERE dark
GROUP BY source, data_type, season, stretch
HAVING count(*) >= {least_days}

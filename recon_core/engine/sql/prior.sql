-- Earlier gaps: the queue's word counts, the ledger adds what the queue does not hold.
CREATE OR REPLACE TABLE prior AS
SELECT
    coalesce(q.item, l.item) AS item,
    coalesce(q.source, l.source) AS source,
    coalesce(q.data_type, l.data_type) AS data_type,
    coalesce(q.season, l.season) AS season,
    coalesce(q.state, l.state) AS state,
    coalesce(q.first_seen, l.first_seen) AS first_seen,
    CASE WHEN q.item IS NULL THEN l.unverified_since ELSE q.unverified_since END AS unverified_since
FROM queue_rows AS q
FULL JOIN ({ledger_rows}) AS l ON l.item = q.item

-- How many gaps are new, closed and back again since the previous queue.
SELECT
    (SELECT count(*) FROM gaps AS g LEFT JOIN prior AS p ON p.item = g.item WHERE p.item IS NULL) AS new,
    (
        SELECT count(*)
        FROM prior AS p
        LEFT JOIN gaps AS g ON g.item = p.item
        LEFT JOIN unverified AS u ON u.item = p.item
        WHERE p.state <> 'closed' AND g.item IS NULL AND u.item IS NULL
    ) AS closed,
    (SELECT count(*) FROM gaps AS g JOIN prior AS p ON p.item = g.item WHERE p.state = 'closed') AS reopened

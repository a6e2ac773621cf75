-- What the next cycle must know of every gap so far: since when it is open or unverified, or that it was closed.
SELECT item, source, data_type, season, 'open' AS state, first_seen, CAST(NULL AS TIMESTAMP) AS unverified_since FROM gaps
UNION ALL
SELECT item, source, data_type, season, 'unverified', first_seen, since FROM unverified
UNION ALL
SELECT p.item, p.source, p.data_type, p.season, 'closed', p.first_seen, NULL
FROM prior AS p
LEFT JOIN gaps AS g ON g.item = p.item
LEFT JOIN unverified AS u ON u.item = p.item
WHERE g.item IS NULL AND u.item IS NULL
ORDER BY item

-- Stretches of keys in which something is to be looked at again, no more than there are marks: between two marks lie about
-- as many objects as a page of a listing holds, so what lies between the same two is listed together.
SELECT min(key) AS first, max(key) AS last
FROM (
    SELECT key, is_mark, sum(is_mark) OVER (ORDER BY key, is_mark DESC ROWS UNBOUNDED PRECEDING) AS page
    FROM (
        SELECT key, 1 AS is_mark FROM ({marks}) AS marks
        UNION ALL
        SELECT key, 0 AS is_mark FROM ({candidates}) AS wanted WHERE key IS NOT NULL
    ) AS both_kinds
) AS paged
WHERE is_mark = 0
GROUP BY page
ORDER BY first

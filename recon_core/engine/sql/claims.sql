-- The items that each claim may mean: named as an item, by a key, by a game's id, or by the only value of its name.
SELECT DISTINCT c.claim_no, {columns}
FROM (
    SELECT c.claim_no, v.item FROM claims AS c JOIN {coverage} AS v ON v.item = c.name
    UNION ALL
    SELECT c.claim_no, v.item FROM claims AS c JOIN {coverage} AS v ON v.target_key = c.name
    UNION ALL
    SELECT c.claim_no, v.item FROM claims AS c JOIN {coverage} AS v ON v.found_key = c.name
    UNION ALL
    SELECT c.claim_no, v.item FROM claims AS c JOIN {coverage} AS v ON v.game_id = c.name
    UNION ALL
    SELECT c.claim_no, v.item FROM claims AS c JOIN {coverage} AS v ON split_part(v.item, '/', 3) = c.value
    WHERE split_part(v.item, '/', 4) = ''
) AS m
JOIN claims AS c ON c.claim_no = m.claim_no
JOIN {coverage} AS v ON v.item = m.item
WHERE coalesce(c.source = v.source, true)
    AND coalesce(c.data_type = v.data_type, true)
    AND coalesce(c.season = v.season, true)
ORDER BY c.claim_no, v.item

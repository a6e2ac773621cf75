-- Of each gap of a game: the data of that game that other sources have in the lake.
SELECT item, string_split(string_agg(name, '|' ORDER BY name), '|') AS available_from
FROM (
    SELECT DISTINCT g.item, c.source || '/' || c.data_type AS name
    FROM gaps AS g
    JOIN matches AS m ON m.source = g.source AND m.game_id = g.game_id
    JOIN matches AS o
        ON o.league = m.league AND o.date = m.date AND o.home = m.home AND o.away = m.away AND o.ordinal = m.ordinal
        AND o.source <> m.source
    JOIN coverage AS c ON c.source = o.source AND c.game_id = o.game_id
    WHERE c.verdict = 'present'
) AS had
GROUP BY item
ORDER BY item

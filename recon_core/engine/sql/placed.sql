-- Where the rows of every schedule stand in their league: date, teams by the league's codes, and which game of the day.
-- A game with a team that its plugin's table does not know has no place.
CREATE TABLE placed AS
SELECT
    g.source_no, g.game_id, g.season, g.season_type, coalesce(g.league, s.league) AS league,
    g.date, h.team AS home, a.team AS away, g.ordinal,
    g.status, g.pulled_at, g.start_utc, g.final_at,
    g.status IN ('cancelled', 'postponed') AS off
FROM stored_games AS g
JOIN sources AS s ON s.source_no = g.source_no
JOIN team_codes AS h ON h.source_no = g.source_no AND h.code = g.home
JOIN team_codes AS a ON a.source_no = g.source_no AND a.code = g.away
WHERE coalesce(g.league, s.league) IS NOT NULL

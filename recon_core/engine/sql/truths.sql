-- What all sources together say of each game: any `final` wins, else the latest pulled; of equally new ones the one that
-- calls the game off, since it leaves nothing proved. `seen_at` is when a schedule last had the game as being played.
CREATE TABLE truths AS
SELECT
    league, date, home, away, ordinal,
    count(*) AS sources,
    bool_or(final) AS final,
    NOT bool_or(final) AND bool_or(off) AND (
        bool_or(off AND off_at IS NULL)
        OR coalesce(max(CASE WHEN off THEN off_at END) >= max(CASE WHEN NOT off THEN seen_at END), true)
    ) AS off,
    max(CASE WHEN NOT off THEN seen_at END) AS seen_at
FROM stances
GROUP BY league, date, home, away, ordinal

-- An item of a coarser grain: due by its first game, settled by its last; proved by the games that are proved alone. A
-- copy that is too old by what all games ask and by what the proved ones ask is proved to be stale.
SELECT
    {first_no} + row_number() OVER (ORDER BY g0, g1, g2, g3) AS item_no,
    {dataset_no} AS dataset_no, season, g0, g1, g2, g3, date,
    NULL AS home, NULL AS away, NULL AS season_type, NULL AS alt_ids, off, gone AS unavailable,
    first_final AS final_at, last_settled AS settled_at, first_final + {lag} AS due_at, {need} AS need,
    first_proved + {lag} AS proved_due, least({need}, {proved_need}) AS proved_need,
    false AS off_elsewhere
FROM (
    SELECT
        g0, g1, g2, g3, min(season) AS season, min(date) AS date, bool_and(off) AS off, bool_or(gone) AS gone,
        min(final_at) AS first_final,
        max(final_at) + {settle} AS last_settled,
        max(CASE WHEN final_at <= {now} THEN final_at END) AS last_finished,
        min(CASE WHEN proved THEN final_at END) AS first_proved,
        max(CASE WHEN proved THEN final_at END) + {settle} AS last_proved_settled,
        max(CASE WHEN proved AND final_at <= {now} THEN final_at END) AS last_proved_finished
    FROM ({occurrences}) AS occurrences
    GROUP BY g0, g1, g2, g3
) AS grouped

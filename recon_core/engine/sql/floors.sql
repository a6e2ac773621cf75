-- The size below which a copy is an empty shell: a share of the lower median of due items' finished copies, as far as
-- their sizes and times are told.
CREATE TABLE floors AS
SELECT
    d.dataset_no, m.season, m.template_no,
    greatest(
        d.min_size,
        CASE
            WHEN m.copies >= d.min_copies THEN (m.median * d.ratio_numerator + d.ratio_denominator - 1) // d.ratio_denominator
            ELSE 0
        END
    ) AS floor
FROM (
    SELECT
        i.dataset_no, i.season, c.template_no, count(*) AS copies,
        CAST(percentile_disc(0.5) WITHIN GROUP (ORDER BY c.size) AS HUGEINT) AS median
    FROM seen AS c
    JOIN items AS i ON i.item_no = c.item_no
    WHERE i.due_at <= {now} AND c.last_modified >= i.final_at AND c.size IS NOT NULL
    GROUP BY i.dataset_no, i.season, c.template_no
) AS m
JOIN datasets AS d ON d.dataset_no = m.dataset_no

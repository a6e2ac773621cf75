-- As floors, where only a sample was seen. The median of all copies is then not known: a copy is certainly large enough
-- by a floor that the true one hardly exceeds, made of the larger copies of the season and of the median of all seasons;
-- it is certainly too small only below the least size of any copy. A handful of copies is too few to tell either.
CREATE TABLE floors AS
SELECT
    g.dataset_no, g.season, g.template_no,
    greatest(d.min_size, (g.typical * d.ratio_numerator + d.ratio_denominator - 1) // d.ratio_denominator) AS floor,
    CASE
        WHEN g.part THEN d.min_size
        ELSE greatest(d.min_size, (g.typical * d.ratio_numerator + d.ratio_denominator - 1) // d.ratio_denominator)
    END AS least
FROM (
    SELECT
        s.dataset_no, s.season, s.template_no, p.dataset_no IS NOT NULL AS part,
        CASE
            WHEN p.dataset_no IS NULL THEN CASE WHEN s.copies >= b.min_copies THEN coalesce(s.median, 0) ELSE 0 END
            WHEN coalesce(a.copies, 0) < 5 THEN 9223372036854775807
            ELSE greatest(
                coalesce(CASE WHEN s.copies >= b.min_copies THEN s.quartile ELSE s.largest END, 0), a.median
            )
        END AS typical
    FROM (
        SELECT
            dataset_no, season, template_no, count(size) AS copies,
            CAST(percentile_disc(0.5) WITHIN GROUP (ORDER BY size) AS HUGEINT) AS median,
            CAST(percentile_disc(0.75) WITHIN GROUP (ORDER BY size) AS HUGEINT) AS quartile,
            CAST(max(size) AS HUGEINT) AS largest
        FROM ({copies}) AS sized
        GROUP BY dataset_no, season, template_no
    ) AS s
    JOIN datasets AS b ON b.dataset_no = s.dataset_no
    LEFT JOIN part_sampled AS p ON p.dataset_no = s.dataset_no AND p.season = s.season
    LEFT JOIN (
        SELECT
            dataset_no, template_no, count(size) AS copies,
            CAST(percentile_disc(0.5) WITHIN GROUP (ORDER BY size) AS HUGEINT) AS median
        FROM ({copies}) AS sized
        GROUP BY dataset_no, template_no
    ) AS a ON a.dataset_no = s.dataset_no AND a.template_no = s.template_no
) AS g
JOIN datasets AS d ON d.dataset_no = g.dataset_no

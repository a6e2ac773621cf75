-- Of an item's copies the one that speaks for it: the newest that is large enough, else the newest. A copy whose size
-- or time is not told comes after those of which both are; ``untold`` is how many an item has of them.
CREATE TABLE best AS
SELECT item_no, object_no, template_no, id_no, size, last_modified, {floor} AS floor, copies, untold, doubtful_until
FROM (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY item_no
            ORDER BY coalesce(size >= floor, false) DESC, last_modified DESC NULLS LAST, template_no, object_no
        ) AS place,
        count(*) OVER (PARTITION BY item_no) AS copies,
        sum(CASE WHEN size IS NULL OR last_modified IS NULL THEN 1 ELSE 0 END) OVER (PARTITION BY item_no) AS untold,
        {doubtful_until} AS doubtful_until
    FROM (
        SELECT
            c.item_no, c.object_no, c.template_no, c.id_no, c.size, c.last_modified,
            coalesce(f.floor, d.min_size) AS floor,
            coalesce({least}, d.min_size) AS least
        FROM seen AS c
        JOIN items AS i ON i.item_no = c.item_no
        JOIN datasets AS d ON d.dataset_no = i.dataset_no
        LEFT JOIN floors AS f
            ON f.dataset_no = i.dataset_no AND f.season = i.season AND f.template_no = c.template_no
    ) AS sized
) AS placed
WHERE place = 1

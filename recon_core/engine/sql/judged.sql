-- The verdict of every item: the first line that holds.
CREATE {relation} judged AS
SELECT
    *,
    CASE
        WHEN source_failed IS NOT NULL THEN 'unknown'
        WHEN off THEN 'excused'
        WHEN due_at IS NULL OR {now} < due_at THEN 'not_due'
        WHEN found AND size >= floor AND last_modified >= need THEN 'present'
        WHEN doubt IS NOT NULL THEN 'unknown'
        WHEN NOT found THEN 'missing'
        WHEN size < floor THEN 'undersized'
        ELSE 'stale'
    END AS verdict
FROM (
    SELECT
        *,
        CASE
            WHEN source_failed IS NOT NULL THEN 'plugin failed: ' || source_failed
            WHEN due_at IS NULL OR {now} < due_at OR (found AND size >= floor AND last_modified >= need) THEN NULL
            WHEN {unfit} THEN
                'no key: a value of the item does not fit the key templates, so no file of it could be recognised'
            WHEN evidence_state = 'denied' THEN 'denied: ' || evidence_error
            WHEN evidence_state = 'not scanned' THEN 'not scanned: ' || evidence_error
            WHEN evidence_state = 'sampled out' THEN 'sampled out: ' || evidence_error
            WHEN untold = 0 AND doubtful_until IS NOT NULL AND (size < floor OR doubtful_until >= need) THEN
                'sampled out: of too many other copies to tell whether this one is large enough'
            WHEN unread_error IS NOT NULL THEN 'unreadable: ' || unread_error
            WHEN evidence_at < due_at THEN
                'evidence too old: listed ' || {evidence_minutes} || ', due ' || {due_minutes}
            WHEN untold > 0 THEN
                'no size or time: the inventory report does not tell how large or how new every copy of it is'
            WHEN (proved_due IS NULL OR proved_due > {now}) AND found AND size >= floor AND evidence_at < need THEN
                'evidence too old: listed ' || {evidence_minutes} || ', a copy from ' || {need_minutes} || ' is needed'
            WHEN off_elsewhere AND proved_due IS NULL THEN
                'schedule: that of another source calls the game off and was pulled later'
            WHEN proved_due IS NULL OR proved_due > {now} THEN
                'schedule: not pulled since the game was to end, so it may have been postponed'
            WHEN evidence_at < proved_due THEN
                'evidence too old: listed ' || {evidence_minutes} || ', proved due ' || {proved_due_minutes}
            WHEN found AND size >= floor AND last_modified >= proved_need THEN
                'schedule: not pulled since the last game was to end, so nothing may have been added'
            WHEN found AND size >= floor AND evidence_at < proved_need THEN
                'evidence too old: listed ' || {evidence_minutes} || ', a copy from ' || {need_minutes} || ' is needed'
        END AS doubt,
        {cluster} AS cluster
    FROM (
        SELECT
            i.*, d.source, d.data_type, d.required, d.keys_per_id, d.inside, d.source_failed,
            b.item_no IS NOT NULL AS found,
            b.object_no, b.template_no, b.id_no, b.size, b.last_modified, b.floor, coalesce(b.copies, 0) AS copies,
            coalesce(b.untold, 0) AS untold, b.doubtful_until,
            {parsed_key} AS parsed_key, {unread_error} AS unread_error,
            {evidence_columns},
            {nearest_cluster} AS nearest_cluster
        FROM items AS i
        JOIN datasets AS d ON d.dataset_no = i.dataset_no
        LEFT JOIN best AS b ON b.item_no = i.item_no
        {parsed_join}
        {unread_join}
        {evidence_join}
        {cluster_join}
    ) AS witnessed
) AS doubted

-- Rows as users read them: names, keys and one sentence that says why.
CREATE VIEW reasoned AS
SELECT
    item_no, dataset_no,
    source || '/' || data_type || '/' || {item_values} AS item,
    source, data_type, season,
    {fields} AS fields,
    {game_id} AS game_id,
    date, home, away, verdict, waived_verdict,
    CASE WHEN found THEN {found_key} END AS found_key,
    {target_key} AS target_key,
    size, last_modified, copies, final_at, settled_at, due_at, required,
    CASE
        WHEN waiver IS NOT NULL THEN 'waived: ' || {waiver_reason}
        WHEN verdict = 'excused' AND unavailable THEN 'the source has no ' || data_type || ' for it'
        WHEN verdict = 'excused' THEN 'cancelled or postponed'
        WHEN verdict = 'not_due' THEN
            CASE WHEN due_at IS NULL THEN 'no date is certain yet' ELSE 'due ' || {due_minutes} END
        WHEN verdict = 'unknown' THEN doubt
        WHEN verdict = 'missing' AND inside THEN
            'due ' || {due_minutes} || '; in no container under ' || {key_count} || '; listed ' || {evidence_minutes}
        WHEN verdict = 'missing' THEN
            'due ' || {due_minutes} || '; no object under ' || {key_count} || '; listed ' || {evidence_minutes}
        WHEN verdict = 'undersized' THEN
            'due ' || {due_minutes} || '; ' || size || ' bytes, less than ' || floor || '; listed ' || {evidence_minutes}
        WHEN verdict = 'stale' THEN
            'due ' || {due_minutes} || '; last modified ' || {modified_minutes} || ', needed from ' || {need_minutes}
            || '; listed ' || {evidence_minutes}
    END {adopted_note} AS reason
FROM waived {adopted_join}

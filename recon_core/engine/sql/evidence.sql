-- What the snapshot covered of each item's candidate keys. Absence is only as well covered as the worst of them.
CREATE TABLE evidence AS
SELECT k.item_no, r.state, min(r.error) AS error, min(r.evidence_at) AS evidence_at
FROM ({candidates}) AS k
JOIN ranges AS r ON {in_range}
GROUP BY k.item_no, r.state

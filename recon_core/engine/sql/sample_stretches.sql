-- Runs of sampled keys: a new one begins where more keys of others were passed than are listed along.
SELECT min(key) AS first_key, max(key) AS last_key
FROM (
    SELECT key, sum(CASE WHEN passed > {gap} THEN 1 ELSE 0 END) OVER (ORDER BY key_no) AS run_no FROM sampled_keys
) AS runs
GROUP BY run_no
ORDER BY first_key

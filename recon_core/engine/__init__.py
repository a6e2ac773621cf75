"""The relational work: parse keys, project items, prove verdicts, rank gaps, batch tasks. The only user of DuckDB."""

"""From an archive and the snapshot before it to a new snapshot: Parquet tables, made by DuckDB. No clock, no network."""

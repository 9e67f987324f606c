"""Reports that read snapshots, without a database: `lineage` and `figures`."""

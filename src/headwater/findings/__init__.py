"""Floor 3: findings as write-once sealed Parquet parts, and DuckDB views over them."""

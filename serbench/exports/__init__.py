"""A normalised corpus as files that other tools read: CSV, Parquet, audformat."""

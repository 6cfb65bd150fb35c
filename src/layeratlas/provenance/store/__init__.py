"""Where records and published versions lie: reading, indexing, keeping, verifying."""

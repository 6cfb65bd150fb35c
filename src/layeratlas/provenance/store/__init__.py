"""Records and kept versions found again: reading, indexing, pins, garbage, verifying."""

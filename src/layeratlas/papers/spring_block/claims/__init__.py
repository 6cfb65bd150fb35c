"""Claims of the spring–block paper."""

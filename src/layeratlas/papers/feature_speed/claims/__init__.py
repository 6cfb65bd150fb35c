"""Claims of the feature speed paper."""

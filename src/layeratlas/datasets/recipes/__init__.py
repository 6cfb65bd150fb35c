"""What an experiment may ask for under `dataset`: one recipe for each sort of source."""

"""The ensemble engine: the training loop, optimisers, where members start, resuming."""

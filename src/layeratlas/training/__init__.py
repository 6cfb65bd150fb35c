"""The ensemble engine: random streams, optimisers, checkpoints, the training loop."""

"""Learning rates over a training: factors of the rate, one function a module."""

"""Network families as ensembles: every parameter has a leading member axis."""

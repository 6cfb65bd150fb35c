"""Where the boundary of a diagram is, how well that is known, and which runs would tell more."""

"""Scalings that stand apart from the tables of `layeratlas.networks.scalings`."""

from __future__ import annotations

# Calibrated on images instead of read off a table (`layeratlas.probes.calibration`).
CALIBRATED = "fsc_auto"
# Those that look at fan-in alone: not made for gradient descent, so any optimiser may use them.
BY_FAN_IN = ("default", "kaiming")

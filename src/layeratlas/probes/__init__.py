"""Probes: what one gradient step does to a network, without training it.

- `feature_speed`: backward–feature angles, contributions, sensitivities (Chizat and Netrapalli).
"""

"""Figures: cubes in, matplotlib figure out. What all papers share, nothing of one."""

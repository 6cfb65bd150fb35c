"""Runs spent on a boundary, generation by generation, each made by Snakemake."""

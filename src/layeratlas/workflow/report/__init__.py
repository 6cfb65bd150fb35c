"""Snakemake's report: what it says of a figure (`labels`), and when it is written (`writing`)."""

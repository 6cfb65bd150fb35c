"""The library's side of the Snakemake workflow: plans for the rules, a frame for the scripts."""

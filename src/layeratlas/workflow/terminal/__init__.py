"""What the terminal shows while Snakemake works: what will run and about how long, a line a running
job, and at the end where results are and what they say.

`showing` gives Snakemake's logger plugin (`snakemake_logger_plugin_layeratlas`) the display of this
clone, `display` reads Snakemake's records, `channel` is how jobs tell of themselves, `expecting`
and `schedule` tell times, `ending` what stands last. Nobody else writes to the terminal meanwhile.
"""

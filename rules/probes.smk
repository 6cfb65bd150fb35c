# One gradient step at random initialisation, one job a shard of probes.


rule probe:
    output:
        shard=f"{RESULTS}/probes/{{experiment}}/{{key}}.zarr.zip",
        manifest=f"{RESULTS}/probes/{{experiment}}/{{key}}.json",
    log:
        f"{RESULTS}/logs/probe/{{experiment}}-{{key}}.log",
    conda:
        ENVIRONMENT
    params:
        plan=lambda wildcards: atlas.shard_json(wildcards.experiment, wildcards.key),
        code=atlas.code("probe"),
    script:
        "../scripts/probe.py"

# Simulations of the mechanical model, one job a shard of chains.


rule simulate:
    output:
        shard=f"{RESULTS}/simulations/{{experiment}}/{{key}}.zarr.zip",
        manifest=f"{RESULTS}/simulations/{{experiment}}/{{key}}.json",
    log:
        f"{RESULTS}/logs/simulate/{{experiment}}-{{key}}.log",
    conda:
        ENVIRONMENT
    resources:
        gpu=1 if atlas.config.device == "cuda" else 0,
    params:
        plan=lambda wildcards: atlas.shard_json(wildcards.experiment, wildcards.key),
        code=atlas.code("simulate"),
    script:
        "../scripts/simulate.py"

# Simulations of the mechanical model, one job a shard of chains.


rule simulate:
    input:
        changed=changed("simulate"),
    output:
        shard=update(f"{RESULTS}/simulations/{{experiment}}/{{key}}.zarr.zip"),
        manifest=update(f"{RESULTS}/simulations/{{experiment}}/{{key}}.json"),
    log:
        f"{RESULTS}/logs/simulate/{{experiment}}-{{key}}.log",
    conda:
        ENVIRONMENT
    resources:
        **requests("simulate"),
    params:
        **asked("simulate"),
    script:
        "../scripts/simulate.py"

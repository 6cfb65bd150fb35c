# One gradient step at random initialisation, one job a shard of probes.


rule probe:
    input:
        changed=changed("probe"),
    output:
        shard=update(f"{RESULTS}/probes/{{experiment}}/{{key}}.zarr.zip"),
        manifest=update(f"{RESULTS}/probes/{{experiment}}/{{key}}.json"),
    log:
        f"{RESULTS}/logs/probe/{{experiment}}-{{key}}.log",
    conda:
        ENVIRONMENT
    resources:
        **requests("probe"),
    params:
        **asked("probe"),
    script:
        "../scripts/probe.py"

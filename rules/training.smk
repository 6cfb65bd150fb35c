# Training and measuring, one job a shard.


rule train:
    input:
        manifest=shard_dataset(".json"),
        data=ancient(shard_dataset(".zarr.zip")),
    output:
        shard=f"{RESULTS}/shards/{{experiment}}/{{key}}.zarr.zip",
        manifest=f"{RESULTS}/shards/{{experiment}}/{{key}}.json",
    log:
        f"{RESULTS}/logs/train/{{experiment}}-{{key}}.log",
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        gpu=1 if atlas.uses_gpu else 0,
    params:
        plan=lambda wildcards: atlas.shard_json(wildcards.experiment, wildcards.key),
        code=lambda wildcards: atlas.code("train", wildcards.experiment),
    script:
        "../scripts/train.py"


rule measure:
    input:
        manifest=rules.train.output.manifest,
        shard=ancient(rules.train.output.shard),
        data_manifest=shard_dataset(".json"),
        data=ancient(shard_dataset(".zarr.zip")),
    output:
        measurement=f"{RESULTS}/measurements/{{experiment}}/{{key}}.zarr.zip",
        manifest=f"{RESULTS}/measurements/{{experiment}}/{{key}}.json",
    log:
        f"{RESULTS}/logs/measure/{{experiment}}-{{key}}.log",
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        gpu=1 if atlas.uses_gpu else 0,
    params:
        plan=lambda wildcards: atlas.shard_json(wildcards.experiment, wildcards.key),
        measure=lambda wildcards: atlas.measure_json(wildcards.experiment),
        code=lambda wildcards: atlas.code("measure", wildcards.experiment),
    script:
        "../scripts/measure.py"

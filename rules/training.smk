# Training and measuring, one job a shard.


rule train:
    input:
        manifest=reads("train", shard_dataset(".json")),
        data=reads("train", shard_dataset(".zarr.zip")),
        changed=changed("train"),
    output:
        shard=update(f"{RESULTS}/shards/{{experiment}}/{{key}}.zarr.zip"),
        manifest=update(f"{RESULTS}/shards/{{experiment}}/{{key}}.json"),
    log:
        f"{RESULTS}/logs/train/{{experiment}}-{{key}}.log",
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        **requests("train"),
    params:
        **asked("train"),
    script:
        "../scripts/train.py"


rule measure:
    input:
        manifest=reads("measure", trained_shard(".json")),
        shard=reads("measure", trained_shard(".zarr.zip")),
        data_manifest=reads("measure", shard_dataset(".json")),
        data=reads("measure", shard_dataset(".zarr.zip")),
        changed=changed("measure"),
    output:
        measurement=update(f"{RESULTS}/measurements/{{experiment}}/{{key}}.zarr.zip"),
        manifest=update(f"{RESULTS}/measurements/{{experiment}}/{{key}}.json"),
    log:
        f"{RESULTS}/logs/measure/{{experiment}}-{{key}}.log",
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        **requests("measure"),
    params:
        **asked("measure"),
    script:
        "../scripts/measure.py"

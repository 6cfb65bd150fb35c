# Data sets, clean and with static noise: one prepared file for each recipe.


rule prepare_dataset:
    input:
        changed=changed("prepare_dataset"),
    output:
        data=update(f"{RESULTS}/datasets/{{key}}.zarr.zip"),
        manifest=update(f"{RESULTS}/datasets/{{key}}.json"),
    log:
        f"{RESULTS}/logs/prepare_dataset/{{key}}.log",
    conda:
        ENVIRONMENT
    resources:
        **requests("prepare_dataset"),
    params:
        **asked("prepare_dataset"),
    script:
        "../scripts/prepare_dataset.py"

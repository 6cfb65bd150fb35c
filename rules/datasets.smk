# Data sets, clean and with static noise: one prepared file for each recipe.


rule prepare_dataset:
    output:
        data=f"{RESULTS}/datasets/{{key}}.zarr.zip",
        manifest=f"{RESULTS}/datasets/{{key}}.json",
    log:
        f"{RESULTS}/logs/prepare_dataset/{{key}}.log",
    conda:
        ENVIRONMENT
    params:
        recipe=in_words(lambda wildcards: atlas.recipe(wildcards.key)),
        code=atlas.code("prepare"),
    script:
        "../scripts/prepare_dataset.py"

"""Prepare a data set: load, pre-process, corrupt once where the recipe says so, publish."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from layeratlas.datasets.preparation import prepare
    from layeratlas.datasets.recipe import recipe_of
    from layeratlas.storage import publish

    config = this.config
    dataset = prepare(
        recipe_of(snakemake.params.recipe),
        data_dir=config.data_dir,
        cache_dir=config.cache_dir,
        download=config.download,
        progress=config.verbose,
    )
    publish(dataset, snakemake.output.data)

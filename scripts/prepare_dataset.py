"""Prepare a data set: load, pre-process, corrupt once where the recipe says so, publish."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from layeratlas.datasets.in_place import without_copies
    from layeratlas.datasets.preparation import prepare
    from layeratlas.datasets.recipe import recipe_of
    from layeratlas.storage import publish

    config = this.config
    recipe = recipe_of(snakemake.params.recipe)
    dataset = prepare(
        recipe,
        data_dir=config.data_dir,
        cache_dir=config.cache_dir,
        download=config.download,
        progress=config.verbose,
    )
    publish(without_copies(dataset) if recipe.in_place else dataset, snakemake.output.data)

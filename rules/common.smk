# What all rules share: the plan of this invocation and the names that wildcards may take.
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

# A plain clone works before any installation, in jobs too: they inherit the path.
sys.path.insert(0, str(Path(workflow.basedir) / "src"))

from layeratlas.errors import LayerAtlasError
from layeratlas.training.threads import limit_threads
from layeratlas.workflow.planning import Workflow

limit_threads()
try:
    atlas = Workflow(config, Path(workflow.basedir))
    experiments = tuple(atlas.experiments)
except LayerAtlasError as error:
    raise WorkflowError(str(error))

RESULTS = str(atlas.results)
ENVIRONMENT = "../envs/layeratlas.yaml"


wildcard_constraints:
    experiment="|".join(experiments) or "no_experiment",
    figure="|".join(atlas.figures),
    key="[0-9a-f]{16}",
    metric="[a-z][a-z0-9_]*",
    ext="pdf|png|svg",


# Files that a job reads, by what its wildcards name.
def shard_dataset(wildcards, suffix):
    plan = atlas.shard(wildcards.experiment, wildcards.key)
    return f"{RESULTS}/datasets/{atlas.dataset_key(plan)}{suffix}"


def measurements(wildcards, suffix):
    return [
        f"{RESULTS}/measurements/{wildcards.experiment}/{plan.key}{suffix}"
        for plan in atlas.shards(wildcards.experiment)
    ]


def cubes_of(figure, suffix):
    return [
        f"{RESULTS}/cubes/{name}{suffix}" for name in atlas.figure(figure).experiments
    ]


def references_of(wildcards):
    return [
        f"data/reference/{name}" for name in atlas.figure(wildcards.figure).references
    ]

# What all rules share: the plan of this invocation and the names that wildcards may take.
import re
import sys
from pathlib import Path

# A plain clone works before any installation.
SOURCE = str(Path(workflow.basedir) / "src")
sys.path.insert(0, SOURCE)

from layeratlas.errors import LayerAtlasError
from layeratlas.workflow.environment import set_up
from layeratlas.workflow.planning import Workflow

set_up(SOURCE)
try:
    atlas = Workflow(config, Path(workflow.basedir))
    experiments = tuple(atlas.experiments)
except LayerAtlasError as error:
    # The sentence says it all; a WorkflowError would add places in our own code.
    sys.exit(f"Error: {error}")

RESULTS = str(atlas.results)
ENVIRONMENT = "../envs/layeratlas.yaml"


# A pattern for one of several names.
def one_of(names):
    return "|".join(names) or "no_experiment"


wildcard_constraints:
    experiment=one_of(experiments),
    figure="|".join(atlas.figures),
    key="[0-9a-f]{16}",
    metric="[a-z][a-z0-9_]*",
    ext="pdf|png|svg",


# A function of wildcards whose refusal ends the run with its one sentence.
def in_words(function):
    def call(wildcards):
        try:
            return function(wildcards)
        except LayerAtlasError as error:
            sys.exit(f"Error: {error}")

    return call


# Files that a job reads, by what its wildcards name.
def shard_dataset(suffix):
    @in_words
    def path(wildcards):
        plan = atlas.shard(wildcards.experiment, wildcards.key)
        return f"{RESULTS}/datasets/{atlas.dataset_key(plan)}{suffix}"

    return path


def cube_of_map(suffix):
    return in_words(lambda w: atlas.map_of(w.experiment, w.metric) + suffix)


def results_of(suffix):
    return lambda w: [f"{path}{suffix}" for path in atlas.results_of(w.experiment)]


def cubes_of(figure, suffix):
    return [
        f"{RESULTS}/cubes/{name}{suffix}" for name in atlas.figure(figure).experiments
    ]


def references_of(wildcards):
    return [
        f"data/reference/{name}" for name in atlas.figure(wildcards.figure).references
    ]

# Layer Atlas: every figure of the papers is a target, e.g. `snakemake figures/phase_diagram.pdf`.
# What to run: config/. How to run it: profiles/. The stages: rules/.
from snakemake.utils import min_version

min_version("9.25")


include: "rules/settings.smk"


# The clone's own, wherever results go (`--directory`).
configfile: f"{workflow.basedir}/config/config.yaml"


# What a report says of the whole; of each figure, the rule that draws it does.
report: "rules/report/report.rst"


include: "rules/common.smk"
include: "rules/datasets.smk"
include: "rules/training.smk"
include: "rules/simulations.smk"
include: "rules/probes.smk"
include: "rules/cubes.smk"
include: "rules/refining.smk"
include: "rules/fits.smk"
include: "rules/reductions.smk"
include: "rules/figures.smk"
include: "rules/atlas.smk"
include: "rules/exports.smk"


onstart:
    if workflow.is_main_process:
        tell_jobs_since()
        tell_cost()
        SHOWING.begin()


onsuccess:
    remove_empty_logs()


onerror:
    remove_empty_logs()


# Every figure of every paper with its claims; see the rule `figures`. In a crate, what it is of.
rule all:
    default_target: True
    input:
        ORIGIN.targets if ORIGIN else rules.figures.input,


localrules:
    all,
    figures,
    claims,
    show_figure,

# What to run, read before Snakemake reads it: bounded, YAML 1.2, no key twice.
import sys
from pathlib import Path

# A plain clone works before any installation.
SOURCE = str(Path(workflow.basedir) / "src")
sys.path.insert(0, SOURCE)

from layeratlas.config.workflow import workflow_config
from layeratlas.errors import LayerAtlasError

# Of what is not there Snakemake itself tells. The clone's own, wherever results go (`--directory`).
_clone = Path(workflow.basedir)
_clone = Path() if _clone.resolve() == Path.cwd().resolve() else _clone
_files = [*_clone.glob("config/config.yaml"), *workflow.overwrite_configfiles]
if workflow.config_settings.replace_workflow_config:
    _files = workflow.overwrite_configfiles

try:
    SETTINGS = workflow_config(_files, workflow.config_settings.config)
except LayerAtlasError as error:
    # The sentence says it all; a WorkflowError would add places in our own code.
    sys.exit(f"Error: {error}")

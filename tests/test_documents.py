"""What README and docs tell people to type works: Snakemake's commands, the grid, the import."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from snakemake.cli import get_argument_parser, parse_config

from layeratlas.workflow.planning import Workflow

REPOSITORY = Path(__file__).resolve().parents[1]
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "Snakefile",
    "benchmarks/README.md",
    "config/config.yaml",
    *(f"docs/{path.name}" for path in sorted((REPOSITORY / "docs").glob("*.md"))),
)
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def commands(text: str) -> list[str]:
    """Every command line of snakemake in a text: a line of its own, or between backticks."""
    lines = re.findall(r"^(?:\$ |# .*: )?(snakemake -?\S.*?)(?:\s+#.*)?$", text, re.M)
    inline = re.findall(r"`(snakemake -?[^`]+?)`", text)
    # An ellipsis stands for a target of your own.
    return [command.replace("…", "figures") for command in (*lines, *inline)]


CASES = [
    (name, command)
    for name in DOCUMENTS
    for command in commands((REPOSITORY / name).read_text(encoding="utf-8"))
]


def parsed(command: str):
    """(targets, settings) as Snakemake understands a command line; SystemExit where it does not."""
    given = get_argument_parser().parse_args(shlex.split(command)[1:])
    return list(given.targets), parse_config(given.config)


def test_commands_are_found():
    found = {name for name, _ in CASES}
    assert {"README.md", "config/config.yaml", "docs/configuration.md", "docs/cubes.md"} <= found
    assert commands("snakemake figures --config a=1   # why") == ["snakemake figures --config a=1"]


@pytest.mark.parametrize(("name", "command"), CASES)
def test_every_command_is_what_it_says(name, command):
    targets, settings = parsed(command)
    assert settings.keys() <= {"preset", "device", "data_dir", "download", "verbose"}
    # Whatever looks like a target must be one, and no setting.
    words = [word for word in shlex.split(command)[1:] if word != "--"]
    plain = [word for word in words if "=" not in word and not word.startswith("-")]
    assert targets == plain


def test_config_swallows_what_follows_it():
    with pytest.raises(ValueError, match="Invalid config definition"):
        parsed("snakemake --config preset=paper figures")


def test_the_grid_of_the_readme_is_one(tmp_path):
    found = re.search(r"`config/experiments/(\w+)\.yaml`:\n\n```yaml\n(.*?)```", README, re.S)
    name, text = found.groups()
    folder = tmp_path / "experiments"
    shutil.copytree(REPOSITORY / "config" / "experiments", folder)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    for preset in ("smoke", "laptop", "paper"):
        atlas = Workflow({"preset": preset}, tmp_path, experiments=folder)
        axes = set(atlas.runs(name)[0].coordinates)
        assert {"momentum", "seed"} < axes
        assert atlas.map_of(name, "data_separation").endswith(f"cubes/{name}")
    assert f"snakemake figures/maps/{name}/data_separation.pdf" in README


def test_the_imports_of_the_readme_work():
    snippets = re.findall(r"```python\n(.*?)```", README, re.S)
    imports = [
        line
        for snippet in snippets
        for line in snippet.splitlines()
        if line.startswith(("import ", "from "))
    ]
    assert len(imports) >= 3
    names: dict = {}
    exec("\n".join(imports), names)
    assert callable(names["load_curve"]) and callable(names["convexity_index"])
    assert callable(names["layeratlas"].open_cube)

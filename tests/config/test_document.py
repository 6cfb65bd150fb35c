"""docs/configuration.md shows every key, every axis and every refusal, and its example is a grid.

After a change run `PYTHONPATH=tests python tests/config/test_document.py`, which writes its tables
again.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from made.refusals import CASES, parsed
from pydantic import BaseModel

from layeratlas.config.axes import AXES, axes
from layeratlas.config.expansion import expand
from layeratlas.config.experiment import load_experiment
from layeratlas.config.measuring import MeasureSettings, ViewSettings
from layeratlas.config.shapes import KEYS, PRESETS
from layeratlas.config.workflow import AtlasConfig, WorkflowConfig
from layeratlas.datasets.recipe import SORTS, BaseRecipe, DatasetRecipe
from layeratlas.engine.settings import EarlyStop, LossSpike, ScalingSettings, TrainingSettings
from layeratlas.kinds import KINDS
from layeratlas.kinds.fit import FitSettings
from layeratlas.kinds.probe import ProbedMLP, ProbedResidualMLP, ProbeScaling, ProbeSettings
from layeratlas.kinds.reduction import ReductionSettings
from layeratlas.kinds.simulation import FirstOrderChain, SecondOrderChain
from layeratlas.kinds.training import NoiseSettings, TrainingRun
from layeratlas.networks.settings import ModelSettings
from layeratlas.tables import NameIn

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "configuration.md"


def _type(annotation: Any) -> str:
    if annotation is type(None):
        return "null"
    if get_origin(annotation) is dict:
        return "mapping"
    if get_origin(annotation) is tuple:
        return f"list of {_type(get_args(annotation)[0])}"
    if arguments := get_args(annotation):
        return ", ".join(f"`{a}`" if isinstance(a, str) else _type(a) for a in arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping"
    return {int: "integer", float: "number", str: "text", bool: "true or false"}[annotation]


def _plain(value: Any) -> str:
    if isinstance(value, BaseModel):
        return "see below"
    if isinstance(value, tuple):
        return f"`[{', '.join(value)}]`"
    return "`" + json.dumps(value).strip('"') + "`"


def _rows(prefix: str, model: type[BaseModel], skip: tuple[str, ...] = ()) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name in skip:
            continue
        key = f"{prefix}{name}"
        default = (
            "required"
            if field.is_required()
            else _plain(field.get_default(call_default_factory=True))
        )
        meaning = (field.description or "").replace("|", "∣")
        limits = [
            f"{sign} {getattr(m, attribute):g}"
            for m in field.metadata
            for attribute, sign in (("gt", ">"), ("ge", "≥"), ("lt", "<"), ("le", "≤"))
            if getattr(m, attribute, None) is not None and getattr(m, attribute) < 2**62
        ]
        names = [f"`{n}`" for m in field.metadata if isinstance(m, NameIn) for n in m.table]
        kind = ", ".join([*(names or [_type(field.annotation)]), *limits])
        yield f"| `{key}` | {kind} | {default} | {meaning.rstrip('.')} |"


def _settings_table() -> str:
    families = {
        get_args(tagged)[1].tag: get_args(tagged)[0]
        for tagged in get_args(get_args(ModelSettings)[0])
    }
    rows = [
        *_rows("dataset.", DatasetRecipe, ("static_label_noise", "static_input_noise")),
        *_own_data(),
        *(
            row.replace("| `model.", f"| {tag}: `model.")
            for tag, family in families.items()
            for row in _rows("model.", family)
        ),
        *_rows("noise.", NoiseSettings),
        *_rows("training.", TrainingSettings),
        *_rows("training.loss_spike.", LossSpike),
        *_rows("training.early_stop.", EarlyStop),
        *_rows("scaling.", ScalingSettings),
        *_rows("", TrainingRun, ("dataset", "model", "noise", "training", "scaling", "seed")),
        *_rows("measure.", MeasureSettings),
        *_rows("measure.views.<name>.", ViewSettings),
    ]
    return "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows])


def _own_data() -> Iterator[str]:
    """Settings of the other sorts of data set, without those that images have too."""
    known = {"source", "content", *DatasetRecipe.model_fields} - {"n_train", "n_test"}
    for sort, model in SORTS.items():
        if sort != "images":
            same = {
                name
                for name, field in model.model_fields.items()
                if (name in BaseRecipe.model_fields and field.description
                    == BaseRecipe.model_fields[name].description)
            }  # fmt: skip
            for row in _rows("dataset.", model, tuple(known | same)):
                yield row.replace("| `dataset.", f"| {sort}: `dataset.")


def _chain_table() -> str:
    rows = [
        row.replace("| `chain.", f"| {chain.model_fields['order'].default} order: `chain.")
        for chain in (FirstOrderChain, SecondOrderChain)
        for row in _rows("chain.", chain)
    ]
    rows += _rows("fit.", FitSettings)
    rows += _rows("reduction.", ReductionSettings)
    return "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows])


def _probe_table() -> str:
    rows = [
        *(
            row.replace("| `model.", f"| {family.model_fields['family'].default}: `model.")
            for family in (ProbedMLP, ProbedResidualMLP)
            for row in _rows("model.", family)
        ),
        *_rows("scaling.", ProbeScaling),
        *_rows("probe.", ProbeSettings),
    ]
    return "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows])


def _axes_table() -> str:
    # Of the others, the name says which setting: its last one.
    named = {
        name: axis
        for kind in KINDS.values()
        if kind.has_grid
        for name, axis in axes(kind).items()
        if name not in AXES and name != axis.paths[0][-1]
    }
    rows = [
        f"| `{name}` | {', '.join('`' + '.'.join(path) + '`' for path in axis.paths)} "
        f"| {axis.long_name} |"
        for name, axis in (AXES | named).items()
    ]
    return "\n".join(["| axis | sets | meaning |", "|---|---|---|", *rows])


def _workflow_table() -> str:
    rows = [*_rows("", WorkflowConfig, ("atlas",)), *_rows("atlas.", AtlasConfig)]
    return "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows])


def _errors_table() -> str:
    def cell(text: str) -> str:
        return "`" + text.replace("\n", "` `").replace("|", "∣") + "`" if text else "(nothing)"

    rows = [f"| {c.what} | {cell(c.yaml)} | {c.error.replace('|', '∣')} |" for c in CASES]
    return "\n".join(["| what is wrong | written | error |", "|---|---|---|", *rows])


_TABLES = {
    "settings": _settings_table,
    "chains and fits": _chain_table,
    "probes": _probe_table,
    "axes": _axes_table,
    "config.yaml": _workflow_table,
    "errors": _errors_table,
}


def _with_tables(text: str) -> str:
    for name, table in _TABLES.items():
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(start)
        text = f"{before}{start}\n\n{table()}\n\n{end}{rest.partition(end)[2]}"
    return text


def test_the_document_shows_every_key_and_every_refusal():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == _with_tables(text), "run `PYTHONPATH=tests python tests/config/test_document.py`"
    for key in KEYS:
        assert f"`{key}`" in text or f"`{key}." in text, key


def test_the_documented_example_is_a_grid(tmp_path):
    text = DOCUMENT.read_text(encoding="utf-8")
    example = re.search(r"```yaml\n# config/experiments/(\w+)\.yaml\n(.*?)```", text, re.S)
    assert example is not None
    (tmp_path / f"{example[1]}.yaml").write_text(example[2])
    parent = f"{parsed(example[2])['extends']}.yaml"
    shutil.copy(ROOT / "config" / "experiments" / parent, tmp_path)
    for preset in PRESETS:
        runs = expand(load_experiment(example[1], preset, tmp_path))
        assert set(runs[0].coordinates) == {"momentum", "negative_slope", "seed"}
    assert f"figures/maps/{example[1]}/data_separation.pdf" in text
    assert f"results/laptop/cubes/{example[1]}.zarr.zip" in text
    # The first page shows the same one.
    assert example[2] in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path", ["README.md", "docs/configuration.md", "config/config.yaml", "config/README.md"]
)
def test_no_target_stands_where_config_would_swallow_it(path):
    """`--config preset=paper figures` ends in a traceback: the target is taken for a setting."""
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not re.search(r"--config( +\w+=[^\s`]+)+ +(?!-|\w+=)\w", text)


if __name__ == "__main__":
    DOCUMENT.write_text(_with_tables(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")

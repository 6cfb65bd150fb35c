"""Trying a user's module before any job: whether it can be made, and trained, on such data.

A trial imports torch and runs the user's code, so it is made once for a text and its settings, and
what it found is kept in a small file. Only what went well is kept: a refusal is found again.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.seals import check_seal, sealed
from layeratlas.errors import StoreError, UnreadableError
from layeratlas.runs.places import cache_folder
from layeratlas.runs.run import short_hash

# Of what a trial looks at and keeps: another one asks again.
_VERSION = 4


def tried(
    model: Mapping[str, Any],
    input_shape: Sequence[int],
    n_outputs: int,
    *,
    tokens: bool = False,
    folder: Path | None = None,
) -> dict[str, Any]:
    """What a module with these canonical settings turned out to be; ConfigError where it fails.

    `layers`: their names; `weights`: parameters of one network; `graph`: numbers that training
    keeps a sample; `products`: multiply-adds of its affine maps for one; `batch_norm`: whether it
    has any; `maps`: trained affine maps on its main path; `affines`: all its affine maps, fields of
    `layeratlas.networks.affine.Affine`. `folder` is where findings are kept, by
    default `.layeratlas/modules` of the working folder.
    """
    asked = {
        "version": _VERSION,
        "torch": importlib.metadata.version("torch"),
        "model": dict(model),
        "input": [list(input_shape), n_outputs, tokens],
    }
    place = folder or cache_folder(Path(".layeratlas").absolute()) / "modules"
    file = place / f"{short_hash(asked)}.json"
    known = _kept(file, asked)
    return known if known is not None else _try(asked, file)


def _kept(file: Path, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        document = read_json(file, 10**6)
        if check_seal(document, file) and document.get("asked") == asked:
            return document["found"]
    except (UnreadableError, KeyError):
        pass
    return None


def _try(asked: Mapping[str, Any], file: Path) -> dict[str, Any]:
    # Torch comes in here, and the user's code.
    from layeratlas.networks.module.family import ModuleFamily
    from layeratlas.storage.atomic import write_json_atomic

    (shape, n_outputs, tokens), model = asked["input"], asked["model"]
    family = ModuleFamily.from_settings(model, shape, n_outputs, tokens=tokens)
    found = {
        "layers": list(family.layer_names),
        "weights": family.parameters.size,
        "graph": family.graph_size,
        "products": _products(family),
        "batch_norm": family.has_batch_norm,
        "affines": [asdict(affine) for affine in family.affines],
        "maps": sum(1 for a in family.affines if a.main_path and a.kind != "scale"),
    }
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_json_atomic(file, sealed({"asked": dict(asked), "found": found}))
    except (OSError, StoreError):
        pass  # where nothing can be kept, it is tried each time
    return found


def _products(family: Any) -> int:
    """Multiply-adds of the affine maps for one sample: of each number given, a row of W."""
    sizes = {tensor.name: tensor for tensor in family.parameters.tensors}
    found = 0
    for affine in family.affines:
        layout = family.survey.layouts.get(affine.name)
        if layout is not None and not affine.transposed:
            weight = sizes[affine.weight]
            found += layout.given.size * (weight.size // weight.shape[0])
    return found

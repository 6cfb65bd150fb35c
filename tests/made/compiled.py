"""The code in the form that it runs in: compiled once, however many clones are made of it.

A clone takes along what lies beside the code. Without byte code each of its jobs compiles a hundred
modules, without kernels its first training compiles for a quarter of a minute.
"""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
from pathlib import Path

import pytest

from made.once import once

ROOT = Path(__file__).resolve().parents[2]
#: Those of a perceptron with batch norm under Adam, as the first figure and the tiny grid have it.
_KERNELS = """
from layeratlas.backends.fused import data, dense
from layeratlas.engine.optimizers import adam
from layeratlas.losses import cross_entropy

for module, names in {
    data: ("add_input_noise", "gather", "permutations", "replace_labels"),
    dense: ("affine_activation", "batch_norm_backward", "batch_norm_forward", "standardise"),
    adam: ("adam",),
    cross_entropy: ("cross_entropy",),
}.items():
    for name in names:
        getattr(module, name).compiled("float32")
"""


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    once(tmp_path_factory, "compiled", _compile)


def _compile(folder: Path) -> None:
    folder.mkdir()
    # Also where Python was told to keep none.
    compileall.compile_dir(ROOT / "src", quiet=2)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run([sys.executable, "-c", _KERNELS], env=environment, check=True)

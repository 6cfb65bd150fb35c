"""CIFAR-10 and CIFAR-100."""

from __future__ import annotations

from layeratlas.datasets.cifar_batches import BATCHES
from layeratlas.datasets.source import DataFile, Source

_CIFAR_BASES = ("https://www.cs.toronto.edu/~kriz/",)
KRIZHEVSKY = (
    "Krizhevsky (2009). Learning multiple layers of features from tiny images. "
    "Technical report, University of Toronto."
)
# As torchvision keeps it, the archive of pickles and what is in it; and the binary one unpacked.
# The reader makes binary records of pickles without running them (`readers.pickled`).
_CIFAR10_LAYOUTS = (
    {
        "python_archive": DataFile(
            "cifar-10-python.tar.gz", "cifar10", "md5:c58f30108f718f92721af3b95e74349a"
        )
    },
    {
        batch.name: DataFile(batch.name, "cifar-10-batches-py", f"md5:{batch.md5_of_pickle}")
        for batch in BATCHES
    },
    {
        f"{batch.name}.bin": DataFile(
            f"{batch.name}.bin", "cifar-10-batches-bin", f"md5:{batch.md5}"
        )
        for batch in BATCHES
    },
)
CIFAR_LICENCE = "none stated by the authors; distributed for research"

SOURCES = (
    Source(
        name="cifar10",
        title="CIFAR-10",
        reader="layeratlas.datasets.readers.cifar:read_cifar10_binary",
        n_train=50_000,
        n_test=10_000,
        shape=(3, 32, 32),
        n_classes=10,
        licence=CIFAR_LICENCE,
        citation=KRIZHEVSKY,
        files={
            "archive": DataFile(
                "cifar-10-binary.tar.gz",
                "cifar10",
                "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                _CIFAR_BASES,
            )
        },
        layouts=_CIFAR10_LAYOUTS,
        note="Read from the binary archive: the Python one holds pickles, which run code.",
    ),
    Source(
        name="cifar100",
        title="CIFAR-100, fine labels",
        reader="layeratlas.datasets.readers.cifar:read_cifar100_binary",
        n_train=50_000,
        n_test=10_000,
        shape=(3, 32, 32),
        n_classes=100,
        licence=CIFAR_LICENCE,
        citation=KRIZHEVSKY,
        files={
            "archive": DataFile(
                "cifar-100-binary.tar.gz",
                "cifar100",
                "sha256:58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
                _CIFAR_BASES,
            )
        },
        note="Read from the binary archive: the Python one holds pickles, which run code.",
    ),
)

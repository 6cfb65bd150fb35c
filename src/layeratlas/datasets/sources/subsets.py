"""Subsets with the pixels of published experiments: local files, or made of the whole set."""

from __future__ import annotations

from layeratlas.datasets.source import DataFile, Source
from layeratlas.datasets.sources.cifar import CIFAR_LICENCE, KRIZHEVSKY
from layeratlas.datasets.sources.photographs import GTSRB_LICENCE, STALLKAMP

SOURCES = (
    Source(
        name="cifar10_subset",
        title="CIFAR-10, the first 1,000 training and 200 test images of every class",
        reader="layeratlas.datasets.readers.npz:read_npz",
        channels_last=True,
        n_train=10_000,
        n_test=2000,
        shape=(3, 32, 32),
        n_classes=10,
        licence=CIFAR_LICENCE,
        citation=KRIZHEVSKY,
        files={
            "archive": DataFile(
                "cifar10-subset-10k-2k.npz",
                "cifar10",
                "sha256:3ac51f3387e81c27f40350b2d1cc2c89287103f266e2519e194bb3a42c8f83c1",
            )
        },
        array_sha256={
            "train_images": "2f36aac721d9bc8dfa4fe788f951685e47e5c0a3cbe784a9f55ec7e438b91b0a",
            "train_labels": "c48dd114744b9f3299cb76e5e88e51d4eb6053678aefc6dfb3ba17410781c233",
            "test_images": "2604dccd3d4c3aa0e6504b43cdf8a5f3f5e37f783ec0922625192b99368b2a9d",
            "test_labels": "0eeebe13288931f8d9ed333b8d958eaf07ea15867049ff228eae05409d183da2",
        },
        part_of="cifar10",
        note="Exact pixels, read from a local copy or made of CIFAR-10. Not comparable with full "
        "CIFAR-10 numbers.",
    ),
    Source(
        name="gtsrb32_subset",
        title="GTSRB rescaled to 32×32, 200 training and 60 test images of every class",
        reader="layeratlas.datasets.readers.npz:read_npz",
        channels_last=True,
        n_train=8600,
        n_test=2580,
        shape=(3, 32, 32),
        n_classes=43,
        licence=GTSRB_LICENCE,
        citation=STALLKAMP,
        files={
            "archive": DataFile(
                "gtsrb32-subset-8600-2580.npz",
                "gtsrb32",
                "sha256:4d55ebdd121f07cac509cc081ad4809aaffb5c947ccb2d2ef4a60b4fa2ca8380",
            )
        },
        array_sha256={
            "train_images": "353b8a5b48e2aba7b549efe9fda6fea4ae05d0f2aabed108b71fc63b75906b2a",
            "train_labels": "aa9600674e9bcd2dca9bdd89e5305a28c849f5fdbd4c71d0dcbe4d2193b93c43",
            "test_images": "d5e3b6c3c789f234b34c2b3d646b02c2eca178b64f034e11f61bfa3efd013089",
            "test_labels": "c37da99f091e9ddd45dce018ff11aac9eb8f0fb10c664c1b963c0c6307c0cdc0",
        },
        note="Local copies only, rescaled by another filter than `gtsrb`: do not mix the two.",
    ),
)

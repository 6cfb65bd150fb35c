"""MNIST and the data sets in its format."""

from __future__ import annotations

from layeratlas.datasets.source import DataFile, Source

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

MNIST_LICENCE = "CC BY-SA 3.0 as commonly stated (copyright Y. LeCun and C. Cortes)"
LECUN = (
    "LeCun, Bottou, Bengio, Haffner (1998). Gradient-based learning applied to document "
    "recognition. Proceedings of the IEEE 86(11)."
)


def _idx_files(
    folder: str,
    bases: tuple[str, ...],
    train_images: str,
    train_labels: str,
    test_images: str,
    test_labels: str,
    unpacked: tuple[str | None, ...],
) -> dict[str, DataFile]:
    """The four files of the MNIST family, whose names are the same for every member.

    `unpacked` are the checksums of what the four hold, in their order.
    """
    return {
        role: DataFile(
            name, folder, f"sha256:{sha256}", bases, None if plain is None else f"sha256:{plain}"
        )
        for (role, name, sha256), plain in zip(
            (
                ("train_images", "train-images-idx3-ubyte.gz", train_images),
                ("train_labels", "train-labels-idx1-ubyte.gz", train_labels),
                ("test_images", "t10k-images-idx3-ubyte.gz", test_images),
                ("test_labels", "t10k-labels-idx1-ubyte.gz", test_labels),
            ),
            unpacked,
            strict=True,
        )
    }


SOURCES = (
    Source(
        name="mnist",
        title="MNIST",
        reader="layeratlas.datasets.readers.idx:read_idx",
        n_train=60_000,
        n_test=10_000,
        shape=(1, 28, 28),
        n_classes=10,
        licence=MNIST_LICENCE,
        citation=LECUN,
        files=_idx_files(
            "mnist",
            _MNIST_BASES,
            train_images="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            train_labels="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            test_images="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            test_labels="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            unpacked=(
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
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
        reader="layeratlas.datasets.readers.idx:read_idx",
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
            unpacked=(
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
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
        reader="layeratlas.datasets.readers.idx:read_idx",
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
            unpacked=(
                None,  # nobody published it
                "2a16eeae62da984b8bd24fa32e31d47291f01dac3fe84d5594f304f71e7d374b",
                "76fbd229ce87db80dd281af5e6670de4ad0e42fb30a7bd643972994c47c1f42e",
                "a11dc742be8e781a40a92f53d6a4957e7b7d36df2faa097659131ebfd8fd60c6",
            ),
        ),
        array_sha256={
            "test_images": "dc10e73c6e83fb3fb3586eafece217ab6602e7825fa7d49399359bde3fc66f07",
            "test_labels": "77d83a49ca5434c5da77399edc7143065cb3a7b0834e2898ea3094e8c2b21a3c",
        },
    ),
)

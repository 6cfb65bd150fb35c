"""Photographs: house numbers, STL-10, traffic signs."""

from __future__ import annotations

from layeratlas.datasets.source import DataFile, Source

_SVHN_BASES = ("http://ufldl.stanford.edu/housenumbers/",)
_STL10_BASES = ("http://ai.stanford.edu/~acoates/stl10/",)
_GTSRB_BASES = ("https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/",)
STALLKAMP = (
    "Stallkamp, Schlipsing, Salmen, Igel (2012). Man vs. computer: benchmarking machine "
    "learning algorithms for traffic sign recognition. Neural Networks 32."
)
GTSRB_LICENCE = "none stated formally; released for research"

SOURCES = (
    Source(
        name="svhn",
        title="Street View House Numbers, cropped digits (format 2)",
        reader="layeratlas.datasets.readers.svhn:read_svhn_mat",
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
        reader="layeratlas.datasets.readers.stl10:read_stl10_binary",
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
        layouts=(
            {
                name: DataFile(f"{name}.bin", "stl10_binary", f"md5:{md5}")
                for name, md5 in (
                    ("train_X", "918c2871b30a85fa023e0c44e0bee87f"),
                    ("train_y", "5a34089d4802c674881badbb80307741"),
                    ("test_X", "7f263ba9f9e0b06b93213547f721ac82"),
                    ("test_y", "36f9794fa4beb8a2c72628de14fa638e"),
                )
            },
        ),
        note="A download of 2.6 GB, most of it unlabelled images that are skipped.",
    ),
    Source(
        name="gtsrb",
        title="German Traffic Sign Recognition Benchmark, torchvision's training set",
        reader="layeratlas.datasets.readers.gtsrb:read_gtsrb_zip",
        n_train=26_640,
        n_test=12_630,
        shape=(3, 32, 32),
        n_classes=43,
        licence=GTSRB_LICENCE,
        citation=STALLKAMP,
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
)

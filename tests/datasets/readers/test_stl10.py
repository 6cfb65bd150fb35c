"""Raw files of STL-10."""

from __future__ import annotations

from made.official_files import N_TEST, N_TRAIN, check, classes, pixels, tar_gz

from layeratlas.datasets import load_source


def test_stl10_is_stored_column_by_column(stand_in):
    images, labels = pixels(N_TRAIN, 3, 96, 96), classes(N_TRAIN)
    test_images, test_labels = pixels(N_TEST, 3, 96, 96), classes(N_TEST)
    members = {
        f"stl10_binary/{part}_{kind}.bin": content
        for part, x, y in (("test", test_images, test_labels), ("train", images, labels))
        for kind, content in (
            ("X", x.transpose(0, 1, 3, 2).tobytes()),
            ("y", (y + 1).tobytes()),
        )
    }
    members["stl10_binary/unlabeled_X.bin"] = b"never read"
    data_dir = stand_in("stl10", {"archive": tar_gz(members)}, n_train=N_TRAIN, n_test=N_TEST)
    check(load_source("stl10", data_dir), images, labels, test_images, test_labels)

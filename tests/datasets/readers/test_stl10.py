"""Raw files of STL-10."""

from __future__ import annotations

import dataclasses
import hashlib

from made.official_files import N_TEST, N_TRAIN, check, classes, pixels, tar_gz

from layeratlas.datasets import SOURCES, load_source


def test_stl10_is_stored_column_by_column(stand_in, tmp_path, monkeypatch):
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

    # As torchvision leaves it: unpacked.
    source = SOURCES["stl10"]
    unpacked = tmp_path / "torchvision" / "stl10_binary"
    unpacked.mkdir(parents=True)
    layout = {}
    for name, file in source.layouts[0].items():
        content = members[f"stl10_binary/{name}.bin"]
        (unpacked / f"{name}.bin").write_bytes(content)
        checksum = f"md5:{hashlib.md5(content).hexdigest()}"
        layout[name] = dataclasses.replace(file, checksum=checksum)
    monkeypatch.setitem(SOURCES, "stl10", dataclasses.replace(source, layouts=(layout,)))
    raw = load_source("stl10", unpacked.parent, download=False)
    check(raw, images, labels, test_images, test_labels)

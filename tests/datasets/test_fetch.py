"""Finding and downloading files: local folder, cache, mirrors, and every way to fail."""

from __future__ import annotations

import shutil
import socket

import pytest

from layeratlas.datasets import SOURCES
from layeratlas.datasets.fetch import is_obtainable, locate_files
from layeratlas.errors import LONGEST, DatasetError

CONTENTS = {
    "train_images": b"pictures to learn",
    "train_labels": b"names to learn",
    "test_images": b"pictures to test",
    "test_labels": b"names to test",
}
NAMES = {role: file.name for role, file in SOURCES["mnist"].files.items()}


def files_in(folder) -> list[str]:
    """Everything below `folder` but the locks, which are empty."""
    return sorted(
        path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"
    )


def refusal(name, *args, **kwargs) -> str:
    with pytest.raises(DatasetError) as caught:
        locate_files(SOURCES[name], *args, progress=False, **kwargs)
    error = caught.value
    assert len(str(error)) < LONGEST and " … " not in str(error)
    assert error.__suppress_context__ or error.__context__ is None
    return str(error)


def serve(web_server, folder: str, contents=CONTENTS) -> str:
    for role, content in contents.items():
        web_server.pages[f"/{folder}/{NAMES[role]}"] = content
    return f"{web_server.base}/{folder}/"


@pytest.mark.parametrize("layout", ["folder", "direct"])
def test_local_folder(stand_in, tmp_path, layout):
    data_dir = stand_in("mnist", CONTENTS)
    if layout == "direct":
        data_dir = data_dir / "mnist"
    paths = locate_files(SOURCES["mnist"], data_dir, tmp_path / "cache", download=False)
    assert {role: path.read_bytes() for role, path in paths.items()} == CONTENTS
    assert list(paths) == list(CONTENTS)
    assert not (tmp_path / "cache").exists()


def test_folder_comes_before_direct(stand_in, tmp_path):
    data_dir = stand_in("mnist", CONTENTS)
    (data_dir / NAMES["train_images"]).write_bytes(b"something else")
    paths = locate_files(SOURCES["mnist"], data_dir, tmp_path / "cache", download=False)
    assert paths["train_images"].parent.name == "mnist"


def test_wrong_local_file_is_an_error_not_a_download(stand_in, web_server, tmp_path):
    base = serve(web_server, "mnist")
    data_dir = stand_in("mnist", CONTENTS, bases=[base])
    wrong = data_dir / "mnist" / NAMES["test_labels"]
    wrong.write_bytes(b"half a fi")
    said = refusal("mnist", data_dir, tmp_path / "cache")
    assert "data/mnist/t10k-labels-idx1-ubyte.gz is not the official file" in said
    assert SOURCES["mnist"].files["test_labels"].checksum.split(":")[1][:12] in said
    assert "delete it to have it downloaded" in said
    assert web_server.asked == [] and wrong.read_bytes() == b"half a fi"


def test_like_named_file_of_another_set_is_not_a_damaged_one(stand_in, tmp_path):
    other = {role: content + b" to wear" for role, content in CONTENTS.items()}
    data_dir = stand_in("fashion_mnist", other)
    flat = tmp_path / "flat"
    shutil.move(data_dir / "fashion-mnist", flat)
    stand_in("mnist", CONTENTS, write=False)
    said = refusal("mnist", flat, tmp_path / "cache", download=False)
    assert "train-images-idx3-ubyte.gz" in said and "not found" in said
    assert locate_files(SOURCES["fashion_mnist"], flat, download=False)
    (flat / NAMES["train_images"]).write_bytes(b"nobody's")
    assert "is not the official file" in refusal("mnist", flat, tmp_path / "cache")


def test_missing_data_folder_is_an_error(tmp_path):
    said = refusal("mnist", tmp_path / "nowhere", tmp_path / "cache")
    assert "data folder " in said and "/nowhere does not exist" in said


def test_home_folder_is_understood(stand_in, monkeypatch):
    data_dir = stand_in("mnist", CONTENTS)
    monkeypatch.setenv("HOME", str(data_dir.parent))
    assert locate_files(SOURCES["mnist"], "~/data", "~/cache", download=False)
    assert "/cache/svhn)" in refusal("svhn", None, "~/cache", download=False)


def test_missing_files_are_named_precisely(stand_in, tmp_path):
    data_dir = stand_in("kmnist", CONTENTS, bases=[refusing()])
    (data_dir / "kmnist" / NAMES["train_images"]).unlink()
    said = refusal("kmnist", data_dir, tmp_path / "cache", download=False)
    assert said.startswith("kmnist: train-images-idx3-ubyte.gz not found")
    asked, _, _ = said.partition("(looked in")
    assert "train-labels" not in asked and "t10k" not in asked
    assert "/data, which holds kmnist/" in said and "/cache/kmnist)" in said
    assert "downloading is switched off" in said and "Put it into <data_dir>/kmnist/" in said
    said = refusal("kmnist", data_dir, tmp_path / "cache")
    assert said.startswith("kmnist: train-images-idx3-ubyte.gz not found")
    assert "127.0.0.1:" in said and ": no connection" in said


def test_several_missing_files_make_one_message(tmp_path):
    said = refusal("svhn", None, tmp_path, download=False)
    assert "train_32x32.mat, test_32x32.mat not found" in said and "Put them into" in said


@pytest.mark.parametrize("name", ["cifar10_subset", "gtsrb32_subset"])
@pytest.mark.parametrize("download", [True, False])
def test_local_only_sources_say_so(tmp_path, name, download):
    said = refusal(name, None, tmp_path, download=download)
    assert "exists only as a local file: it cannot be downloaded" in said
    assert SOURCES[name].files["archive"].name in said


def test_download_into_the_cache_once(stand_in, web_server, tmp_path, capfd):
    stand_in("mnist", CONTENTS, write=False, bases=[serve(web_server, "mnist")])
    cache = tmp_path / "cache"
    paths = locate_files(SOURCES["mnist"], None, cache, progress=True)
    assert {role: path.read_bytes() for role, path in paths.items()} == CONTENTS
    assert files_in(cache) == sorted(NAMES.values())
    assert len(web_server.asked) == 4
    again = locate_files(SOURCES["mnist"], None, cache, download=False)
    assert again == paths and len(web_server.asked) == 4


def test_only_what_is_missing_is_downloaded(stand_in, web_server, tmp_path):
    data_dir = stand_in("mnist", CONTENTS, bases=[serve(web_server, "mnist")])
    (data_dir / "mnist" / NAMES["train_images"]).unlink()
    paths = locate_files(SOURCES["mnist"], data_dir, tmp_path / "cache", progress=False)
    assert web_server.asked == ["/mnist/train-images-idx3-ubyte.gz"]
    assert paths["train_images"].is_relative_to(tmp_path / "cache")
    assert paths["test_images"].is_relative_to(data_dir)


def test_damaged_cache_is_fetched_again(stand_in, web_server, tmp_path):
    stand_in("mnist", CONTENTS, write=False, bases=[serve(web_server, "mnist")])
    locate_files(SOURCES["mnist"], None, tmp_path / "cache", progress=False)
    damaged = tmp_path / "cache" / "mnist" / NAMES["train_labels"]
    damaged.write_bytes(b"bit rot")
    said = refusal("mnist", None, tmp_path / "cache", download=False)
    assert "train-labels-idx1-ubyte.gz not found" in said
    locate_files(SOURCES["mnist"], None, tmp_path / "cache", progress=False)
    assert damaged.read_bytes() == CONTENTS["train_labels"]
    assert len(web_server.asked) == 5


@pytest.mark.parametrize("first", ["missing", "wrong", "refusing"])
def test_mirrors_are_tried_in_turn(stand_in, web_server, tmp_path, first):
    good = serve(web_server, "good")
    wrong = serve(web_server, "wrong", dict.fromkeys(CONTENTS, b"an error page"))
    bad = {"missing": f"{web_server.base}/none/", "wrong": wrong, "refusing": refusing()}[first]
    stand_in("mnist", CONTENTS, write=False, bases=[bad, good])
    paths = locate_files(SOURCES["mnist"], None, tmp_path / "cache", progress=False)
    assert {role: path.read_bytes() for role, path in paths.items()} == CONTENTS
    assert files_in(tmp_path / "cache") == sorted(NAMES.values())


def test_every_mirror_fails_and_nothing_is_left(stand_in, web_server, tmp_path):
    wrong = serve(web_server, "wrong", dict.fromkeys(CONTENTS, b"an error page"))
    bases = [f"{web_server.base}/none/", wrong, refusing()]
    stand_in("mnist", CONTENTS, write=False, bases=bases)
    cache = tmp_path / "cache"
    said = refusal("mnist", None, cache)
    name = "train-images-idx3-ubyte.gz"
    assert name in said
    assert "/none: HTTP 404" in said
    assert "/wrong: wrong checksum, discarded" in said
    assert ": no connection)" in said
    assert "put it into <data_dir>/mnist/" in said and "\n" not in said
    assert files_in(cache) == []


def test_broken_transfer_leaves_nothing(stand_in, web_server, tmp_path):
    web_server.held_back = 1000  # promises more bytes than it sends
    stand_in("mnist", CONTENTS, write=False, bases=[serve(web_server, "mnist")])
    said = refusal("mnist", None, tmp_path / "cache")
    assert "not downloaded" in said
    assert files_in(tmp_path / "cache") == []


def test_interrupted_download_leaves_nothing(stand_in, web_server, tmp_path, monkeypatch):
    import pooch

    def interrupted(self, url, output_file, *args, **kwargs):
        from pathlib import Path

        Path(output_file).write_bytes(b"the first half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", interrupted)
    stand_in("mnist", CONTENTS, write=False, bases=[serve(web_server, "mnist")])
    with pytest.raises(KeyboardInterrupt):
        locate_files(SOURCES["mnist"], None, tmp_path / "cache", progress=False)
    assert files_in(tmp_path / "cache") == []


def test_unwritable_cache_is_explained(stand_in, web_server, tmp_path):
    stand_in("mnist", CONTENTS, write=False, bases=[serve(web_server, "mnist")])
    (tmp_path / "cache").write_text("a file where the folder should be")
    said = refusal("mnist", None, tmp_path / "cache")
    assert "could not be written into" in said and "choose another cache_dir" in said


def test_default_cache_is_the_users(tmp_path, monkeypatch):
    import pooch

    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / "users" / name)
    said = refusal("mnist", None, None, download=False)
    assert "/layeratlas/mnist)" in said


def refusing() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/"


def test_a_set_is_obtainable_where_its_files_are_or_may_be_fetched(stand_in, tmp_path):
    cache = tmp_path / "cache"
    data_dir = stand_in("mnist", CONTENTS)
    assert is_obtainable("mnist", data_dir, cache, download=False)
    assert is_obtainable("svhn", None, cache, download=True)
    assert not is_obtainable("svhn", None, cache, download=False)
    # Inside a package; nowhere but in a local copy; made of a set that is fetched.
    assert is_obtainable("digits", None, cache, download=False)
    assert not is_obtainable("gtsrb32_subset", None, cache, download=True)
    assert is_obtainable("cifar10_subset", None, cache, download=True)
    assert not is_obtainable("cifar10_subset", None, cache, download=False)
    with pytest.raises(DatasetError, match="no data set called 'mnits'"):
        is_obtainable("mnits")


def test_of_a_wrong_file_the_job_that_loads_it_tells(stand_in, tmp_path):
    data_dir = stand_in("mnist", CONTENTS)
    (data_dir / "mnist" / NAMES["train_images"]).write_bytes(b"something else")
    assert is_obtainable("mnist", data_dir, tmp_path / "cache", download=False)

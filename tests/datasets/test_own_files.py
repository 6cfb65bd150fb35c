"""Files of one's own: where they are, and that each is looked through once."""

from __future__ import annotations

import hashlib
import os

import pytest

from layeratlas.datasets import own_files
from layeratlas.datasets.own_files import digest, digest_of_all, place_of, remembered, stamp


@pytest.fixture
def looks(own):
    """`looks(n)` asks what is in a file of the content `n`; `looks.times` counts the readings."""

    class Looks:
        times = 0

        def __call__(self, again: bool = False) -> dict:
            if again:
                own_files._FOUND.clear()
            return remembered("size", stamp([own / "a"]), self.find)

        def find(self) -> dict:
            self.times += 1
            return {"size": (own / "a").stat().st_size}

    (own / "a").write_bytes(b"123")
    return Looks()


def test_a_file_is_looked_through_once_also_by_later_processes(looks):
    assert looks() == looks() == looks(again=True) == {"size": 3}
    assert looks.times == 1


def test_it_is_looked_through_again_when_it_changes(own, looks):
    looks()
    (own / "a").write_bytes(b"1234")
    assert looks() == {"size": 4}
    os.utime(own / "a", ns=(1, 1))
    looks()
    assert looks.times == 3


@pytest.mark.parametrize("spoiled", [b"", b"{", b'{"what": "size"', b"[1]", b'{"what": "other"}'])
def test_what_is_kept_is_not_believed_when_it_is_damaged(tmp_path, looks, spoiled):
    looks()
    (kept,) = (tmp_path / "cache").rglob("*.json")
    kept.write_bytes(spoiled)
    assert looks(again=True) == {"size": 3}
    assert looks.times == 2


def test_without_a_cache_nothing_is_kept(looks, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/no")
    assert looks() == looks(again=True) == {"size": 3}
    assert looks.times == 2


def test_places(own, monkeypatch, tmp_path):
    monkeypatch.setenv("HERE", "deep")
    assert place_of("a.npz") == own / "a.npz"
    assert place_of("$HERE/a") == own / "deep" / "a"
    assert place_of(str(tmp_path)) == tmp_path


def test_digests(own):
    (own / "a").write_bytes(b"123")
    assert digest(own / "a") == f"sha256:{hashlib.sha256(b'123').hexdigest()}"
    with pytest.raises(ValueError, match="cannot be read"):
        digest(own / "b")
    with pytest.raises(ValueError, match="is no regular file"):
        digest(own)
    assert digest_of_all([("a", "1"), ("b", "2")]) == digest_of_all([("b", "2"), ("a", "1")])
    assert digest_of_all([("a", "1"), ("b", "2")]) != digest_of_all([("a", "2"), ("b", "1")])

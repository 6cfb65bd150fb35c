"""Texts of a file or a folder, as one."""

from __future__ import annotations

import pytest

from layeratlas.datasets import own_texts
from layeratlas.datasets.own_texts import joined, text_files, text_of, texts_in


def test_a_file_is_itself_and_a_folder_its_texts(tmp_path):
    for name in ("b.txt", "a.txt", "c.md", ".d.txt"):
        (tmp_path / name).write_text(name)
    assert text_files(tmp_path / "c.md") == [tmp_path / "c.md"]
    assert text_files(tmp_path / "nowhere") == [tmp_path / "nowhere"]
    assert text_files(tmp_path) == [tmp_path / "a.txt", tmp_path / "b.txt"]
    assert texts_in(text_files(tmp_path)) == ["a.txt", "b.txt"]


@pytest.mark.parametrize(
    ("texts", "one"),
    [
        (["a"], "a"), (["a\n"], "a\n"), (["a", "b"], "a\nb"), (["a\n", "b\n"], "a\nb\n"),
        (["a\n\n", "", "b"], "a\n\n\nb"),
    ],
)  # fmt: skip
def test_texts_begin_on_lines_of_their_own(texts, one):
    assert joined(texts) == one


def test_what_is_too_large_together_is_refused(tmp_path, monkeypatch):
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text("12345")
    monkeypatch.setattr(own_texts, "_LARGEST", 10)
    assert texts_in(text_files(tmp_path)) == ["12345"] * 2
    monkeypatch.setattr(own_texts, "_LARGEST", 9)
    with pytest.raises(ValueError, match=r"b\.txt has 5 bytes; at most 4 are read"):
        texts_in(text_files(tmp_path))
    monkeypatch.setattr(own_texts, "_MOST_FILES", 1)
    with pytest.raises(ValueError, match="has 2 texts; at most 1 are read"):
        text_files(tmp_path)


def test_line_ends_are_one_and_what_is_no_text_has_its_place():
    assert text_of("\ufeffa\r\nb\rc".encode(), "x") == "a\nb\nc"
    with pytest.raises(ValueError, match=r"UTF-8: byte .* at position 4, in line 2"):
        text_of(b"abc\n\xff", "x")

"""A text: vocabulary, split, and what is refused before any job."""

from __future__ import annotations

import pytest

from layeratlas.datasets.recipe import recipe_of

TEXT = "to be, or not to be – that is the question\n" * 10


def recipe(**more):
    return recipe_of({"source": "text", "path": "t.txt", "n_train": 8, "context": 5} | more)


def test_what_is_found(own):
    (own / "t.txt").write_text(TEXT, encoding="utf-8")
    found = recipe()
    assert found.content["vocabulary"] == "".join(sorted(set(TEXT)))
    assert found.content["n"] == len(TEXT) == 430 and found.split == 387
    assert (found.input_shape, found.input_kind, found.target_kind) == ((5,), "tokens", "tokens")
    assert found.n_outputs == len(set(TEXT)) and found.n_test_samples == (43 - 1) // 5
    assert recipe(n_test=3).n_test_samples == 3


def test_line_ends_and_a_byte_order_mark_are_no_text(own):
    (own / "t.txt").write_bytes(TEXT.encode())
    plain = recipe().content
    (own / "t.txt").write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    other = recipe().content
    assert other["vocabulary"] == plain["vocabulary"] and other["n"] == plain["n"]
    assert other["checksum"] != plain["checksum"]


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        (b"first\nsecond \xff line", {}, r"UTF-8: byte b'\xff' at position 13, in line 2"),
        (b"", {}, "t.txt has no text to learn"),
        (b"a" * 500, {}, "t.txt has no text to learn"),
        (None, {}, "t.txt cannot be read: No such file or directory"),
        (TEXT.encode(), {"context": 43}, "context 43 does not fit: t.txt has 387 characters"),
        (TEXT.encode(), {"n_train": 383}, "n_train = 383 is more than t.txt has: 382 training"),
        (TEXT.encode(), {"n_test": 9}, "n_test = 9 is more than t.txt has: 8 test windows"),
        (
            TEXT.encode(),
            {"vocabulary": "abcdefghijklmnopqrstuvwxyz ,\n"},
            "t.txt has '–' at position 20, which is outside it; add the character",
        ),
        (TEXT.encode(), {"vocabulary": "abca"}, "'a' appears twice; give each character once"),
        (TEXT.encode(), {"standardisation": "global"}, "standardisation needs real inputs"),
        (TEXT.encode(), {"static_input_noise": 0.1}, "a text has no classes and no real inputs"),
    ],
)
def test_what_is_refused(own, refused, content, more, said):
    if content is not None:
        (own / "t.txt").write_bytes(content)
    settings = {"source": "text", "path": "t.txt", "n_train": 8, "context": 5} | more
    assert said in refused(**settings)


def test_largest_counts_are_allowed(own):
    (own / "t.txt").write_text(TEXT, encoding="utf-8")
    recipe(n_train=382, n_test=8)
    recipe(context=42, n_train=1)


def test_a_vocabulary_may_have_more_and_another_order(own):
    (own / "t.txt").write_text("abcabd" * 30, encoding="utf-8")
    found = recipe(vocabulary="zdcba")
    assert found.n_outputs == 5 and found.vocabulary_used == "zdcba"
    assert recipe().vocabulary_used == "abcd"
    # Without one, a recipe is what it was before there was such a setting.
    assert 'vocabulary":null' not in recipe().canonical_json


def test_a_folder_is_its_texts_one_after_the_other(own):
    folder = own / "texts"
    folder.mkdir()
    (folder / "b.txt").write_text("bb" * 40, encoding="utf-8")
    (folder / "a.txt").write_text("aa" * 40 + "\n", encoding="utf-8")
    (folder / "notes.md").write_text("not read", encoding="utf-8")
    (folder / ".hidden.txt").write_text("nor this", encoding="utf-8")
    found = recipe(path="texts", context=3)
    assert found.content["n"] == 161 and found.vocabulary_used == "\nab"
    # Of a folder of one, what it is of the file.
    (folder / "b.txt").unlink()
    one, file = recipe(path="texts", context=3), recipe(path="texts/a.txt", context=3)
    assert one.content == file.content
    (folder / "a.txt").rename(folder / "c.txt")
    (folder / "b.txt").write_text("bb" * 40, encoding="utf-8")
    other = recipe(path="texts", context=3)
    assert other.content["n"] == 162 and other.content["checksum"] != found.content["checksum"]


def test_of_a_folder_too_it_is_told_where_a_symbol_is(own, refused):
    (own / "texts").mkdir()
    (own / "texts" / "a.txt").write_text("abc" * 40, encoding="utf-8")
    (own / "texts" / "b.txt").write_text("abcd" * 40, encoding="utf-8")
    settings = {"source": "text", "path": "texts", "n_train": 8, "context": 5}
    assert "b.txt has 'd' at position 3, which" in refused(**settings, vocabulary="abc\n")
    assert "has no line break, which stands between" in refused(**settings, vocabulary="abcd")
    (own / "texts" / "b.txt").write_bytes(b"ab\xff")
    assert "b.txt is no text in UTF-8" in refused(**settings)
    for name in "ab":
        (own / "texts" / f"{name}.txt").unlink()
    assert "texts has no text; a folder of texts holds files *.txt" in refused(**settings)


def corpus(**more):
    return recipe_of({"source": "tiny_shakespeare", "n_train": 8, "context": 64} | more)


def test_a_text_of_the_registry_is_known_without_its_file():
    found = corpus()
    assert found.length == 1_115_394 and found.split == 1_003_854
    assert found.n_outputs == len(found.vocabulary_used) == 65
    assert (found.input_shape, found.input_kind, found.target_kind) == ((64,), "tokens", "tokens")
    assert found.n_test_samples == (1_115_394 - 1_003_854 - 1) // 64
    assert found.source_identity()["checksum"].startswith("sha256:86c4e6aa")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"context": 200_000}, "context 200000 does not fit: tiny_shakespeare has 1003854"),
        ({"n_train": 10**8}, "n_train = 100000000 is more than tiny_shakespeare has"),
        ({"static_input_noise": 0.1}, "a text has no classes and no real inputs"),
        ({"standardisation": "global"}, "standardisation needs real inputs"),
    ],
)
def test_what_does_not_fit_it_is_refused(more, said):
    with pytest.raises(ValueError, match=said):
        corpus(**more)

"""Notebooks as files: header, words, code, and what is refused."""

from __future__ import annotations

import pytest
from made.notebooks import FOLDER, NAMES

from layeratlas.errors import ConfigError
from layeratlas.site.cells import read_notebook

TEXT = """\
# ---
# title: Two cells
# needs: results/a.zarr.zip results/b.zarr.zip
# ---

# %% [markdown]
# # Two cells
#
#     indented

# %%
x = 1  # %% no mark

# a comment
x
"""


def test_a_notebook_is_header_words_and_code(tmp_path):
    path = tmp_path / "two.py"
    path.write_text(TEXT, encoding="utf-8")
    notebook = read_notebook(path)
    assert (notebook.name, notebook.title) == ("two", "Two cells")
    assert notebook.needs == ("results/a.zarr.zip", "results/b.zarr.zip")
    words, code = notebook.cells
    assert words.is_words and words.text == "# Two cells\n\n    indented"
    assert not code.is_words and code.text == "x = 1  # %% no mark\n\n# a comment\nx"
    assert TEXT.splitlines()[code.line - 1] == "x = 1  # %% no mark"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("# title: Two cells\n", "", "no header that gives a title"),
        ("# # Two cells", "Two cells", r"two.py, line 7: words of a notebook are comments"),
    ],
)
def test_what_is_no_notebook_is_refused(tmp_path, old, new, sentence):
    path = tmp_path / "two.py"
    path.write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=sentence):
        read_notebook(path)


@pytest.mark.parametrize("name", NAMES)
def test_ours_begin_with_their_title_and_explain_before_they_run(name):
    notebook = read_notebook(FOLDER / f"{name}.py")
    assert notebook.cells[0].is_words
    assert notebook.cells[0].text.startswith(f"# {notebook.title}\n")
    assert sum(cell.is_words for cell in notebook.cells) >= 4

"""Every notebook runs from its first cell to its last, and its page holds what it gave."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from made.notebooks import NAMES

from layeratlas.site.cells import read_notebook
from layeratlas.site.running import CellError, main, page, run, run_apart

HEAD = "# ---\n# title: T\n# ---\n"


def test_there_are_six():
    assert set(NAMES) == {
        "read_a_cube", "own_experiment", "own_metric", "own_module", "compare_presets",
        "four_theories",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_and_shows_what_it_gave(name, ran):
    done = ran(name)
    assert done.said == ""
    text = done.page.read_text(encoding="utf-8")
    pictures = re.findall(r"!\[Figure: .+\]\((.+\.svg)\)", text)
    assert len(pictures) >= 1 and 'class="gave"' in text
    for picture in pictures:
        assert b"</svg>" in (done.page.parent / picture).read_bytes()


# --- cells --------------------------------------------------------------------------------------
def written(folder: Path, text: str) -> Path:
    path = folder / "n.py"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def given(folder: Path, code: str):
    ((_, found),) = run(read_notebook(written(folder, f"\n# %%\n{code}\n")))
    return found


def test_the_last_expression_is_shown_after_what_was_printed(tmp_path):
    assert given(tmp_path, "print('a')\n1 + 1").printed == "a\n2"
    assert given(tmp_path, "x = 1 + 1").printed == ""
    assert given(tmp_path, "None").printed == ""
    assert given(tmp_path, "'words'").printed == "words"


def test_a_table_is_a_table_and_a_figure_a_drawing(tmp_path):
    table = given(tmp_path, "import pandas as pd\npd.DataFrame({'a': ['<b>']})")
    assert "<table" in table.table and "&lt;b&gt;" in table.table and not table.printed
    drawing = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    drawn = given(tmp_path, drawing)
    assert len(drawn.figures) == 1 and drawn.printed == ""
    assert drawn.figures == given(tmp_path, drawing).figures


def test_cells_share_names_and_notebooks_do_not(tmp_path):
    notebook = read_notebook(written(tmp_path, "\n# %%\nx = 2\n\n# %%\nx * 3\n"))
    assert [found.printed for _, found in run(notebook)] == ["", "6"]
    with pytest.raises(CellError, match="NameError"):
        given(tmp_path, "x")


def test_an_error_is_told_with_its_line(tmp_path):
    path = written(tmp_path, "\n# %%\nx = 1\n\n# %%\ny = 2\nx / 0\n")
    with pytest.raises(CellError, match=r"^n, line 10: ZeroDivisionError"):
        list(run(read_notebook(path)))
    with pytest.raises(CellError, match=r"^n, line 6: SyntaxError"):
        given(tmp_path, "x = = 1")


def test_a_process_of_its_own_tells_of_its_end(tmp_path):
    run_apart(written(tmp_path, "\n# %%\nimport os\nos.getcwd()\n"), tmp_path / "a", tmp_path)
    assert str(tmp_path) in (tmp_path / "a/n.md").read_text(encoding="utf-8")
    with pytest.raises(CellError, match=r"^n, line 6: ZeroDivisionError"):
        run_apart(written(tmp_path, "\n# %%\n1 / 0\n"), tmp_path / "a", tmp_path)
    with pytest.raises(CellError, match="n: its process ended before it did"):
        run_apart(written(tmp_path, "\n# %%\nos._exit(3)\n".replace("os", "__import__('os')")),
                  tmp_path / "a", tmp_path)  # fmt: skip


def test_the_page_has_words_code_and_what_it_gave(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    drawing = "import matplotlib.pyplot as plt\nplt.plot([1])\nprint('<')\nplt.show()"
    path = written(tmp_path, f"\n# %% [markdown]\n# ## Part\n\n# %%\n{drawing}\n")
    text, figures = page(notebook := read_notebook(path), list(run(notebook)))
    assert text == (
        f"## Part\n\n```python\n{drawing}\n```\n\n"
        '<pre class="gave">&lt;</pre>\n\n![Figure: Part](n-1.svg)\n'
    )
    assert list(figures) == ["n-1.svg"]
    assert main([str(path), "pages"]) == 0
    assert (tmp_path / "pages/n.md").read_text(encoding="utf-8") == text
    assert main([str(written(tmp_path, "\n# %%\n1 / 0\n")), "pages"]) == 1
    assert "n, line 6: ZeroDivisionError" in capsys.readouterr().err

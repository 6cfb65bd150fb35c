"""Run a notebook from its first cell to its last, and keep what each cell gives.

    python -m layeratlas.site.running docs/notebooks/read_a_cube.py INTO

writes INTO/read_a_cube.md and its figures, in the folder that it is called in. Of several, each has
a process of its own, so that none sees what another has left (`run_apart`).
"""

from __future__ import annotations

import ast
import contextlib
import io
import multiprocessing
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from layeratlas.errors import LayerAtlasError
from layeratlas.site.cells import Cell, Notebook, read_notebook
from layeratlas.storage.atomic import write_bytes_atomic

__all__ = ["CellError", "Given", "page", "run", "run_apart", "write_page"]


class CellError(LayerAtlasError):
    """A cell raised something else than it says; the message names notebook, line and error."""


@dataclass(frozen=True)
class Given:
    """What a cell gave: `printed`, a table or text of its last expression, figures as SVG."""

    printed: str = ""
    table: str = ""
    figures: tuple[bytes, ...] = ()


def run(notebook: Notebook) -> Iterator[tuple[Cell, Given]]:
    """Each cell with what it gave. CellError where one fails."""
    import matplotlib as mpl

    mpl.use("agg")
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in notebook.cells:
        yield cell, Given() if cell.is_words else _run(cell, names, notebook)


def _run(cell: Cell, names: dict[str, Any], notebook: Notebook) -> Given:
    printed = io.StringIO()
    try:
        tree = ast.parse(cell.text)
        last = tree.body[-1] if tree.body else None
        value: Any = None
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            # There is no window; what is drawn is kept all the same.
            warnings.filterwarnings("ignore", message=".*non-interactive.*")
            if isinstance(last, ast.Expr):
                tree.body.pop()
                exec(compile(tree, notebook.name, "exec"), names)
                value = eval(compile(ast.Expression(last.value), notebook.name, "eval"), names)
            else:
                exec(compile(tree, notebook.name, "exec"), names)
    except Exception as error:
        line = cell.line + _line_of(error, notebook.name) - 1
        what = f"{type(error).__name__}: {error}"
        raise CellError(f"{notebook.name}, line {line}: {what}") from error
    shown = getattr(value, "to_html", None)
    table = shown(border=0, justify="left") if shown else ""
    if value is not None and not table:
        printed.write(f"{value!r}\n" if not isinstance(value, str) else f"{value}\n")
    return Given(printed.getvalue().rstrip(), table, tuple(_figures()))


def _line_of(error: Exception, name: str) -> int:
    """The line of a cell on which its error arose."""
    if isinstance(error, SyntaxError):
        return error.lineno or 1
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == name:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _figures() -> Iterator[bytes]:
    """The figures that are open, which are closed; the same drawing gives the same bytes."""
    import matplotlib.pyplot as plt

    for number in plt.get_fignums():
        drawn = io.BytesIO()
        with plt.rc_context({"svg.hashsalt": "notebook"}):
            plt.figure(number).savefig(drawn, format="svg", metadata={"Date": None})
        plt.close(number)
        yield drawn.getvalue()


# --- as a page --------------------------------------------------------------------------------
def page(notebook: Notebook, cells: Sequence[tuple[Cell, Given]]) -> tuple[str, dict[str, bytes]]:
    """The notebook with what it gave, as Markdown; and its figures, by the names used there."""
    parts: list[str] = []
    figures: dict[str, bytes] = {}
    heading = notebook.title
    for cell, given in cells:
        if cell.is_words:
            parts.append(cell.text)
            titles = [line.lstrip("# ") for line in cell.text.splitlines() if line.startswith("#")]
            heading = titles[-1] if titles else heading
            continue
        parts.append(f"```python\n{cell.text}\n```")
        if given.printed:
            parts.append(f'<pre class="gave">{escape(given.printed)}</pre>')
        if given.table:
            parts.append(f'<div class="gave">\n{given.table}\n</div>')
        for drawn in given.figures:
            name = f"{notebook.name}-{len(figures) + 1}.svg"
            figures[name] = drawn
            parts.append(f"![Figure: {heading}]({name})")
    return "\n\n".join(parts) + "\n", figures


def write_page(path: Path, into: Path) -> None:
    """Run the notebook in a file here and now, and write its page and figures into a folder."""
    notebook = read_notebook(path)
    text, figures = page(notebook, list(run(notebook)))
    for name, content in {f"{notebook.name}.md": text.encode(), **figures}.items():
        write_bytes_atomic(into / name, content)


# --- each in its own process ------------------------------------------------------------------
#: Loading these takes longer than most notebooks. They are loaded once, in a process that runs
#: nothing, of which each notebook's is a copy.
_LOADED = ("matplotlib.pyplot", "numba", "pandas", "seaborn", "torch", "xarray", __name__)


def run_apart(path: Path, into: Path, folder: Path) -> None:
    """As `write_page`, in a process of its own that works in `folder`. Errors are those."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(list(_LOADED))
    here, there = processes.Pipe(duplex=False)
    given = (path.resolve(), into.resolve(), folder.resolve(), there)
    process = processes.Process(target=_apart, args=given)
    process.start()
    # What ends without a word has the end of the pipe for its answer.
    there.close()
    try:
        said = here.recv()
    except EOFError:
        said = f"{path.stem}: its process ended before it did"
    process.join()
    if said:
        raise CellError(said)


def _apart(path: Path, into: Path, folder: Path, answer: Connection) -> None:
    os.chdir(folder)
    try:
        write_page(path, into)
    except Exception as error:
        answer.send(str(error) or repr(error))
    else:
        answer.send("")


def main(arguments: Sequence[str]) -> int:
    """Run the notebook of the first argument, and write its page into the folder of the second."""
    path, into = map(Path, arguments)
    try:
        write_page(path, into)
    except LayerAtlasError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

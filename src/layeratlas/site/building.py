"""Build the site: write its pages, run its notebooks, hand all to Zensical, and check the result.

    python -m layeratlas.site.building needs       the files of the pipeline that notebooks read
    python -m layeratlas.site.building laptop      the site, with the figures of a preset

Zensical is given `mkdocs.yml` because it builds offline, strictly and fast; the pages are
plain Markdown, and nothing else knows of it.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from layeratlas.errors import ConfigError, LayerAtlasError, StoreError
from layeratlas.provenance.record.source import GitState, git_state
from layeratlas.site.api import pages as api_pages
from layeratlas.site.cells import read_notebook
from layeratlas.site.gallery import gallery
from layeratlas.site.links import broken, outside
from layeratlas.site.pages import write_documents
from layeratlas.site.running import run_apart
from layeratlas.storage.atomic import store_errors
from layeratlas.words import named

__all__ = ["CONFIG", "build", "needed", "write_pages"]

CONFIG = "mkdocs.yml"
#: Where it puts pages and site, as `CONFIG` has it.
_FOLDER = "build"
_STYLE = """\
.gave { border-left: 3px solid #0072B2; padding: .2em 0 .2em .8em; overflow-x: auto; }
.gave th, .gave td { padding: .15em .8em .15em 0; }
pre.gave { font-size: .75em; line-height: 1.4; white-space: pre-wrap; }
.made { font-size: .75em; margin-top: 3em; }
"""


def needed(source: Path) -> list[str]:
    """The files of the pipeline that the notebooks of a clone read."""
    found = [read_notebook(path).needs for path in _notebooks(source)]
    return sorted({name for names in found for name in names})


def build(
    source: Path,
    project: Path,
    preset: str,
    into: Path | None = None,
    run: Callable[[Path, Path, Path], None] = run_apart,
) -> Path:
    """The site of the clone `source`, of figures and notebooks in the folder `project`.

    Pages are written to `into/pages` and built to `into/site`, by default in `source/build`, and
    the path of the site is returned. ConfigError where a document links to what is no page or
    there is no Zensical, StoreError where a notebook reads what was not made, LayerAtlasError where
    a notebook fails, the builder warns, or an address leads nowhere or out of the site.
    """
    into = source / _FOLDER if into is None else into
    if importlib.util.find_spec("zensical") is None:
        raise ConfigError("the site is built by Zensical: pip install 'layeratlas[docs]'")
    write_pages(source, project, preset, into / "pages", run)
    config = into / CONFIG
    text = (source / CONFIG).read_text(encoding="utf-8")
    config.write_text(text.replace(f"_dir: {_FOLDER}/", "_dir: "), encoding="utf-8")
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "-f", str(config)]
    done = subprocess.run(command, cwd=into, capture_output=True, text=True, check=False)
    site = into / "site"
    if done.returncode or not (site / "index.html").is_file():
        raise LayerAtlasError(f"Zensical builds no site: {_first(done.stdout + done.stderr)}")
    if wrong := [*broken(site), *outside(site)]:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise LayerAtlasError(f"{wrong[0]}{more}")
    return site


def write_pages(
    source: Path,
    project: Path,
    preset: str,
    into: Path,
    run: Callable[[Path, Path, Path], None] = run_apart,
) -> None:
    """Write every page of the site as Markdown; each says at its end from which commit it is."""
    if not (source / CONFIG).is_file():
        raise ConfigError(f"{named(source)}: there is no {CONFIG}: build the site in a clone")
    missing = [name for name in needed(source) if not (project / name).is_file()]
    if missing:
        raise StoreError(
            f"a notebook reads {missing[0]}, which is not there: snakemake {' '.join(missing)} "
            "--config preset=smoke"
        )
    with store_errors(into):
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
    write_documents(source, into)
    for notebook in _notebooks(source):
        run(notebook, into / "notebooks", project)
    made = api_pages() | {"gallery.md": gallery(project, preset, into)}
    for name, text in made.items():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_text(text, encoding="utf-8")
    (into / "layeratlas.css").write_text(_STYLE, encoding="utf-8")
    ending = _ending(git_state())
    for page in into.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        page.write_text(f"{text.rstrip()}\n\n{ending}\n", encoding="utf-8")


def _first(said: str) -> str:
    """The first of what the builder warns of, with its place, out of its drawing of it."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
    if warned := re.search(r"Warning: (.+)\n.*\[ (\S+) \]", plain):
        return f"{warned[2]}: {warned[1]}"
    return plain.strip().rpartition("\n")[2] or "it does not say why"


def _notebooks(source: Path) -> list[Path]:
    return sorted((source / "docs" / "notebooks").glob("*.py"))


def _ending(state: GitState) -> str:
    """The last line of a page."""
    if not state.commit:
        return '<p class="made">Made from code that is in no commit.</p>'
    changes = " with uncommitted changes" if state.dirty else ""
    return f'<p class="made">Made from commit <code>{state.commit[:12]}</code>{changes}.</p>'


def main(arguments: Sequence[str]) -> int:
    """The command above, in the clone worked in. Exit status: 0, or 2 where there is no site."""
    here = Path.cwd()
    (asked,) = arguments or ("laptop",)
    try:
        print(*needed(here) if asked == "needs" else ["wrote", build(here, here, asked)])
    except LayerAtlasError as error:
        print(f"layeratlas.site: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

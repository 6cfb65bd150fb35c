"""Write Snakemake's report, of figures that are there and up to date, or refuse in one sentence.

Snakemake by itself reports a result that is out of date without a word.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from layeratlas.errors import ConfigError, LayerAtlasError, StoreError
from layeratlas.papers import FIGURES, PAPERS
from layeratlas.provenance.ask.expectations import Present
from layeratlas.provenance.store.reading import project_root
from layeratlas.storage.atomic import store_errors
from layeratlas.words import listed, quoted, suggestion
from layeratlas.workflow.receipts import Receipts

__all__ = ["DEFAULT", "PAGE", "refuse_what_is_not_current", "report_files", "write_report"]

DEFAULT = "atlas/report.zip"
PAGE = "figures/claims.html"
"""The page of claims, whose name stands for it among the figures to report."""

_WORDS = {
    "code": "the code that makes it has changed",
    "settings": "it would be made with other settings",
    "inputs": "what it is made from would be made anew",
    "results": "it is not the file that its job made",
    "no_receipt": "no receipt says how it was made",
}


def write_report(
    figures: Sequence[str] = (),
    root: str | os.PathLike[str] | None = None,
    preset: str | None = None,
    out: str | os.PathLike[str] | None = None,
) -> Path:
    """Write the report of `figures` to `out`, a .zip to unpack or one .html, and return its path.

    `figures` are names of figures or of papers; without any they are all that `snakemake figures`
    makes at this preset, and the page of claims. Nothing is made that is not there: ConfigError
    where there is no such figure or preset, StoreError, naming the figure, where one is missing or
    out of date, or where Snakemake reports none.
    """
    folder = project_root(root)
    present = Present(folder)
    workflow, receipts = present.workflow(preset), present.receipts(preset)
    if workflow is None or receipts is None:
        raise ConfigError(present.problem or "the configuration cannot be read")
    assert present.source is not None
    names = list(_named(figures)) if figures else [*workflow.ordinary, PAGE]
    used = workflow.config.preset
    refuse_what_is_not_current(names, receipts, folder, used)
    target = folder / DEFAULT if out is None else Path(out)
    files = [PAGE if name == PAGE else f"figures/{name}.pdf" for name in names]
    report_files(files, target, folder.resolve(), present.source.resolve(), used)
    return target


def _named(figures: Iterable[str]) -> Iterator[str]:
    """Figures that are asked for by their names or their papers'."""
    for name in figures:
        if name in PAPERS:
            yield from PAPERS[name]
        elif name in FIGURES or name == PAGE:
            yield name
        else:
            near = suggestion(name, [*FIGURES, *PAPERS])
            raise ConfigError(
                f"there is no figure {quoted(name)} to report; {near}figures: {listed(FIGURES)}; "
                f"papers: {listed(PAPERS)}"
            )


# --- what is not current ----------------------------------------------------------------------
def refuse_what_is_not_current(
    names: Iterable[str], receipts: Receipts, root: Path, preset: str
) -> None:
    """StoreError that names the first of these figures that is missing or stale, and why."""
    wrong = [(name, why) for name in names if (why := _why_not(name, receipts, root, preset))]
    if not wrong:
        return
    name, why = wrong[0]
    page = name == PAGE
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    target = PAGE if page else f"figures/{name}.pdf"
    raise StoreError(
        f"{'the page of claims' if page else f'figure {quoted(name)}'}{more} {why}, so that there "
        f"is no report of it at preset {preset}: snakemake {target} --config preset={preset}"
    )


def _why_not(name: str, receipts: Receipts, root: Path, preset: str) -> str | None:
    if missing := next((one for one in _files(name, preset) if not (root / one).is_file()), None):
        return f"is missing ({missing})"
    for rule, at in _jobs(name):
        if reason := receipts.reason(rule, at):
            return f"is stale: {_WORDS.get(reason, reason)}"
    return None


def _files(name: str, preset: str) -> list[str]:
    if name == PAGE:
        return [PAGE]
    entry = FIGURES[name]
    endings = {"pdf": True, "gif": entry.animation, "tex": entry.table}
    shown = [f"figures/{name}.{ending}" for ending, there in endings.items() if there]
    return [*shown, f"results/{preset}/figures/{name}.png", f"results/{preset}/claims/{name}.json"]


def _jobs(name: str) -> Iterator[tuple[str, dict[str, str]]]:
    if name == PAGE:
        yield "write_claims", {}
        return
    at = {"figure": name}
    yield "show_figure", at
    if FIGURES[name].animation:
        yield "animate_figure", at
    if FIGURES[name].table:
        yield "write_table", at


# --- Snakemake --------------------------------------------------------------------------------
def report_files(files: Sequence[str], out: Path, root: Path, source: Path, preset: str) -> None:
    """Have the Snakemake of the clone `source` report these files of the project `root`.

    The report appears whole or not at all; LayerAtlasError with Snakemake's reason.
    """
    with store_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".report-") as scratch:
        # A folder inside the report has its file's name.
        written = Path(scratch).resolve() / out.name
        command = [
            sys.executable, "-m", "snakemake", "--cores", "1", "--report", str(written),
            "--directory", str(root), "--config", f"preset={preset}", "--", *files,
        ]  # fmt: skip
        environment = {**os.environ, "LAYERATLAS_TERMINAL": "snakemake"}
        done = subprocess.run(
            command, cwd=source, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode or not written.is_file():
            raise LayerAtlasError(f"Snakemake writes no report: {_last(done.stderr)}")
        with store_errors(out):
            written.replace(out)


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line]
    return (errors or lines or ["it does not say why"])[-1]

"""`layeratlas`: ask the provenance store from the command line.

Each command is a thin frame around one Python function: it parses, calls, prints. Answers go to
stdout; warnings and errors, one line each, to stderr. Exit status: 0 fine, 1 the answer is bad
news (`verify`, `stale --check`, `compare`), 2 the question could not be answered.

A new command is one function under `@_command`. What it needs it imports itself, so that help
and spelling mistakes are answered at once, without xarray and pandas.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import layeratlas
from layeratlas.errors import LONGEST, LayerAtlasError
from layeratlas.words import listed, printable, quoted, shortened

if TYPE_CHECKING:
    import pandas as pd

_EPILOG = """
WHAT you can ask about: a file by its path (a figure may have been moved or renamed), a digest or
content hash (six digits or more), a cube by name (NAME, NAME@VERSION, PRESET/NAME@VERSION).
Results that nobody recorded cannot be asked about. Every command is also a Python function:
layeratlas.lineage(...), layeratlas.diff(...), layeratlas.open("NAME@VERSION").
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if not hasattr(given, "run"):
        parser.print_help()
        return 2
    with warnings.catch_warnings():
        from layeratlas.provenance.store.reading import RecordWarning

        warnings.simplefilter("always", RecordWarning)
        shown: set[str] = set()

        def show(message: Any, category: type[Warning], *_: Any, **__: Any) -> None:
            # A warning of a library is no business of somebody who asks a question.
            if issubclass(category, RecordWarning) and str(message) not in shown:
                shown.add(str(message))
                print(f"layeratlas: warning: {message}", file=sys.stderr)

        warnings.showwarning = show
        try:
            return given.run(given)
        except LayerAtlasError as error:
            _tell(error)
        except ImportError as error:
            _tell(f"{given.command} is not available: {error}")
        except BrokenPipeError:  # `layeratlas log | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except OSError as error:
            _tell(error)
        except UnicodeEncodeError as error:
            _tell(f"{quoted(error.object)} is no text in Unicode")
        except KeyboardInterrupt:
            _tell("interrupted")
    return 2


def _tell(problem: object) -> None:
    """One line on stderr, whatever a file or an argument holds."""
    print(f"layeratlas: {shortened(printable(str(problem)), LONGEST)}", file=sys.stderr)


# --- the table of commands --------------------------------------------------------------------
class _Argument(NamedTuple):
    names: tuple[str, ...]
    options: dict[str, Any]


class _Command(NamedTuple):
    run: Callable[[argparse.Namespace], int]
    text: str
    arguments: tuple[_Argument, ...]


_COMMANDS: dict[str, _Command] = {}


def _argument(*names: str, **options: Any) -> _Argument:
    """As `argparse.ArgumentParser.add_argument` takes it."""
    return _Argument(names, options)


def _command(
    name: str, text: str, *arguments: _Argument
) -> Callable[[Callable[[argparse.Namespace], int]], Callable[[argparse.Namespace], int]]:
    """Make a function the command `name` ("store gc": `gc` of the group `store`)."""

    def note(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
        _COMMANDS[name] = _Command(run, text, arguments)
        return run

    return note


class _Parser(argparse.ArgumentParser):
    """Refuses in one line, as all else does; argparse would repeat the whole usage."""

    def error(self, message: str) -> NoReturn:
        text = shortened(printable(message), LONGEST - len(self.prog) - 30)
        self.exit(2, f"{self.prog}: {text}; see {self.prog} --help\n")


def _output(text: str) -> str:
    """A path to write to: what no file system can hold is refused before any work."""
    parts = text.split("/")
    if not any(p.strip(".") for p in parts) or "\0" in text or max(map(len, parts)) > 255:
        raise argparse.ArgumentTypeError(f"{quoted(text, 60)} cannot be the name of a file")
    return text


def _megabytes(text: str) -> int:
    """A size in megabytes, as bytes."""
    try:
        size = float(text) * 1e6
    except ValueError:
        size = -1.0
    if not 0 <= size < 1e18:
        raise argparse.ArgumentTypeError(f"{quoted(text, 60)} is no size; 100 is one, in megabytes")
    return int(size)


_GROUPS = {"store": "care for the object store"}


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="layeratlas",
        description="What made this figure, what depends on this data set, what changed, what is "
        "out of date: questions to the records that every job of the pipeline leaves.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=layeratlas.__version__)
    top = parser.add_subparsers(dest="command", metavar="COMMAND")
    within: dict[str, Any] = {"": top}
    for whole, command in _COMMANDS.items():
        group, _, name = whole.rpartition(" ")
        if group not in within:
            text = _GROUPS[group]
            outer = top.add_parser(group, help=text, description=f"{_capital(text)}.")
            within[group] = outer.add_subparsers(
                dest=f"{group}_command", metavar="COMMAND", required=True
            )
        made = within[group].add_parser(
            name,
            help=command.text,
            description=f"{_capital(command.text)}.",
            epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.add_argument(
            "--root",
            metavar="FOLDER",
            help="folder of the project (holds provenance/ and store/); default: the nearest one "
            "at or above the working directory",
        )
        made.add_argument("--json", action="store_true", help="print the answer as JSON")
        for argument in command.arguments:
            made.add_argument(*argument.names, **argument.options)
        made.set_defaults(run=command.run)
    return parser


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _print(
    given: argparse.Namespace, table: pd.DataFrame, columns: dict[str, str], words: str | None
) -> int:
    """Answer with a table, or with JSON when that was asked for."""
    from layeratlas.provenance.tell.printing import print_json, print_table

    if given.json:
        print_json(table)
    else:
        print_table(table, columns, words)
    return 0


# --- commands ---------------------------------------------------------------------------------
@_command(
    "lineage",
    "what made this file: all its ancestors with code, settings, environment",
    _argument("file", metavar="FILE", help="a result, a figure moved anywhere, or a hash"),
    _argument("--graph", choices=["svg"], help="print a drawing instead of a tree"),
    _argument(
        "-o", "--output", metavar="PATH", type=_output, help="write the drawing to this file"
    ),
    _argument("--all", action="store_true", help="show every file, also of many equal ones"),
)
def _lineage(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.lineage import lineage
    from layeratlas.provenance.tell.drawing import to_svg
    from layeratlas.provenance.tell.printing import print_json, print_rich
    from layeratlas.provenance.tell.show import tree

    table = lineage(given.file, given.root)
    if given.graph:
        text = to_svg(table)
        if given.output:
            from layeratlas.storage import write_bytes_atomic

            write_bytes_atomic(given.output, text.encode())
        else:
            print(text, end="")
    elif given.json:
        print_json(table)
    else:
        print_rich(tree(table, given.all))
    return 0


@_command(
    "accept",
    "record that a change does not matter for a result and what it was made from",
    _argument("target", metavar="TARGET", help="a result on record, or a hash"),
    _argument("--because", metavar="REASON", required=True, help="why it does not matter"),
)
def _accept(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.accepting import accept
    from layeratlas.workflow.acceptances import changes_in_words

    table = accept(given.target, given.because, given.root)
    words = f"{len(table)} jobs are accepted as they stand; none of them runs again for it"
    shown = table
    if not given.json:
        shown = table.assign(changed=table["changed"].map(changes_in_words))
    columns = {
        "rule": "rule",
        "what": "what",
        "reason": "would run again for",
        "changed": "then → now",
    }
    return _print(given, shown, columns, words)


@_command(
    "dependents",
    "what was made from this data set, cube, code or environment",
    _argument("what", metavar="WHAT", help="a data set (mnist_5k), a cube, a file, a hash of code "
              "or environment, a commit"),
)  # fmt: skip
def _dependents(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.dependents import dependents

    table = dependents(given.what, given.root)
    columns = {
        "depth": "depth",
        "path": "file",
        "rule": "made by",
        "content_hash": "content",
        "commit": "commit",
        "started": "started (UTC)",
    }
    words = f"{len(table)} files made from {table.attrs['kind']} {shortened(given.what, 100)}"
    return _print(given, table, columns, words)


@_command(
    "diff",
    "what differs between two versions of a cube, or between what two figures were made from",
    _argument("a", metavar="A", help="path, hash or NAME@VERSION"),
    _argument("b", metavar="B", help="the same for the other side"),
    _argument("--preset", help="which preset a NAME belongs to"),
)
def _diff(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.differences import diff

    table = diff(given.a, given.b, given.root, given.preset)
    columns = {
        name: name for name in table.columns if name == "kind" or table[name].map(_said).any()
    }
    columns |= {"max_abs": "max |a−b|", "max_rel": "max relative"} if "max_abs" in columns else {}
    return _print(given, table, columns, f"{len(table)} differences")


def _said(value: Any) -> bool:
    return value is not None and value != [] and value == value


@_command(
    "compare",
    "did a number move between two results folders: exits with 1 if so",
    _argument("old", metavar="OLD", help="results/<preset>, or its folder cubes"),
    _argument("new", metavar="NEW", help="the same for the other side"),
)
def _compare(given: argparse.Namespace) -> int:
    from layeratlas.cubes.comparison_report import run

    return run(given)


@_command(
    "stale",
    "results that the present code, configuration or data would not reproduce, and why",
    _argument("--preset", help="only results of this preset"),
    _argument("--check", action="store_true", help="exit with 1 if there are any"),
)
def _stale(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.staleness import ACCEPTED, stale

    table = stale(given.root, given.preset)
    columns = {"path": "result", "kind": "kind", "reason": "why"}
    files = table.loc[table["kind"] != ACCEPTED, "path"].nunique()
    words = f"{files} stale results" if files else "nothing is stale"
    if accepted := table.loc[table["kind"] == ACCEPTED, "path"].nunique():
        words += f"; {accepted} results were accepted as they are"
    _print(given, table, columns, words)
    return 1 if given.check and files else 0


@_command(
    "why",
    "which cells, layers and seeds carry the verdict of a claim, and what would turn it",
    _argument("claim", metavar="CLAIM", help="its id, as claim-4, or FIGURE/ID"),
    _argument("--subject", help="only subjects that begin so, as a panel's letter"),
    _argument("--preset", help="the preset whose cubes are asked"),
)
def _why(given: argparse.Namespace) -> int:
    from dataclasses import asdict

    from layeratlas.provenance.ask.why import why
    from layeratlas.provenance.tell.printing import plain, print_rich
    from layeratlas.provenance.tell.turning import told

    found = why(given.claim, given.root, given.preset, given.subject)
    if given.json:
        print(json.dumps([plain(asdict(one)) for one in found], indent=2, allow_nan=False))
    else:
        print_rich(*(printable(line) for one in found for line in told(one)))
    return 0


@_command(
    "verify",
    "is every file what its record says: exits with 1 if not",
    _argument("paths", metavar="PATH", nargs="*", help="files to check, or crates; default: all"),
    _argument("--signers", metavar="FILE", help="whose signatures count: a file of allowed signers "
              "of OpenSSH, a line a person"),
)  # fmt: skip
def _verify(given: argparse.Namespace) -> int:
    import pandas as pd

    from layeratlas.provenance.crate.checking import check_crate
    from layeratlas.provenance.crate.container import is_crate
    from layeratlas.provenance.store.checks.finding import NO_FAULT, OK, UNRECORDED
    from layeratlas.provenance.store.verify import verify

    # A crate needs no project: whoever received it has none.
    crates = [path for path in given.paths if is_crate(path)]
    others = [path for path in given.paths if path not in crates]
    tables = [check_crate(path, given.signers) for path in crates]
    if others or not crates:
        tables.append(verify(others or None, given.root, given.signers))
    table = pd.concat(tables, ignore_index=True)
    # A result from before records were kept is no fault, unless one asks about that very file.
    fine = [status for status in NO_FAULT if not (given.paths and status == UNRECORDED)]
    wrong = table[~table["status"].isin(fine)]
    counts = ", ".join(f"{n} {status}" for status, n in table["status"].value_counts().items())
    for signer, signed in table.groupby("signer")["kind"]:
        kinds = ", ".join(f"{n} {kind}" for kind, n in signed.value_counts().items())
        counts += f"; signed by {signer}: {kinds}"
    columns = {"path": "path", "status": "status", "problem": "problem"}
    shown = table if given.json else table[table["status"] != OK] if given.paths else wrong
    _print(given, shown, columns, counts or "there is nothing to verify")
    return 1 if len(wrong) else 0


@_command(
    "log",
    "what ran when, for how long, on what",
    _argument("--since", metavar="TIME", help="2031-05-17, 2031-05-17T12:00, 90m, 12h, 3d"),
    _argument("--until", metavar="TIME", help="likewise"),
    _argument("--rule", help="only jobs of this rule: train, measure, draw_figure, …"),
    *(_argument(f"--{name}", help=f"only jobs of this {name}")
      for name in ("experiment", "figure", "preset")),
    _argument("--status", choices=["ok", "failed"], help="only jobs that ended so"),
    _argument("-n", "--limit", type=int, help="only the last N jobs"),
    _argument("--efficiency", action="store_true", help="instead: what jobs asked a scheduler for "
              "against what they used, a row a rule, and what to change"),
)  # fmt: skip
def _log(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.history import log
    from layeratlas.provenance.tell.grouping import duration

    names = ("root", "since", "until", "rule", "experiment", "figure", "preset", "status", "limit")
    asked = {name: getattr(given, name) for name in names}
    if given.efficiency:
        return _efficiency(given, asked)
    table = log(**asked)
    columns = {
        "started": "started (UTC)",
        "rule": "rule",
        "what": "what",
        "status": "status",
        "wall_seconds": "seconds",
        "host": "host",
        "commit": "commit",
        "dirty": "uncommitted",
    }
    if table["error"].notna().any():
        columns["error"] = "error"
    if table["unread"].notna().any():
        columns["unread"] = "could not be read"
    words = f"{len(table)} jobs, {duration(table['wall_seconds'].sum())}"
    return _print(given, table, columns, words)


def _efficiency(given: argparse.Namespace, asked: dict[str, Any]) -> int:
    from layeratlas.provenance.ask.efficiency import efficiency
    from layeratlas.provenance.tell.printing import print_rich

    table = efficiency(**asked)
    if given.json:
        return _print(given, table, {}, None)
    for kind in ("memory", "minutes"):
        used = zip(table[f"{kind}_median"], table[f"{kind}_worst"], strict=True)
        table[kind] = [" / ".join("?" if s is None else f"{s:.0%}" for s in pair) for pair in used]
    columns = {
        "rule": "rule",
        "jobs": "jobs",
        "retried": "retried",
        "asked_mb": "asked MB",
        "used_mb": "used MB",
        "memory": "of it, median / worst",
        "asked_minutes": "asked min",
        "used_minutes": "used min",
        "minutes": "of it, median / worst ",
    }
    _print(given, table, columns, None if len(table) else "no record says what a job asked for")
    print_rich(*(printable(f"{row.rule}: {row.advice}.") for row in table.itertuples()))
    return 0


@_command(
    "record",
    "run a command and leave a record of it: `layeratlas record -- python mine.py`",
    _argument("--output", metavar="FILE", action="append", default=[], type=_output,
              help="a file that it makes; default: all that it writes in the project"),
    _argument("--input", metavar="FILE", action="append", default=[],
              help="a file that it cannot be seen to read: outside of the project, or not by "
              "Python"),
    _argument("what", metavar="COMMAND", nargs=argparse.REMAINDER,
              help="after --: the command and all that belongs to it"),
)  # fmt: skip
def _record(given: argparse.Namespace) -> int:
    from layeratlas.errors import ConfigError
    from layeratlas.provenance.record.own_work import run

    command = given.what[1:] if given.what[:1] == ["--"] else given.what
    if not command:
        raise ConfigError("give a command, as in `layeratlas record -- python mine.py`")
    status, record = run(command, given.output, given.input, given.root)
    made = [file.path for file in record.outputs]
    if given.json:
        print(json.dumps({"record": record.id, "status": record.status, "outputs": made}))
    elif record.status == "ok":
        # Standard output is the command's own.
        words = f"{listed(made)} made from {listed([f.path for f in record.inputs]) or 'nothing'}"
        print(f"layeratlas: on record: {printable(words)}", file=sys.stderr)
    else:
        _tell(f"{record.error}; its record says so")
    return status


@_command(
    "versions",
    "all versions of a cube and where they are",
    _argument("name", metavar="NAME", help="name of a cube, or PRESET/NAME"),
)
def _versions(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.versions import versions

    table = versions(given.name, given.root)
    names = ("preset", "version", "published", "digest", "content_hash", "commit", "dirty", "state")
    return _print(given, table, {name: name.replace("_", " ") for name in names}, None)


@_command(
    "pin",
    "keep a version in the object store for good",
    _argument("what", metavar="WHAT", help="path, digest or NAME@VERSION"),
    _argument("name", metavar="NAME", help="what for: `submitted`, `thesis`, …"),
)
def _pin(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.versions import digest_of
    from layeratlas.provenance.store.pins import pin

    digest = pin(digest_of(given.what, given.root), given.name, given.root)
    if given.json:
        print(json.dumps({"digest": digest, "name": given.name}))
    else:
        print(f"{digest} is kept as {printable(given.name)}")
    return 0


@_command(
    "seal",
    "sign records, or a crate, with a key of OpenSSH, for `verify --signers`",
    _argument("what", metavar="WHAT", nargs="?", help="a crate, or a result, whose jobs' records "
              "are signed; default: all records"),
    _argument("--key", metavar="KEY", required=True, help="a private key, as ~/.ssh/id_ed25519"),
)  # fmt: skip
def _seal(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.sealing import seal
    from layeratlas.provenance.crate.container import is_crate
    from layeratlas.provenance.crate.signing import sign_crate

    if given.what is not None and is_crate(given.what):
        answer: dict[str, Any] = {"signed": str(sign_crate(given.what, given.key))}
        words = f"signed {given.what}"
    else:
        path, count = seal(given.key, given.what, given.root)
        answer = {"signed": str(path), "records": count}
        words = f"signed {count} records in {path}"
    print(json.dumps(answer) if given.json else printable(words))
    return 0


@_command(
    "crate",
    "export a figure or cube with data, code and parameters as a Workflow Run RO-Crate",
    _argument("target", metavar="TARGET", help="a figure or cube"),
    _argument("out", metavar="OUT", type=_output, help="folder or .zip to write"),
    _argument("--author", metavar="WHO", action="append", default=[], help="'name; ORCID; "
              "affiliation', once for each; default: CITATION.cff, else the name that git knows"),
    _argument("--largest", metavar="MB", type=_megabytes, help="cubes of more megabytes are told "
              "by their hashes only; default: all are enclosed"),
)  # fmt: skip
def _crate(given: argparse.Namespace) -> int:
    from layeratlas.provenance.crate.export import export_crate

    written = export_crate(
        given.target, given.out, given.root, authors=given.author, largest=given.largest
    )
    words = f"wrote {printable(str(written))}"
    print(json.dumps({"crate": str(written)}) if given.json else words)
    return 0


@_command(
    "report",
    "write Snakemake's report of figures, if none is missing or stale",
    _argument("figures", metavar="FIGURE", nargs="*", help="figures or papers, by name; default: "
              "all that `snakemake figures` makes, and the page of claims"),
    _argument("--preset", help="whose figures; default: that of config/config.yaml"),
    _argument("-o", "--output", metavar="PATH", type=_output,
              help="the .zip, or .html, to write; default: atlas/report.zip in the project"),
)  # fmt: skip
def _report(given: argparse.Namespace) -> int:
    from layeratlas.workflow.report.writing import write_report

    written = write_report(given.figures, given.root, given.preset, given.output)
    words = f"wrote {printable(str(written))}"
    print(json.dumps({"report": str(written)}) if given.json else words)
    return 0


@_command(
    "refine",
    "spend runs on the boundary that an experiment asks for, generation by generation",
    _argument("experiment", metavar="EXPERIMENT", help="one whose file has `refine`"),
    _argument("--preset", help="whose settings; default: that of config/config.yaml"),
    _argument("--cores", default="all", help="how many jobs at once; default: all cores"),
    _argument("--snakemake", metavar="ARGUMENTS", default="",
              help="Snakemake's own, as '--workflow-profile profiles/slurm'"),
)  # fmt: skip
def _refine(given: argparse.Namespace) -> int:
    import shlex
    from dataclasses import asdict

    from layeratlas.provenance.tell.printing import plain
    from layeratlas.workflow.refining.driving import refine

    # Standard output is the answer's, as JSON, or what a reader follows.
    out = sys.stderr if given.json else sys.stdout
    found = refine(
        given.experiment,
        given.root,
        given.preset,
        ["--cores", given.cores, *shlex.split(given.snakemake)],
        lambda line: print(printable(line), file=out, flush=True),
    )
    if given.json:
        print(json.dumps(plain(asdict(found)), default=str))
    return 0


@_command(
    "store gc",
    "say which versions nothing refers to any more, and what killed jobs left; free them",
    _argument("--apply", action="store_true", help="remove them; without it, only say so"),
    _argument("--weights", action="store_true", help="instead: archives of trained networks that "
              "are measured; say what it would cost to make them again"),
)  # fmt: skip
def _gc(given: argparse.Namespace) -> int:
    if given.weights:
        return _gc_weights(given)
    from layeratlas.provenance.store.garbage import collect_garbage
    from layeratlas.provenance.tell.grouping import total

    table = collect_garbage(given.root, apply=given.apply)
    words = "nothing to free: something refers to every object, and no killed job left anything"
    if len(table):
        done = "freed" if given.apply else "would be freed; --apply removes them"
        objects = int((table["kind"] == "object").sum())
        counts = f"{objects} objects, {len(table) - objects} leftovers"
        words = f"{counts}, {total(table['freed'])} {done}"
    columns = {"path": "path", "kind": "kind", "size": "bytes", "freed": "freed"}
    return _print(given, table, columns, words)


@_command(
    "allocation",
    "print a batch script in which one allocation of SLURM runs all jobs: hand it to sbatch",
    _argument("--hours", type=float, required=True, help="time limit; 0.5 is half an hour"),
    _argument("--cpus", type=int, default=8, help="cores, and as many jobs at once (default 8)"),
    _argument("--mem", metavar="SIZE", help="memory, as 16G; default: the partition's own"),
    _argument("--gpus", type=int, default=0, help="cards, of which each job takes one"),
    _argument("--partition", metavar="NAME", help="where to run; default: the cluster's own"),
    _argument("--account", metavar="NAME", help="whose time is used"),
    _argument("--again", action="store_true", help="come back when the time ends, as long as each "
              "time a job was finished or a training came further"),
    _argument("--image", metavar="FILE", help="an environment in one file: .sqsh or .tar of "
              "envs/pack.sh, or a container, .sif; default: the one that runs this"),
    _argument("--config", metavar="KEY=VALUE", action="append", default=[],
              help="a setting, as preset=paper; may be repeated"),
    _argument("targets", metavar="TARGET", nargs="*", help="what to make, as for snakemake"),
)  # fmt: skip
def _allocation(given: argparse.Namespace) -> int:
    from layeratlas.workflow.allocation import Allocation, batch_script

    asked = Allocation(
        hours=given.hours,
        cpus=given.cpus,
        memory=given.mem,
        gpus=given.gpus,
        partition=given.partition,
        account=given.account,
        again=given.again,
    )
    folder = given.root if given.root is not None else "."
    text = batch_script(
        asked, given.targets, folder=folder, settings=given.config, image=given.image
    )
    print(json.dumps({"script": text}) if given.json else text, end="\n" if given.json else "")
    return 0


def _gc_weights(given: argparse.Namespace) -> int:
    from layeratlas.provenance.store.weights import free_weights
    from layeratlas.provenance.tell.grouping import duration, total

    table = free_weights(given.root, apply=given.apply)
    words = "no weights to free: no trained shard is there whose networks are measured"
    if len(table):
        done = "freed" if given.apply else "would be freed; --apply removes them"
        on_card = table["gpu"].notna()
        price = [
            f"{duration(table.loc[~on_card, 'cpu_seconds'].sum())} of a core"
            if any(~on_card)
            else "",
            f"{duration(table.loc[on_card, 'wall_seconds'].sum())} of a GPU"
            if any(on_card)
            else "",
        ]
        words = (
            f"weights of {len(table)} shards, {total(table['size'])} {done}. Figures, cubes and "
            "their lineage stay; who measures these networks anew trains them again, to the same "
            f"bits, in about {' and '.join(filter(None, price))}, as their jobs took"
        )
    columns = {"path": "path", "networks": "networks", "size": "bytes", "cpu_seconds": "CPU s"}
    return _print(given, table, columns, words)


if __name__ == "__main__":
    sys.exit(main())

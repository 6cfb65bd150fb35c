"""`layeratlas`: ask the provenance store from the command line.

Each command is a thin frame around one Python function: it parses, calls, prints. Answers go to
stdout; warnings and errors, one line each, to stderr. Exit status: 0 fine, 1 the answer is bad
news (`verify`, `stale --check`, `compare`), 2 the question could not be answered.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from layeratlas.errors import LayerAtlasError

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
            print(f"layeratlas: {error}", file=sys.stderr)
        except ImportError as error:
            print(f"layeratlas: {given.command} is not available: {error}", file=sys.stderr)
        except BrokenPipeError:  # `layeratlas log | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except OSError as error:
            print(f"layeratlas: {error}", file=sys.stderr)
        except KeyboardInterrupt:
            print("layeratlas: interrupted", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    import layeratlas

    parser = argparse.ArgumentParser(
        prog="layeratlas",
        description="What made this figure, what depends on this data set, what changed, what is "
        "out of date: questions to the records that every job of the pipeline leaves.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=layeratlas.__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, run: Callable[[Any], int], text: str, within: Any = commands) -> Any:
        made = within.add_parser(
            name, help=text, description=text[0].upper() + text[1:] + ".", epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        made.add_argument(
            "--root", metavar="FOLDER", help="folder of the project (holds provenance/ and store/);"
            " default: the nearest one at or above the working directory",
        )  # fmt: skip
        made.add_argument("--json", action="store_true", help="print the answer as JSON")
        made.set_defaults(run=run)
        return made

    made = command("lineage", _lineage, "what made this file: all its ancestors with code, "
                   "settings, environment")  # fmt: skip
    made.add_argument("file", metavar="FILE", help="a result, a figure moved anywhere, or a hash")
    made.add_argument("--graph", choices=["svg"], help="print a drawing instead of a tree")
    made.add_argument("-o", "--output", metavar="PATH", help="write the drawing to this file")
    made.add_argument("--all", action="store_true", help="show every file, also of many equal ones")

    made = command("dependents", _dependents, "what was made from this data set, cube, code or "
                   "environment")  # fmt: skip
    made.add_argument("what", metavar="WHAT", help="a data set (mnist_5k), a cube, a file, a hash "
                      "of code or environment, a commit")  # fmt: skip

    made = command("diff", _diff, "what differs between two versions of a cube, or between what "
                   "two figures were made from")  # fmt: skip
    made.add_argument("a", metavar="A", help="path, hash or NAME@VERSION")
    made.add_argument("b", metavar="B", help="the same for the other side")
    made.add_argument("--preset", help="which preset a NAME belongs to")

    made = command("compare", _compare, "did a number move between two results folders: exits with "
                   "1 if so")  # fmt: skip
    made.add_argument("old", metavar="OLD", help="results/<preset>, or its folder cubes")
    made.add_argument("new", metavar="NEW", help="the same for the other side")

    made = command("stale", _stale, "results that the present code, configuration or data would "
                   "not reproduce, and why")  # fmt: skip
    made.add_argument("--preset", help="only results of this preset")
    made.add_argument("--check", action="store_true", help="exit with 1 if there are any")

    made = command("verify", _verify, "is every file what its record says: exits with 1 if not")
    made.add_argument("paths", metavar="PATH", nargs="*", help="files to check; default: all")

    made = command("log", _log, "what ran when, for how long, on what")
    made.add_argument("--since", metavar="TIME", help="2031-05-17, 2031-05-17T12:00, 90m, 12h, 3d")
    made.add_argument("--until", metavar="TIME", help="likewise")
    made.add_argument("--rule", help="only jobs of this rule: train, measure, draw_figure, …")
    for name in ("experiment", "figure", "preset"):
        made.add_argument(f"--{name}", help=f"only jobs of this {name}")
    made.add_argument("--status", choices=["ok", "failed"], help="only jobs that ended so")
    made.add_argument("-n", "--limit", type=int, help="only the last N jobs")

    made = command("versions", _versions, "all versions of a cube and where they are")
    made.add_argument("name", metavar="NAME", help="name of a cube, or PRESET/NAME")

    made = command("pin", _pin, "keep a version in the object store for good")
    made.add_argument("what", metavar="WHAT", help="path, digest or NAME@VERSION")
    made.add_argument("name", metavar="NAME", help="what for: `submitted`, `thesis`, …")

    made = command("crate", _crate, "export a figure or cube with data, code and parameters as a "
                   "Workflow Run RO-Crate")  # fmt: skip
    made.add_argument("target", metavar="TARGET", help="a figure or cube")
    made.add_argument("out", metavar="OUT", help="folder or .zip to write")

    text = "care for the object store"
    store = commands.add_parser("store", help=text, description=text[0].upper() + text[1:] + ".")
    inner = store.add_subparsers(dest="store_command", metavar="COMMAND", required=True)
    made = command("gc", _gc, "say which versions nothing refers to any more, and free them",
                   inner)  # fmt: skip
    made.add_argument("--apply", action="store_true", help="remove them; without it, only say so")
    return parser


def _lineage(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.queries import lineage
    from layeratlas.provenance.tell.drawing import to_svg
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
        _print_json(table)
    else:
        _console().print(tree(table, given.all))
    return 0


def _dependents(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.queries import dependents

    table = dependents(given.what, given.root)
    columns = {
        "depth": "depth",
        "path": "file",
        "rule": "made by",
        "content_hash": "content",
        "commit": "commit",
        "started": "started (UTC)",
    }
    words = f"{len(table)} files made from {table.attrs['kind']} {given.what}"
    return _print(given, table, columns, words)


def _diff(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.queries import diff

    table = diff(given.a, given.b, given.root, given.preset)
    columns = {
        name: name for name in table.columns if name == "kind" or table[name].map(_said).any()
    }
    columns |= {"max_abs": "max |a−b|", "max_rel": "max relative"} if "max_abs" in columns else {}
    return _print(given, table, columns, f"{len(table)} differences")


def _compare(given: argparse.Namespace) -> int:
    from layeratlas.cubes.comparison_report import run

    return run(given)


def _said(value: Any) -> bool:
    return value is not None and value != [] and value == value


def _stale(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.queries import stale

    table = stale(given.root, given.preset)
    columns = {"path": "result", "kind": "kind", "reason": "why"}
    files = table["path"].nunique()
    _print(given, table, columns, f"{files} stale results" if files else "nothing is stale")
    return 1 if given.check and files else 0


def _verify(given: argparse.Namespace) -> int:
    from layeratlas.provenance.store.verify import verify

    table = verify(given.paths or None, given.root)
    # A result from before records were kept is no fault, unless one asks about that very file.
    fine = ("ok",) if given.paths else ("ok", "unrecorded")
    wrong = table[~table["status"].isin(fine)]
    if given.json:
        _print_json(table)
    else:
        counts = ", ".join(f"{n} {status}" for status, n in table["status"].value_counts().items())
        columns = {"path": "path", "status": "status", "problem": "problem"}
        _print(given, wrong, columns, counts or "there is nothing to verify")
    return 1 if len(wrong) else 0


def _log(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.queries import log
    from layeratlas.provenance.tell.grouping import duration

    names = ("since", "until", "rule", "experiment", "figure", "preset", "status", "limit")
    table = log(given.root, **{name: getattr(given, name) for name in names})
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
    return _print(
        given, table, columns, f"{len(table)} jobs, {duration(table['wall_seconds'].sum())}"
    )


def _versions(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.queries import versions

    table = versions(given.name, given.root)
    names = ("preset", "version", "published", "digest", "content_hash", "commit", "dirty", "state")
    return _print(given, table, {name: name.replace("_", " ") for name in names}, None)


def _pin(given: argparse.Namespace) -> int:
    from layeratlas.provenance.ask.versions import digest_of
    from layeratlas.provenance.store.objects import pin

    digest = pin(digest_of(given.what, given.root), given.name, given.root)
    if given.json:
        print(json.dumps({"digest": digest, "name": given.name}))
    else:
        print(f"{digest} is kept as {given.name}")
    return 0


def _crate(given: argparse.Namespace) -> int:
    from layeratlas.provenance.crate.export import export_crate

    written = export_crate(given.target, given.out, given.root)
    print(json.dumps({"crate": str(written)}) if given.json else f"wrote {written}")
    return 0


def _gc(given: argparse.Namespace) -> int:
    from layeratlas.provenance.store.objects import collect_garbage
    from layeratlas.provenance.tell.grouping import total

    table = collect_garbage(given.root, apply=given.apply)
    words = "nothing to free: something refers to every object"
    if len(table):
        done = "freed" if given.apply else "would be freed; --apply removes them"
        words = f"{len(table)} objects, {total(table['freed'])} {done}"
    return _print(given, table, {"path": "object", "size": "bytes", "freed": "freed"}, words)


def _console() -> Any:
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    # A pipe has no width of its own; 80 columns would break every line.
    return console if console.is_terminal else Console(highlight=False, markup=False, width=160)


def _print(
    given: argparse.Namespace, table: Any, columns: dict[str, str], words: str | None
) -> int:
    from layeratlas.provenance.tell.show import grid

    if given.json:
        _print_json(table)
        return 0
    console = _console()
    if len(table):
        console.print(grid(table, columns))
    if words:
        console.print(words)
    return 0


def _print_json(table: Any) -> None:
    """A list with an object a row, in the order of the table; nothing known is null."""
    rows = [
        {name: _plain(value) for name, value in row.items()} for row in table.to_dict("records")
    ]
    print(json.dumps(rows, indent=2, ensure_ascii=False, allow_nan=False))


def _plain(value: Any) -> Any:
    import numpy as np
    import pandas as pd

    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return str(value)  # JSON has no infinity
    return value if isinstance(value, bool | int | float | str) else str(value)


if __name__ == "__main__":
    sys.exit(main())

"""Pages of the API, from docstrings, which are read and not run.

A page is of one room or subject: for each module its docstring, then what it offers and explains:
the names of `__all__`, or all that do not begin with an underscore, that have a docstring.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import layeratlas
from layeratlas.errors import ConfigError

__all__ = ["PAGES", "module_text", "pages"]

_PAPERS = "layeratlas.papers"
#: Page → its title and modules, in this order.
PAGES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "questions": ("Questions and cubes", ("layeratlas",)),
    "cubes": (
        "Selecting and comparing",
        tuple(
            f"layeratlas.cubes.{name}"
            for name in ("selecting", "statistics", "comparing", "population", "settings")
        ),
    ),
    "papers": (
        "Papers: figures and reductions",
        (
            _PAPERS,
            f"{_PAPERS}.spring_block.load_curves",
            f"{_PAPERS}.spring_block.chain_cubes",
            f"{_PAPERS}.feature_speed.reductions",
            f"{_PAPERS}.feature_speed.theory",
            f"{_PAPERS}.signal_propagation.profiles",
            f"{_PAPERS}.signal_propagation.shape",
            f"{_PAPERS}.nfa.curves",
            f"{_PAPERS}.nfa.theories",
        ),
    ),
    "figures": (
        "Figures and claims",
        (
            "layeratlas.figures.entry",
            "layeratlas.figures.style",
            "layeratlas.figures.faults",
            "layeratlas.claims.claim",
            "layeratlas.claims.ledger",
            "layeratlas.claims.orders",
        ),
    ),
    "metrics": (
        "Metrics and signals",
        (
            "layeratlas.metrics.metric",
            "layeratlas.metrics.registry",
            "layeratlas.metrics.separation",
            "layeratlas.metrics.matrices",
            "layeratlas.metrics.spectra",
            "layeratlas.signals.signal",
            "layeratlas.signals.registry",
        ),
    ),
    "networks": (
        "Networks, losses, optimisers",
        (
            "layeratlas.networks.base",
            "layeratlas.networks.affine",
            "layeratlas.networks.registry",
            "layeratlas.losses.base",
            "layeratlas.losses.registry",
            "layeratlas.engine.optimizers.registry",
        ),
    ),
    "theory": (
        "Theory",
        (
            "layeratlas.infinite_width.recursion",
            "layeratlas.infinite_width.edge",
            "layeratlas.probes.measures",
            "layeratlas.chains.integrators",
            "layeratlas.chains.fits",
        ),
    ),
    "storage": ("Storage", ("layeratlas.storage", "layeratlas.storage.export")),
}

_ROOT = Path(layeratlas.__file__).parents[1]
_Documented = ast.FunctionDef | ast.ClassDef
#: Characters of a signature on one line.
_WIDTH = 88


def pages() -> dict[str, str]:
    """`api/<page>.md` → Markdown."""
    return {
        f"api/{page}.md": "\n\n".join([f"# {title}", *map(module_text, modules)]) + "\n"
        for page, (title, modules) in PAGES.items()
    }


def module_text(module: str) -> str:
    """What a module says of itself and offers, as Markdown. ConfigError where it says nothing."""
    tree = _tree(module)
    told = ast.get_docstring(tree)
    if not told:
        raise ConfigError(f"{module} is on the pages of the API and has no docstring")
    parts = [f"## {module}", _prose(told)]
    for name in _offered(tree, module):
        node = _defined(module, name)
        told = ast.get_docstring(node) if node else None
        if node and told:
            parts += [f"### {name}", f"```python\n{_signature(node)}\n```", _prose(told)]
            parts += _methods(node)
    return "\n\n".join(part for part in parts if part)


def _tree(module: str) -> ast.Module:
    stem = _ROOT.joinpath(*module.split("."))
    path = stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def _offered(tree: ast.Module, module: str) -> list[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            if isinstance(node.value, ast.List) and all(
                isinstance(one, ast.Constant) for one in node.value.elts
            ):
                return [str(one.value) for one in node.value.elts if isinstance(one, ast.Constant)]
            # The top of the package, whose names are found when they are asked for.
            return [name for name in layeratlas.__all__ if name != "__version__"]
    return [
        node.name
        for node in tree.body
        if isinstance(node, _Documented) and not node.name.startswith("_")
    ]


def _defined(module: str, name: str) -> _Documented | None:
    """The function or class that a module offers, wherever it is defined; None of a constant."""
    tree = _tree(module)
    for node in tree.body:
        if isinstance(node, _Documented) and node.name == name:
            return node
    if module == "layeratlas":
        return _defined(layeratlas._LAZY[name], name)
    found = _imported(tree, name)
    return _defined(*found) if found else None


def _imported(tree: ast.Module, name: str) -> tuple[str, str] | None:
    """The module of ours that a name is imported from, and what it is called there."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("layeratlas"):
            for alias in node.names:
                if name == (alias.asname or alias.name):
                    return str(node.module), alias.name
    return None


def _methods(node: _Documented) -> Iterator[str]:
    """What a class offers and explains."""
    for inner in node.body if isinstance(node, ast.ClassDef) else ():
        told = isinstance(inner, ast.FunctionDef) and ast.get_docstring(inner)
        if isinstance(inner, ast.FunctionDef) and told and not inner.name.startswith("_"):
            yield f"#### {node.name}.{inner.name}"
            yield f"```python\n{_signature(inner)}\n```"
            yield _prose(told)


def _signature(node: _Documented) -> str:
    """As it stands in the source, without body; of a class the fields, too."""
    if isinstance(node, ast.FunctionDef):
        given = _arguments(node.args)
        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        head = f"def {node.name}({', '.join(given)}){returns}"
        if len(head) <= _WIDTH:
            return head
        inner = "".join(f"    {one},\n" for one in given)
        return f"def {node.name}(\n{inner}){returns}"
    bases = ", ".join(map(ast.unparse, node.bases))
    fields = [
        f"    {ast.unparse(inner)}"
        for inner in node.body
        if isinstance(inner, ast.AnnAssign) and not ast.unparse(inner.target).startswith("_")
    ]
    return "\n".join([f"class {node.name}({bases})" if bases else f"class {node.name}", *fields])


def _arguments(given: ast.arguments) -> list[str]:
    plain = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(plain) - len(given.defaults)) + list(given.defaults)
    found = [_argument(one, default) for one, default in zip(plain, defaults, strict=True)]
    if given.posonlyargs:
        found.insert(len(given.posonlyargs), "/")
    if given.vararg:
        found.append(f"*{ast.unparse(given.vararg)}")
    elif given.kwonlyargs:
        found.append("*")
    pairs = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    found += [_argument(one, default) for one, default in pairs]
    return [*found, f"**{ast.unparse(given.kwarg)}"] if given.kwarg else found


def _argument(one: ast.arg, default: ast.expr | None) -> str:
    told = ast.unparse(one)
    if default is None:
        return told
    between = " = " if one.annotation else "="
    return f"{told}{between}{ast.unparse(default)}"


# --- docstrings as Markdown -------------------------------------------------------------------
_CODE = re.compile(r"(`+[^`]*`+)")


def _prose(docstring: str) -> str:
    """A docstring as Markdown: examples become blocks; what stands between `<` and `>` stays."""
    blocks = re.split(r"\n\s*\n", docstring)
    return "\n\n".join(
        f"```python\n{block.strip()}\n```" if block.lstrip().startswith(">>>") else _words(block)
        for block in blocks
    )


def _words(block: str) -> str:
    # Indented by four, a formula is a block of code already.
    if block.startswith("    "):
        return block
    lines = block.split("\n")
    return "\n".join(line if line.startswith("    ") else _escaped(line) for line in lines)


def _escaped(line: str) -> str:
    parts = _CODE.split(line)
    return "".join(part if k % 2 else part.replace("<", "&lt;") for k, part in enumerate(parts))

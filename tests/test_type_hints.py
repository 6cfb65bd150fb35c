"""Annotations say what they name: `typing.get_type_hints` works on all of the package."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import types
import typing
from functools import cached_property
from pathlib import Path

import pytest

import layeratlas

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(layeratlas.__path__, "layeratlas.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_annotations_name_what_the_module_knows(name):
    module = importlib.import_module(name)
    assert not unresolved(module, guarded(module))


def guarded(module) -> dict[str, object]:
    """What a module imports for annotations alone, under `if TYPE_CHECKING`."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            exec(compile(ast.Module(node.body, []), module.__file__, "exec"), names)
    return names


def unresolved(module, guarded: dict[str, object]) -> list[str]:
    """What of a module has an annotation that names something unknown."""
    wrong = []
    for where, owner in annotated(module):
        # What a class inherits from a library is the library's to say.
        own = {"__annotations__": dict(vars(owner).get("__annotations__", {}))}
        probe = type(where, (), own) if inspect.isclass(owner) else owner
        try:
            typing.get_type_hints(probe, vars(module), guarded)
        except Exception as error:
            wrong.append(f"{where}: {error}")
    return wrong


def annotated(module):
    """The module, its functions and classes, and their methods, private ones too."""
    yield module.__name__, module
    for name, value in vars(module).items():
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value):
            yield name, inspect.unwrap(value)
        elif inspect.isclass(value):
            yield name, value
            for key, member in vars(value).items():
                for function in functions_of(member):
                    if function.__module__ == module.__name__:
                        yield f"{name}.{key}", function


def functions_of(member):
    if isinstance(member, property):
        found = [member.fget, member.fset, member.fdel]
    elif isinstance(member, cached_property):
        found = [member.func]
    else:
        found = [getattr(member, "__func__", member)]
    return [inspect.unwrap(f) for f in found if inspect.isfunction(f)]


def test_a_name_that_is_not_imported_is_found():
    module = types.ModuleType("stray")
    text = """
from __future__ import annotations
class Stray:
    known: int
    def method(self, x: Missing): ...
    @property
    def told(self) -> str: ...
def stray() -> Absent: ...
"""
    exec(text, vars(module))
    found = [entry.partition(":")[0] for entry in unresolved(module, {})]
    assert found == ["Stray.method", "stray"]
    assert not unresolved(module, {"Missing": int, "Absent": str})

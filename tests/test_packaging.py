"""What is required is imported, what is imported is required, and the lock holds it all."""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import importlib.util
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import layeratlas
from layeratlas.datasets.registry import SOURCES
from layeratlas.papers import REFERENCES

REPOSITORY = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
REQUIRED = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
FOR_TESTS = [Requirement(text) for text in PROJECT["project"]["optional-dependencies"]["test"]]
FOR_DOCS = [Requirement(text) for text in PROJECT["project"]["optional-dependencies"]["docs"]]
LOCK = REPOSITORY / "envs" / "requirements.lock"
CROSSCHECK = REPOSITORY / "envs" / "crosscheck.txt"
CONDA = REPOSITORY / "envs" / "layeratlas.yaml"
CITATION = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))

# Required without an import in src, and why.
NAMED_ELSEWHERE = {
    "snakemake-executor-plugin-slurm": "profiles/slurm names it",
    "dask": "xarray loads it by name where chunks are asked for",
    "netcdf4": 'xarray loads it by name: engine="netcdf4"',
}
# Tools that tests and `make lint` run, or load as plugins, without importing them.
COMMANDS = {"beartype", "mypy", "pandas-stubs", "pytest-xdist", "ruff", "snakefmt"}


@functools.cache
def imported(*folders: str) -> dict[str, set[str]]:
    """{third-party top module: files that import it}, lazy imports included."""
    found: dict[str, set[str]] = {}
    for folder in folders:
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                for name in _named(node):
                    found.setdefault(name, set()).add(path.relative_to(REPOSITORY).as_posix())
    ours = {"layeratlas", "snakemake_logger_plugin_layeratlas"}
    ours |= {"made", "mistakes", "conftest", "seams_speed"}
    return {
        name: files
        for name, files in found.items()
        if (top := name.partition(".")[0]) not in sys.stdlib_module_names and top not in ours
    }


def _named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if called in ("import_module", "importorskip"):
            return [node.args[0].value]
    return []


@functools.cache
def providers() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


def distributions(module: str) -> set[str]:
    """Installed distributions that an import of `module` may mean."""
    found = {canonicalize_name(name) for name in providers().get(module.partition(".")[0], ())}
    # Of a namespace (`ruamel`), those whose name says the module.
    narrower = {name for name in found if name.replace("-", ".") in (module, module + ".py")}
    return narrower or found


def locked() -> dict[str, str]:
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("requirement", REQUIRED, ids=lambda r: r.name)
def test_nothing_is_required_that_nothing_imports(requirement):
    name = canonicalize_name(requirement.name)
    used = {d for module in imported("src") for d in distributions(module)}
    if name in NAMED_ELSEWHERE:
        assert name not in used, f"{name} needs no excuse any more"
    else:
        assert name in used


def test_everything_imported_is_required():
    known = {canonicalize_name(r.name) for r in REQUIRED}
    missing = {m: f for m, f in imported("src", "scripts").items() if not distributions(m) & known}
    assert missing == {}


#: Modules of the cross-checks, which are not installed here, by another name than their package's.
RENAMED = {"backpack": "backpack-for-pytorch"}


def top(module: str) -> str:
    name = canonicalize_name(module.partition(".")[0])
    return RENAMED.get(name, name)


def crosschecked() -> set[str]:
    """Packages of the environment of tests/crosscheck, which is not that of the other tests."""
    lines = CROSSCHECK.read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(line.split("==")[0]) for line in lines if not line.startswith("#")}


def test_only_the_crosscheck_imports_what_is_for_it():
    files = {
        file: module
        for module, users in imported("src", "scripts", "tests", "benchmarks", "envs").items()
        if top(module) in crosschecked()
        for file in users
    }
    assert files and all(file.startswith("tests/crosscheck/") for file in files)
    assert all(r.name not in crosschecked() for r in (*REQUIRED, *FOR_TESTS))


def test_the_test_extra_is_what_tests_use_besides():
    known = {canonicalize_name(r.name) for r in (*REQUIRED, *FOR_TESTS)}
    apart = crosschecked()
    used = {m: f for m, f in imported("tests", "benchmarks", "envs").items() if top(m) not in apart}
    assert {m: f for m, f in used.items() if not distributions(m) & known} == {}
    needed = {d for module in used for d in distributions(module)} | COMMANDS
    assert {canonicalize_name(r.name) for r in FOR_TESTS} - needed == set()
    assert known >= COMMANDS


@pytest.mark.parametrize("requirement", [*REQUIRED, *FOR_TESTS, *FOR_DOCS], ids=lambda r: r.name)
def test_the_lock_satisfies_every_range(requirement):
    version = locked()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version), f"{requirement} but the lock has {version}"


def test_the_lock_names_releases_and_no_builds():
    assert all(re.fullmatch(r"[^+ ]+", version) for version in locked().values())
    assert list(locked()) == sorted(map(canonicalize_name, locked()))


def test_condas_file_is_the_lock():
    spec = importlib.util.spec_from_file_location("lock", REPOSITORY / "envs" / "lock.py")
    assert spec is not None and spec.loader is not None
    lock = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lock)
    assert CONDA.read_text(encoding="utf-8") == lock.conda_text(LOCK.read_text(encoding="utf-8"))
    *_, by_pip = yaml.safe_load(CONDA.read_text(encoding="utf-8"))["dependencies"]
    assert by_pip["pip"] == [f"{name}=={version}" for name, version in locked().items()]


def test_one_version():
    assert CITATION["version"] == layeratlas.__version__
    assert "version" in PROJECT["project"]["dynamic"]
    headings = re.findall(r"^## \[(.+?)\]", (REPOSITORY / "CHANGELOG.md").read_text(), re.M)
    assert headings[:2] == ["Unreleased", layeratlas.__version__]


def test_the_citation_names_the_papers():
    assert CITATION["cff-version"] == "1.2.0"
    assert CITATION["license"] == PROJECT["project"]["license"] == "MIT"
    assert {"message", "title", "authors", "type"} <= CITATION.keys()
    for paper in CITATION["references"]:
        assert {"type", "title", "authors", "year"} <= paper.keys()
        assert all(author["family-names"] for author in paper["authors"])
    arxiv = {
        item["value"].removeprefix("arXiv:")
        for paper in CITATION["references"]
        for item in paper["identifiers"]
    }
    assert arxiv == {"2407.19353", "2311.18718", "2110.11749", "2402.05271"}
    for name, reference in REFERENCES.items():
        assert any(number in reference for number in arxiv), name


def test_the_address_of_the_repository_is_the_same_wherever_it_stands():
    known = PROJECT["project"].get("urls", {}).get("Repository")
    assert CITATION.get("repository-code") == known


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda s: s.name)
def test_the_licence_names_the_terms_of_every_data_set(source):
    text = (REPOSITORY / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("MIT License\n")
    data = text.partition("Data\n")[2]
    assert re.search(rf"\b{source.name}\b", data)
    # The table breaks lines: word by word.
    words = " ".join(data.split())
    for word in re.findall(r"[A-Za-z0-9.-]+", source.licence):
        assert word in words

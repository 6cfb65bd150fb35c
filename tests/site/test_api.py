"""Pages of the API: what modules offer, with signatures and docstrings as they stand."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

import layeratlas
from layeratlas.errors import ConfigError
from layeratlas.site import api
from layeratlas.site.api import PAGES, module_text, pages

MODULES = [module for _, modules in PAGES.values() for module in modules]


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


def test_a_page_has_every_module_of_its_subject(made):
    assert set(made) == {f"api/{page}.md" for page in PAGES}
    for page, (title, modules) in PAGES.items():
        text = made[f"api/{page}.md"]
        assert text.startswith(f"# {title}\n")
        assert all(f"\n## {module}\n" in text for module in modules)


def test_every_question_at_the_top_of_the_package_is_explained(made):
    for name in layeratlas.__all__:
        if name != "__version__":
            assert f"\n### {name}\n\n```python\ndef {name}(" in made["api/questions.md"], name


@pytest.mark.parametrize("module", [module for module in MODULES if module != "layeratlas"])
def test_what_a_module_offers_is_there_by_its_names(module):
    """Against the imported module: functions and classes with a docstring, and no private name."""
    loaded, text = import_module(module), module_text(module)
    offered = getattr(loaded, "__all__", None)
    if offered is None:
        offered = [
            name for name, found in vars(loaded).items()
            if not name.startswith("_") and getattr(found, "__module__", None) == module
        ]  # fmt: skip
    for name in offered:
        found = getattr(loaded, name)
        if inspect.isfunction(found) and inspect.getdoc(found):
            assert f"\n### {name}\n" in text, name
    assert "\n### _" not in text


def test_signatures_are_those_of_the_source():
    text = module_text("layeratlas.papers.spring_block.load_curves")
    assert "    over: str | Iterable[str] | None = 'seed',\n) -> xr.DataArray" in text
    assert "def convexity_index(separation: xr.DataArray, dim: str = 'layer')" in text


def test_docstrings_are_markdown(tmp_path, monkeypatch):
    source = '''
"""What.

    formula < 1

>>> f(1)
2

Of `<name>` and <name>.
"""


def f(x):
    """Doubles."""


def g(x):
    pass


class C:
    """A class."""

    x: int

    def h(self):
        """Halves."""
'''
    (tmp_path / "one.py").write_text(source, encoding="utf-8")
    (tmp_path / "none.py").write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr(api, "_ROOT", tmp_path)
    text = module_text("one")
    assert "\n    formula < 1\n" in text
    assert "\n```python\n>>> f(1)\n2\n```\n" in text
    assert "Of `<name>` and &lt;name>." in text
    assert "### f\n\n```python\ndef f(x)\n```\n\nDoubles." in text
    assert "### g" not in text
    assert "```python\nclass C\n    x: int\n```" in text
    assert "#### C.h\n\n```python\ndef h(self)\n```\n\nHalves." in text
    with pytest.raises(ConfigError, match="none is on the pages of the API and has no docstring"):
        module_text("none")

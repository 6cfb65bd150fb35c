"""The site is built offline and strictly, of what the pipeline made; every address is right."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from made.notebooks import NAMES
from made.project import ROOT

from layeratlas.errors import LayerAtlasError, StoreError
from layeratlas.papers import FIGURES
from layeratlas.provenance.record.source import git_state
from layeratlas.site.building import build, main, needed, write_pages
from layeratlas.site.links import broken, outside
from layeratlas.site.pages import documents

pytestmark = pytest.mark.skipif(find_spec("zensical") is None, reason="there is no Zensical here")


@pytest.fixture(scope="module")
def site(first_figure, ran, tmp_path_factory) -> Path:
    """Built once, of notebooks that other tests have run."""

    def take(path: Path, into: Path, project: Path) -> None:
        into.mkdir(parents=True, exist_ok=True)
        page = ran(path.stem).page
        for made in (page, *page.parent.glob(f"{path.stem}-*.svg")):
            shutil.copy2(made, into)

    return build(ROOT, first_figure.folder, "smoke", tmp_path_factory.mktemp("site"), take)


def test_no_address_leads_nowhere_and_nothing_is_loaded_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    assert broken(site) == [] and outside(site) == []


def test_every_document_notebook_and_figure_is_there(site):
    for page in documents(ROOT).values():
        assert (site / page).with_suffix(".html").is_file(), page
    for name in NAMES:
        text = (site / f"notebooks/{name}.html").read_text(encoding="utf-8")
        assert f"{name}-1.svg" in text and 'class="gave"' in text
    assert FIGURES["phase_diagram"].caption in (site / "gallery.html").read_text(encoding="utf-8")
    assert "convexity_index" in (site / "api/papers.html").read_text(encoding="utf-8")


def test_every_page_says_from_which_commit_it_is(site):
    commit = git_state().commit
    told = f"Made from commit <code>{commit[:12]}</code>" if commit else "code that is in no commit"
    for page in site.rglob("*.html"):
        assert page.name == "404.html" or told in page.read_text(encoding="utf-8"), page


@pytest.mark.browser
def test_pages_ask_no_network(site, offline):
    for name in ("index.html", "gallery.html", "notebooks/four_theories.html", "api/papers.html"):
        offline.page.goto((site / name).as_uri())
        assert offline.page.locator("h1").first.is_visible()
    assert offline.requests == []


def test_pages_are_named_where_the_builder_finds_them():
    """Every page is in the navigation, and nothing else is."""
    given = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))

    def named(entry) -> list[str]:
        if isinstance(entry, str):
            return [entry]
        inner = entry if isinstance(entry, list) else entry.values()
        return [page for one in inner for page in named(one)]

    from layeratlas.site.api import PAGES

    pages = {*documents(ROOT).values(), *(f"api/{page}.md" for page in PAGES), "gallery.md"}
    assert sorted(named(given["nav"])) == sorted(pages)


# --- refused ------------------------------------------------------------------------------------
@pytest.fixture
def small(tmp_path) -> Path:
    """A clone with its documents, and no notebooks."""
    source = tmp_path / "clone"
    for name, page in documents(ROOT).items():
        if "notebooks" not in page:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    shutil.copytree(ROOT / "docs/images", source / "docs/images")
    (source / "docs/notebooks").mkdir()
    (source / "docs/notebooks/README.md").write_text("# Notebooks\n", encoding="utf-8")
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in config if "notebooks/" not in line or "index.md" in line]
    (source / "mkdocs.yml").write_text("".join(kept), encoding="utf-8")
    return source


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_link_to_a_place_that_is_not_there_ends_it(small):
    edit(small / "docs/security.md", "# ", "[gone](claims.md#no-such-place)\n\n# ")
    with pytest.raises(LayerAtlasError, match=r"no site: security.md:1:\d+: anchor does not exist"):
        build(small, small, "smoke")


def test_what_a_page_would_load_ends_it(small):
    edit(small / "docs/security.md", "# ", '<img src="https://example.org/a.png">\n\n# ')
    with pytest.raises(LayerAtlasError, match=r"security.html: loads https://example.org/a.png"):
        build(small, small, "smoke")


def test_what_notebooks_read_must_be_there(tmp_path, capsys, monkeypatch):
    assert needed(ROOT) == [
        "results/smoke/claims/phase_diagram.json", "results/smoke/figures/phase_diagram.pdf",
    ]  # fmt: skip
    with pytest.raises(StoreError, match=r"a notebook reads results/smoke/claims.*preset=smoke"):
        write_pages(ROOT, tmp_path, "smoke", tmp_path / "pages")
    monkeypatch.chdir(ROOT)
    assert main(["needs"]) == 0
    assert capsys.readouterr().out.split() == needed(ROOT)
    monkeypatch.chdir(tmp_path)
    assert main(["smoke"]) == 2
    assert "there is no mkdocs.yml: build the site in a clone" in capsys.readouterr().err

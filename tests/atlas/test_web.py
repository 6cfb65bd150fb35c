"""The page as a reader has it: from file://, offline, in the distribution's chromium."""

from __future__ import annotations

import hashlib
import json
import re
from itertools import combinations
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import xarray as xr
from made.pages import FIGURE, held_in, packed, small_atlas, told_in
from made.synthetic import PUBLISHED_GRID, PUBLISHED_SLOPES, SMOKE_GRID, SMOKE_SLOPES
from made.views import focused, follow, go, leave, ready

import layeratlas
from layeratlas.atlas.page import page as page_of
from layeratlas.cubes.selecting import mean_accuracy
from layeratlas.papers.spring_block.load_curves import convexity_index, load_curve
from layeratlas.runs.status import MISSING
from layeratlas.storage import file_digest

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "bundle/node_modules/axe-core/axe.min.js"
MOST = 5_000_000
MAPS = [f"phase_diagram_{n}" for n in ("data_noise", "learning_rate", "dropout", "batch_size")]
CELL = "#map=phase_diagram_dropout&cell=0,1"
VIEWS = ("", f"#figure={FIGURE}", CELL, "#claims", "#cubes", "#about")


@pytest.fixture(scope="module")
def project(first_figure):
    """The clone in which the first figure and its atlas are made."""
    return first_figure


@pytest.fixture(scope="module")
def page_file(project) -> Path:
    return project.folder / "atlas" / "index.html"


@pytest.fixture(scope="module")
def contents(page_file):
    return told_in(page_file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    """The published grid: four maps of 48 cells, ten seeds each, a hundred epochs."""
    folder = tmp_path_factory.mktemp("large")
    made = small_atlas(folder, PUBLISHED_GRID, PUBLISHED_SLOPES, seeds=10, epochs=100)
    path = folder / "index.html"
    path.write_text(made.page(MOST), encoding="utf-8")
    return path


def cells(page) -> list[dict]:
    """What the buttons of a map say of themselves."""
    return page.eval_on_selector_all(
        "button.cell",
        """all => all.map(b => ({
            key: b.dataset.key, value: b.dataset.value, beside: b.dataset.beside,
            curve: b.dataset.curve && JSON.parse(b.dataset.curve), text: b.textContent,
        }))""",
    )


# --- it opens ---------------------------------------------------------------------------------
@pytest.mark.parametrize("which", ["page_file", "large"])
def test_page_opens_offline(which, opened, request):
    path = request.getfixturevalue(which)
    assert path.stat().st_size <= MOST
    watched = opened(path)
    page = watched.page
    for view in VIEWS:
        go(page, path, view)
        assert page.locator("h1").inner_text()
    go(page, path, "#map=phase_diagram_dropout")
    assert page.locator("button.cell").count() == (48 if which == "large" else 4)
    assert watched.requests == [] and watched.errors == []


def test_a_request_would_have_been_seen(opened, page_file, tmp_path):
    """The control of the test above: a page that asks for something is found out."""
    text = page_file.read_text(encoding="utf-8")
    asking = tmp_path / "index.html"
    asking.write_text(text.replace("<main", '<img src="https://example.org/x.png" alt=""><main'))
    watched = opened(asking)
    # Its own policy stops the request, and says so.
    assert watched.requests or any("Security Policy" in error for error in watched.errors)


def test_no_text_becomes_a_script(opened, page_file):
    """What somebody smuggles into the page is not run: neither evaluated nor inserted."""
    watched = opened(page_file)
    tried = watched.page.evaluate(
        """async () => {
            window.ran = [];
            const main = document.querySelector("main");
            const script = document.createElement("script");
            script.textContent = "ran.push('script')";
            main.append(script);
            main.insertAdjacentHTML("beforeend", `<p onclick="ran.push('handler')">here</p>`);
            main.lastChild.click();
            // What a test evaluates may evaluate text itself; what it leaves to later may not.
            await new Promise(resolve => setTimeout(resolve));
            const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
            const ways = [
                () => eval("1"), () => new Function("return 1")(), () => WebAssembly.compile(empty),
            ];
            const refused = [];
            for (const way of ways) {
                try { ran.push(await way()); } catch (error) { refused.push(error.name); }
            }
            return [ran, refused];
        }"""
    )
    assert tried == [[], ["EvalError", "EvalError", "CompileError"]]
    assert watched.errors and all("Security Policy" in error for error in watched.errors)


# --- its numbers are the cubes' ---------------------------------------------------------------
@pytest.mark.parametrize("name", MAPS)
def test_cell_shows_the_cubes_numbers(name, opened, page_file, project):
    cube = layeratlas.open_cube(project.folder / f"results/smoke/cubes/{name}.zarr.zip")
    curves = load_curve(cube)
    index, accuracy = convexity_index(curves), mean_accuracy(cube)
    page = opened(page_file, f"#map={name}").page
    shown = cells(page)
    assert len(shown) == index.size
    noise = name.removeprefix("phase_diagram_")
    for cell in shown:
        at = dict(zip((noise, "negative_slope"), map(float, cell["key"].split(",")), strict=True))
        where = {"method": "nearest"}
        assert float(cell["value"]) == pytest.approx(float(index.sel(at, **where)), abs=1e-6)
        assert float(cell["beside"]) == pytest.approx(float(accuracy.sel(at, **where)), abs=1e-6)
        D = curves.sel(at, **where).values
        np.testing.assert_allclose(cell["curve"], D, atol=1e-6)
        # The chart of the cell draws the same points, to scale.
        page.click(f'button.cell[data-key="{cell["key"]}"]')
        page.wait_for_selector(f'button.cell[data-key="{cell["key"]}"][aria-pressed="true"]')
        page.wait_for_selector(".panel figure.chart")
        points = page.eval_on_selector_all(
            ".panel figure.chart:first-of-type circle",
            "all => all.map(c => [c.dataset.x, c.dataset.y, c.getAttribute('cy')].map(Number))",
        )
        assert [x for x, _, _ in points] == list(range(D.size))
        np.testing.assert_allclose([y for _, y, _ in points], D, atol=1e-6)
        slope, offset = np.polyfit(D, [cy for _, _, cy in points], 1)
        np.testing.assert_allclose([cy for _, _, cy in points], slope * D + offset, atol=2e-3)
        assert slope < 0


def test_other_choices_show_other_numbers(opened, page_file, project):
    """Metric, reduction, batch norm: chosen by select boxes, and each is the cube's."""
    cube = layeratlas.open_cube(
        project.folder / "results/smoke/cubes/phase_diagram_dropout.zarr.zip"
    )
    page = opened(page_file, "#map=phase_diagram_dropout").page
    before = [cell["value"] for cell in cells(page)]
    page.select_option("[data-choice=reduce] select", "at_3")
    page.wait_for_function("location.hash.includes('reduce=at_3')")
    page.wait_for_selector("button.cell")
    D = load_curve(cube, over="seed").sel(layer=3)
    come_to(page, "0,1", float(D.sel(dropout=0, negative_slope=1)))
    page.select_option("[data-choice=batch_norm_mode] select", "batch_statistics")
    page.wait_for_function("location.hash.includes('at.batch_norm_mode=batch_statistics')")
    D = load_curve(cube, batch_norm_mode="batch_statistics").sel(layer=3)
    come_to(page, "0,1", float(D.sel(dropout=0, negative_slope=1)))
    assert before != [cell["value"] for cell in cells(page)]
    page.select_option("[data-choice=metric] select", "epochs_run")
    page.wait_for_function("location.hash.includes('metric=epochs_run')")
    come_to(page, "0,1", 30)
    assert {cell["value"] for cell in cells(page)} == {"30"}


def some_asked(tree: xr.DataTree) -> xr.DataTree:
    """Without dropout: of ReLU the one seed asked for came, of the next slope one of two."""
    root = tree.to_dataset()
    axes = ("dropout", "negative_slope", "seed")
    status = root["status"].transpose(*axes).copy()
    asked = xr.zeros_like(status, dtype="int64").drop_attrs()
    at = {"dropout": 0.0, "seed": status["seed"].values[1]}
    asked.loc[at | {"negative_slope": SMOKE_SLOPES[0]}] = -1
    status.loc[at | {"negative_slope": list(SMOKE_SLOPES[:2])}] = MISSING
    nodes = {node.path: node.to_dataset(inherit=False) for node in tree.subtree}
    nodes["/"] = root.assign(status=status)
    nodes["/refined"] = xr.Dataset({"asked_in": (axes, asked.values)})
    return xr.DataTree.from_dict(nodes, name=tree.name)


def test_seeds_that_nobody_asked_for_are_not_lost(opened, tmp_path):
    made = small_atlas(tmp_path, {"dropout": SMOKE_GRID["dropout"]}, changed=some_asked)
    path = tmp_path / "index.html"
    path.write_text(made.page(), encoding="utf-8")
    page = opened(path, "#map=phase_diagram_dropout").page
    for key, lost, finished, runs in (("0,0", [], "1 of 1", 1), ("0,1", ["1/2"], "1 of 2", 2)):
        button = page.locator(f'button.cell[data-key="{key}"]')
        assert button.locator(".runs").all_inner_texts() == lost
        go(page, path, f"#map=phase_diagram_dropout&cell={key}")
        text = page.locator("article.panel").text_content()
        assert f"{finished} finished" in text and f"Runs ({runs})" in text
        go(page, path, "#map=phase_diagram_dropout")


def come_to(page, key: str, value: float) -> None:
    """Wait until a cell says this number: the address changes before the map is drawn again."""
    page.wait_for_function(
        """([key, value]) => Math.abs(
            (document.querySelector(`button.cell[data-key="${key}"]`)?.dataset.value ?? NaN) - value
        ) < 1e-6""",
        arg=[key, value],
    )


def test_two_cells_stand_side_by_side(opened, page_file):
    page = opened(page_file, CELL).page
    page.click("button.keep")
    page.wait_for_selector(".letgo")
    page.click('button.cell[data-key="0,0"]')
    page.wait_for_selector(".panel >> nth=1")
    titles = page.locator(".panel .title").all_inner_texts()
    assert titles == ["dropout 0, negative slope 1", "dropout 0, negative slope 0"]
    # On one scale, so that eyes can compare them.
    first, second = (
        page.eval_on_selector_all(
            f".panel:nth-of-type({k}) figure.chart:first-of-type .tick",
            "t => t.map(x => x.textContent)",
        )
        for k in (1, 2)
    )
    assert first == second and len(first) > 8
    page.click(".letgo")
    page.wait_for_function("document.querySelectorAll('.panel').length === 1")


def test_lines_and_ticks_are_told_apart(opened, large):
    """Ten seeds are more than there are colours; a loss of a hundred epochs has many ticks."""
    page = opened(large, CELL).page
    looks = page.eval_on_selector_all(
        ".panel figure.chart:first-of-type .legend line",
        "all => all.map(e => [e.getAttribute('style'), e.getAttribute('stroke-dasharray')])",
    )
    assert len(looks) == 11 and len({tuple(look) for look in looks}) == 11
    boxes = page.eval_on_selector_all(
        ".panel figure.chart svg.chart",
        """all => all.map(chart => [...chart.querySelectorAll(".tick")].map(e => {
            const { left, right, top, bottom } = e.getBoundingClientRect();
            return [left, right, top, bottom];
        }))""",
    )
    assert len(boxes) >= 2 and all(len(ticks) >= 6 for ticks in boxes)
    for ticks in boxes:
        for (a, b, c, d), (e, f, g, h) in combinations(ticks, 2):
            # Lines of text are higher than their letters.
            assert b <= e or f <= a or d - 4 <= g or h - 4 <= c


# --- its bytes are those on record ------------------------------------------------------------
@pytest.mark.parametrize("name", MAPS)
def test_hashes_in_browser(name, opened, page_file, project):
    page = opened(page_file, f"#map={name}").page
    page.wait_for_selector(".check.holds")
    found = page.get_attribute(".check", "data-found")
    path = project.folder / f"results/smoke/cubes/{name}.zarr.zip"
    assert found == hashlib.sha256(path.read_bytes()).hexdigest()
    table = layeratlas.lineage(found, root=project.folder)
    assert table["digest"][0] == found and table["rule"][0] == "assemble_cube"


def test_one_flipped_byte_is_named(opened, page_file, tmp_path):
    text = page_file.read_text(encoding="utf-8")
    start = '<script type="text/plain" id="cube-phase_diagram_dropout">'
    before, _, rest = text.partition(start)
    _, _, after = rest.partition("</script>")
    content = bytearray(held_in(text, "cube-phase_diagram_dropout"))
    content[1000] ^= 1
    flipped = tmp_path / "index.html"
    flipped.write_text(before + start + packed(content) + "</script>" + after)
    page = opened(flipped, "#map=phase_diagram_dropout").page
    said = page.locator("[role=alert]").first.inner_text()
    assert said.startswith("phase_diagram_dropout.zarr.zip: these bytes have SHA-256 ")
    assert hashlib.sha256(content).hexdigest() in said
    assert page.locator("button.cell").count() == 0
    # The others are as they were.
    go(page, flipped, "#map=phase_diagram_data_noise")
    assert page.locator("button.cell").count() == 4


def test_save_gives_the_cube(opened, page_file, project, tmp_path):
    page = opened(page_file, "#map=phase_diagram_dropout", accept_downloads=True).page
    with page.expect_download() as caught:
        page.click("button.save")
    caught.value.save_as(tmp_path / "saved.zarr.zip")
    assert caught.value.suggested_filename == "phase_diagram_dropout.zarr.zip"
    path = project.folder / "results/smoke/cubes/phase_diagram_dropout.zarr.zip"
    assert (tmp_path / "saved.zarr.zip").read_bytes() == path.read_bytes()


def test_a_cube_of_an_earlier_version_is_read(opened, tmp_path):
    """Its metadata stand at each node only; and of networks never trained there are no losses."""
    made = small_atlas(tmp_path, epochs=0)
    contents, name = made.contents(), "phase_diagram_dropout"
    earlier = tmp_path / "earlier.zarr.zip"
    with ZipFile(made.cubes[name]) as cube, ZipFile(earlier, "w") as written:
        for member in cube.namelist():
            content = cube.read(member)
            if member == "zarr.json":
                document = json.loads(content)
                assert document.pop("consolidated_metadata")
                content = json.dumps(document).encode()
            written.writestr(member, content)
    contents["experiments"][name]["digest"] = file_digest(earlier)
    path = tmp_path / "index.html"
    path.write_text(page_of(contents, {name: earlier}, {}, budget=MOST), encoding="utf-8")
    watched = opened(path, f"#map={name}&cell=0,1")
    assert watched.page.locator("button.cell").count() == 4
    assert "Training loss" not in watched.page.locator(".panel figcaption").all_inner_texts()
    assert watched.errors == []


# --- hands and eyes ---------------------------------------------------------------------------
def test_keyboard_only(opened, page_file):
    page = opened(page_file).page

    def press_until(key: str, wanted: str, most: int = 60) -> None:
        for _ in range(most):
            page.keyboard.press(key)
            assert_focus_is_seen(page)
            if wanted in focused(page):
                return
        pytest.fail(f"{wanted} cannot be reached by {key}")

    press_until("Tab", "Noise–nonlinearity phase diagram")
    leave(page)
    page.keyboard.press("Enter")
    ready(page)
    press_until("Tab", "button.cell")
    first = focused(page)
    # Arrows move inside the map, and stop at its edge.
    page.keyboard.press("ArrowRight")
    second = focused(page)
    assert second != first
    page.keyboard.press("ArrowRight")
    assert focused(page) == second
    page.keyboard.press("ArrowDown")
    assert focused(page) not in (first, second)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    assert focused(page) == first
    # Tab leaves the map at once: it is one stop.
    page.keyboard.press("Tab")
    assert focused(page) not in (first, second)
    page.keyboard.press("Shift+Tab")
    assert focused(page) == first
    leave(page)
    page.keyboard.press("Enter")
    ready(page)
    page.wait_for_selector(".panel")
    press_until("Tab", "measurement")
    page.keyboard.press("Enter")
    press_until("Tab", "shard ")
    page.keyboard.press("Enter")
    press_until("Tab", "data set ")
    page.keyboard.press("Enter")
    assert page.locator(".panel .digest >> visible=true").count() >= 6


def assert_focus_is_seen(page) -> None:
    width = page.evaluate(
        "parseFloat(getComputedStyle(document.activeElement).outlineWidth) * "
        "(getComputedStyle(document.activeElement).outlineStyle !== 'none')"
    )
    assert width >= 2 or focused(page).startswith("body"), focused(page)


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core, to be evaluated in a page."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed; `sh bundle/make.sh` installs it")
    return AXE.read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe(scheme, axe, opened, page_file):
    page = opened(page_file, color_scheme=scheme).page
    # What darkness changes is contrast; the rest is the same page.
    asked = {} if scheme == "light" else {"runOnly": ["color-contrast"]}
    for view in VIEWS:
        go(page, page_file, view)
        open_one_of_each(page)
        page.evaluate(axe)
        found = page.evaluate("asked => axe.run(asked)", asked)
        assert not found["violations"], told(found["violations"])
        assert len(found["passes"]) > (15 if scheme == "light" else 0)


def open_one_of_each(page) -> None:
    """The first thing to open of every sort, and of an origin the way down to its data set."""
    for sort in ("numbers", "settings", *["origin"] * 5):
        page.evaluate(
            """sort => {
                const all = [...document.querySelectorAll(`details.${sort}`)];
                const inner = all.filter(one => one.parentElement.closest("details[open]"));
                const next = [...inner, ...all].find(one => !one.open);
                if (next) next.open = true;
            }""",
            sort,
        )
        page.wait_for_timeout(30)


def test_axe_would_find_a_violation(axe, opened, page_file):
    """The control: grey on grey, and an image without words."""
    page = opened(page_file).page
    page.evaluate(axe)
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', "
        '\'<p style="color:#999;background:#aaa">grey</p><img src="data:,">\')'
    )
    found = {one["id"] for one in page.evaluate("axe.run()")["violations"]}
    assert {"color-contrast", "image-alt"} <= found


def unfold(page) -> None:
    """Open what can be opened, as deep as it goes."""
    for _ in range(8):
        closed = page.locator("details:not([open])").count()
        if not closed:
            return
        page.eval_on_selector_all(
            "details:not([open])", "all => all.forEach(d => { d.open = true; })"
        )
        page.wait_for_timeout(50)


def told(violations: list[dict]) -> str:
    return json.dumps(
        [(v["id"], v["help"], [node["html"][:200] for node in v["nodes"][:3]]) for v in violations],
        indent=1,
    )


@pytest.mark.parametrize("width", [360, 640], ids=["phone", "zoom of 200 %"])
def test_narrow_pages_lose_nothing(width, opened, page_file):
    """A window of 1280 at 200 % is one of 640: text and controls are inside it."""
    page = opened(page_file, viewport={"width": width, "height": 700}).page
    for view in VIEWS:
        go(page, page_file, view)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, view
        # Only a map, a table or a licence may be wider, and scrolls by itself.
        out = page.evaluate(
            """() => [...document.querySelectorAll("main *")].filter(e => {
                const box = e.getBoundingClientRect();
                const may = e.closest(".scroller, .licences, svg, .unseen");
                return box.width && box.right > innerWidth + 1 && !may;
            }).map(e => e.outerHTML.slice(0, 120))"""
        )
        assert out == [], view


# --- from claim to map to origin --------------------------------------------------------------
def test_claims_and_lineage_links(opened, page_file, project, contents):
    page = opened(page_file, "#claims").page
    listed = page.eval_on_selector_all(
        "[data-anchor]",
        "all => all.map(e => [e.dataset.anchor, [...e.querySelectorAll('a')].map(a => a.hash)])",
    )
    assert [anchor for anchor, _ in listed] == [claim["anchor"] for claim in contents["claims"]]
    numbers = page.locator("[data-anchor] .numbers").all_inner_texts()
    for told, claim in zip(numbers, contents["claims"], strict=True):
        assert told.endswith(f", n = {claim['runs']}")
    ways = dict(listed)
    for claim in contents["claims"]:
        maps = [way for way in ways[claim["anchor"]] if way.startswith("#map=")]
        assert maps == [f"#map={name}" for name in claim["experiments"]]
    # And back: the map names every claim that is about it.
    for name in MAPS:
        go(page, page_file, f"#map={name}")
        back = page.eval_on_selector_all(".claims a.claim", "all => all.map(a => a.hash)")
        about = [c["anchor"] for c in contents["claims"] if name in c["experiments"]]
        assert back == [f"#claim={anchor}" for anchor in about] and about
    follow(page, ".claims a.claim")
    assert page.locator(".meant").count() == 1

    digests: set[str] = set()
    for view in (f"#figure={FIGURE}", CELL):
        go(page, page_file, view)
        unfold(page)
        digests.update(page.eval_on_selector_all(".digest", "all => all.map(e => e.textContent)"))
    assert len(digests) >= 2 * 16
    for digest in sorted(digests):
        assert re.fullmatch("[0-9a-f]{64}", digest)
        table = layeratlas.lineage(digest, root=project.folder)
        assert digest in (table["digest"][0], table["content_hash"][0])


def test_a_claim_of_no_map_leads_to_its_figure(opened, tmp_path):
    made = small_atlas(tmp_path)
    contents = made.contents()
    contents["claims"][0]["experiments"] = []
    path = tmp_path / "index.html"
    path.write_text(page_of(contents, made.cubes, {}, budget=MOST), encoding="utf-8")
    page = opened(path, "#claims").page
    first, other = page.eval_on_selector_all(
        "[data-anchor]", "all => all.map(e => [...e.querySelectorAll('.links a')].map(a => a.hash))"
    )
    assert first == [f"#figure={FIGURE}"]
    assert other == [f"#map={name}" for name in made.cubes]
    follow(page, ".links a")
    anchor = contents["claims"][0]["anchor"]
    assert page.locator(f'[data-anchor="{anchor}"]').count() == 1


def test_address_restores_view(opened, page_file):
    page = opened(page_file, "#map=phase_diagram_dropout").page
    page.select_option("[data-choice=reduce] select", "load_uniformity")
    page.wait_for_function("location.hash.includes('load_uniformity')")
    page.select_option("[data-choice=x] select", "negative_slope")
    page.wait_for_function("location.hash.includes('x=negative_slope')")
    page.click("button.cell >> nth=1")
    page.wait_for_selector(".panel")
    page.click("button.keep")
    page.wait_for_selector(".letgo")
    page.click("button.cell >> nth=2")
    page.wait_for_selector(".panel >> nth=1")
    address, shown = page.evaluate("location.hash"), page.locator("main").inner_text()
    other = opened(page_file, address).page
    other.wait_for_selector(".check.holds")
    assert other.locator("main").inner_text() == shown
    assert other.evaluate("location.hash") == address
    # The way back leads through the views that were.
    page.go_back()
    page.wait_for_function("document.querySelectorAll('.panel').length === 1")


def test_an_address_of_nothing_is_answered(opened, page_file):
    watched = opened(page_file, "#map=nothing")
    page = watched.page
    assert "No such map" in page.locator("h1").inner_text()
    go(page, page_file, "#map=phase_diagram_dropout&metric=none&cell=7,7&x=none&with=none/1&seed=x")
    assert page.locator("button.cell").count() == 4
    assert watched.errors == []

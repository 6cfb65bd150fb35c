"""How large the atlas is, and how soon it can be read, in the distribution's chromium from file://.

    python benchmarks/atlas.py [atlas/index.html] [--times 5]

Without a page: one of four maps of 48 cells with ten seeds and a hundred epochs, made up. Seconds
from the address to a view that is ready, offline, each time in a new window of a running browser;
the first time of all, with the browser just started, apart.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from made.browser import PROGRAMS
from made.pages import inside, small_atlas, told_in
from made.synthetic import PUBLISHED_GRID, PUBLISHED_SLOPES
from playwright.sync_api import Browser, sync_playwright


def seconds(browser: Browser, path: Path, view: str) -> float:
    """From the address to a view that is ready."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    start = time.perf_counter()
    page.goto(f"{path.resolve().as_uri()}{view}")
    page.wait_for_selector("html[data-ready]", state="attached")
    took = time.perf_counter() - start
    context.close()
    return took


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("page", nargs="?", type=Path)
    arguments.add_argument("--times", type=int, default=5)
    given = arguments.parse_args()
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        sys.exit("no chromium: sh envs/programs.sh installs the distribution's")
    with tempfile.TemporaryDirectory() as folder:
        path = given.page or made_up(Path(folder))
        text = path.read_text(encoding="utf-8")
        told, held = told_in(text), inside(text)
        print(f"{path.stat().st_size / 1e6:.2f} MB, {len(held)} parts inside")
        experiment = next(name for name in told["experiments"] if f"cube-{name}" in held)
        figure = next(iter(told["figures"]))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            print(f"first view, browser just started: {seconds(browser, path, ''):.2f} s")
            for view in ("", f"#figure={figure}", f"#map={experiment}"):
                took = [seconds(browser, path, view) for _ in range(given.times)]
                print(f"{view or 'first view'}: {statistics.median(took):.2f} s, "
                      f"most {max(took):.2f} s of {given.times}")  # fmt: skip
            browser.close()


def made_up(folder: Path) -> Path:
    """The page of the published grid; made before the browser: zarr and Playwright's loop do not
    share a thread."""
    made = small_atlas(folder, PUBLISHED_GRID, PUBLISHED_SLOPES, seeds=10, epochs=100)
    path = folder / "index.html"
    path.write_text(made.page(), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()

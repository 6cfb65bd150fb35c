"""Views of the atlas in the distribution's chromium, offline (`made.browser`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from made.browser import Watched

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOM = {"width": 1280, "height": 900}


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Callable[..., Watched]]:
    """`opened(path, view, **context)`: the file at a view, in a window of its own, and ready."""
    contexts = []

    def call(path: Path, view: str = "", **options: Any) -> Watched:
        context = chromium.new_context(**{"offline": True, "viewport": ROOM, **options})
        # Browsers of a busy machine take their time; what never comes is found out all the same.
        context.set_default_timeout(120_000)
        contexts.append(context)
        watched = Watched.of(context.new_page())
        go(watched.page, path, view)
        return watched

    yield call
    for context in contexts:
        context.close()


def go(page: Page, path: Path, view: str = "") -> None:
    """Open the file anew at a view, and wait until it is shown."""
    page.goto("about:blank")
    page.goto(f"{path.as_uri()}{view}")
    ready(page)


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-ready]", state="attached")


def follow(page: Page, selector: str) -> None:
    """Click a link, and wait for its view."""
    leave(page)
    page.click(selector)
    ready(page)


def leave(page: Page) -> None:
    """The view that is shown is not the one to wait for."""
    page.evaluate("delete document.documentElement.dataset.ready")


def focused(page: Page) -> str:
    """What has the focus, in short: "button.cell 0,0", "a Claims"."""
    return page.evaluate(
        """() => {
            const at = document.activeElement;
            const told = at.dataset.key ?? at.dataset.choice ?? at.textContent.trim().slice(0, 40);
            return `${at.tagName.toLowerCase()}${at.className ? "." + at.className : ""} ${told}`;
        }"""
    )

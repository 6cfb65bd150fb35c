"""A page in the distribution's chromium, which Playwright drives, without network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Names under which distributions have it.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
#: Of a page's own files and of what it makes itself; all else would be asked of a network.
LOCAL = ("file:", "data:", "blob:", "about:")


@dataclass
class Watched:
    """A page, what it asked of a network, and what its console calls errors."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, page: Page) -> Watched:
        found = cls(page)
        page.on("request", found._asked)
        page.on("console", found._said)
        page.on("pageerror", lambda error: found.errors.append(str(error)))
        return found

    def _asked(self, request: Any) -> None:
        if not request.url.startswith(LOCAL):
            self.requests.append(request.url)

    def _said(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(message.text)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; where there is none, tests that need it are skipped."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="there is no Playwright here; `make env` installs it"
    )
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("there is no chromium here; `sh envs/programs.sh` installs it")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def offline(chromium: Browser) -> Iterator[Watched]:
    """A page that cannot reach any network, and is watched."""
    context = chromium.new_context(offline=True)
    yield Watched.of(context.new_page())
    context.close()

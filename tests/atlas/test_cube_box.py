"""A cube that did not fit into the page is opened from a file or an address, and checked."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from made.pages import inside, small_atlas
from made.ranges import Server, serving

pytestmark = pytest.mark.browser


@dataclass
class Short:
    """A page that lacks the cube `lacking` of the experiment `name`; `other` is inside."""

    page: Path
    name: str
    lacking: Path
    other: Path

    @property
    def view(self) -> str:
        return f"#map={self.name}"

    def refused(self, path: Path) -> str:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        return f"{self.name}.zarr.zip: these bytes have SHA-256 {found}, the record says "


@pytest.fixture(scope="module")
def short(tmp_path_factory) -> Short:
    folder = tmp_path_factory.mktemp("short")
    made = small_atlas(folder)
    page = folder / "index.html"
    # One byte short of all.
    page.write_text(made.page(len(made.page().encode()) - 1), encoding="utf-8")
    held = inside(page.read_text(encoding="utf-8"))
    (name,) = (name for name in made.cubes if f"cube-{name}" not in held)
    (other,) = (path for key, path in made.cubes.items() if key != name)
    return Short(page, name, made.cubes[name], other)


@pytest.fixture
def server(short) -> Iterator[Server]:
    """Sends the cubes, and lets pages read them."""
    with serving(short.lacking.parent, pages=True) as found:
        yield found


def ask(page, address: str) -> None:
    page.fill("input[type=url]", address)
    page.click("button[type=submit]")


def said(page) -> str:
    page.wait_for_selector(".wrong:not(:empty)")
    return page.locator(".wrong").inner_text()


def test_a_file_is_opened(opened, short):
    watched = opened(short.page, short.view)
    page = watched.page
    assert "is not inside" in page.locator(".asking").inner_text()
    # What is known without it is told: claims lead here, and back.
    assert page.locator(".claims a.claim").count() >= 1
    page.set_input_files("input[type=file]", short.other)
    assert said(page).startswith(short.refused(short.other))
    page.set_input_files("input[type=file]", short.lacking)
    page.wait_for_selector("button.cell")
    assert page.locator("button.cell").count() == 4
    assert watched.requests == [] and watched.errors == []


def test_an_address_is_opened(opened, short, server):
    watched = opened(short.page, short.view, offline=False)
    page = watched.page
    told = page.locator(".asking").inner_text()
    assert "asked once, for the whole file, and only when you press the button" in told
    address = f"{server.address}/{short.lacking.name}"
    page.fill("input[type=url]", address)
    assert watched.requests == [] and server.sent == []
    page.click("button[type=submit]")
    page.wait_for_selector("button.cell")
    page.wait_for_selector(".check.holds")
    assert page.locator("button.cell").count() == 4
    content = short.lacking.read_bytes()
    assert page.get_attribute(".check", "data-found") == hashlib.sha256(content).hexdigest()
    # As it said: one request, of the whole, which tells nothing of who asks.
    assert watched.requests == [address]
    assert server.sent == [("", 200, len(content))]
    assert not {"Cookie", "Referer", "Authorization"} & set(server.told[0])
    assert watched.errors == []


def test_an_address_of_another_cube_is_named(opened, short, server):
    page = opened(short.page, short.view, offline=False).page
    ask(page, f"{server.address}/{short.other.name}")
    assert said(page).startswith(short.refused(short.other))
    assert page.locator("button.cell").count() == 0
    # The right one is taken afterwards.
    ask(page, f"{server.address}/{short.lacking.name}")
    page.wait_for_selector("button.cell")


def test_a_cube_that_is_cut_off_is_named(opened, short, tmp_path):
    cut = tmp_path / short.lacking.name
    cut.write_bytes(short.lacking.read_bytes()[:-10])
    with serving(tmp_path, pages=True) as server:
        page = opened(short.page, short.view, offline=False).page
        ask(page, f"{server.address}/{cut.name}")
        assert said(page).startswith(short.refused(cut))


UNREAD = (
    "could not be read: nothing answers there, or its server lets no other page read it (CORS)."
)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"pages": True, "status": 404}, "answers 404 (Not Found), no cube."),
        ({"pages": True, "status": 500}, "answers 500 (Internal Server Error), no cube."),
        ({"pages": False}, UNREAD),
        ({"pages": True, "cut": 10}, UNREAD),
    ],
    ids=["missing", "broken", "closed to pages", "hangs up"],
)
def test_a_server_that_gives_no_cube_is_told_in_a_sentence(options, told, opened, short):
    page = opened(short.page, short.view, offline=False).page
    with serving(short.lacking.parent, **options) as server:
        address = f"{server.address}/{short.lacking.name}"
        ask(page, address)
        assert said(page) == f"{address} {told}"
    still_whole(page, short)


@pytest.mark.parametrize("scheme", ["http", "ftp"])
def test_an_address_where_nobody_is_is_told_in_a_sentence(scheme, opened, short):
    with socket.socket() as taken:
        # Bound and not listening: nobody else answers there meanwhile.
        taken.bind(("127.0.0.1", 0))
        address = f"{scheme}://127.0.0.1:{taken.getsockname()[1]}/{short.lacking.name}"
        watched = opened(short.page, short.view, offline=False)
        ask(watched.page, address)
        told = (
            "is no address of http or https; a file of this machine is opened by its button above."
        )
        assert said(watched.page) == f"{address} {UNREAD if scheme == 'http' else told}"
        assert scheme == "http" or watched.errors == []
    still_whole(watched.page, short)


def test_a_server_that_never_answers_is_given_up(opened, short):
    page = opened(short.page, short.view, offline=False).page
    # Patience of the page, without the wait.
    page.evaluate("() => { const of = AbortSignal.timeout; AbortSignal.timeout = () => of(200); }")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/{short.lacking.name}"
        ask(page, address)
        assert said(page) == f"{address} has not answered in 60 seconds."
    still_whole(page, short)


def still_whole(page, short: Short) -> None:
    """Nothing else is broken: the file is taken all the same."""
    assert page.locator(".asking[aria-busy]").count() == 0
    page.set_input_files("input[type=file]", short.lacking)
    page.wait_for_selector("button.cell")
    assert page.locator("button.cell").count() == 4

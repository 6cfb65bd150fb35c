"""One corpus for the room: made once by the project's own scripts, in a process of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from made.fuzzing.cases import Cases
from made.fuzzing.kinds import KINDS
from made.fuzzing.zygote import Zygote


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    folder = tmp_path_factory.mktemp("fuzz")
    with Zygote(folder / "zygote.log") as zygote:
        for name in ("made", "case"):
            (folder / name).mkdir()
        reply = zygote.ask(folder / "made", (), "", make=True)
        assert not reply.ended, (folder / "zygote.log").read_text(encoding="utf-8")
        yield Cases(folder / "case", folder / "made" / "project", zygote)


@pytest.fixture(autouse=True)
def _programs(request: pytest.FixtureRequest) -> None:
    """Skips kinds of files that the corpus lacks for want of a program."""
    name = getattr(request.node, "callspec", None) and request.node.callspec.params.get("name")
    needs = KINDS[name].needs if name in KINDS else ""
    if needs and shutil.which(needs) is None:
        pytest.skip(f"needs {needs}")

"""One corpus for the room: made once by the project's own scripts, in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from made.fuzzing.cases import Cases
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

"""Names of notes sort by time and never meet; who wrote one is told, be there a name or not."""

from __future__ import annotations

import getpass
import socket
from datetime import UTC, datetime, timedelta

import pytest

from layeratlas.provenance.record.stamps import dated, user, user_and_host

MOMENT = datetime(2031, 5, 17, 8, 0, 0, 250, UTC)


def test_names_sort_by_time():
    first, same, later = dated(MOMENT), dated(MOMENT), dated(MOMENT + timedelta(microseconds=1))
    assert first.startswith("20310517T080000.000250Z-")
    assert first != same and max(first, same) < later


@pytest.mark.parametrize("error", [OSError, KeyError])
def test_a_container_may_know_no_user(monkeypatch, error):
    monkeypatch.setattr(getpass, "getuser", lambda: "me")
    assert (user(), user_and_host()) == ("me", f"me on {socket.gethostname()}")

    def unknown():
        raise error

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert (user(), user_and_host()) == (None, f"somebody on {socket.gethostname()}")

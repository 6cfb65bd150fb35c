"""Who and when: what every note that the store keeps says of itself."""

from __future__ import annotations

import getpass
import secrets
import socket
from datetime import datetime


def user() -> str | None:
    """The user's name; None in a container without a user of that number."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return None


def user_and_host() -> str:
    """`me on laptop`."""
    return f"{user() or 'somebody'} on {socket.gethostname()}"


def dated(moment: datetime) -> str:
    """A fresh name that sorts by time, which is in UTC: `20310517T080000.000000Z-` and digits."""
    return f"{moment:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(6)}"

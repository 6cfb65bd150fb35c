"""People as settings and CITATION.cff name them: name, ORCID, affiliation.

An ORCID iD is sixteen digits, the last a check of the others by ISO/IEC 7064, MOD 11-2, where ten
is written X. https://support.orcid.org/hc/en-us/articles/360006897674
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layeratlas.config.reading import read_yaml
from layeratlas.config.refusing import named
from layeratlas.errors import ConfigError
from layeratlas.words import quoted

CITATION = "CITATION.cff"
_SITE = "https://orcid.org/"
_ORCID = re.compile(r"(?:https?://(?:www\.)?orcid\.org/)?([\dX-]{16,19})/?", re.IGNORECASE)
_GROUPED = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
# Names that systems give: of a machine's account, not of a person.
_ACCOUNTS = frozenset(
    (
        *("root", "admin", "administrator", "user", "users", "guest", "nobody", "somebody"),
        *("ubuntu", "debian", "centos", "fedora", "ec2-user", "azureuser", "vagrant", "docker"),
        *("jovyan", "runner", "builder", "git", "www-data", "daemon", "test", "unknown"),
    )
)


@dataclass(frozen=True)
class Author:
    """Somebody who answers for a result. `orcid` is an address; not `is_person`: a group."""

    name: str
    orcid: str | None = None
    affiliation: str | None = None
    is_person: bool = True


def author_of(text: str) -> Author:
    """Of "Ada Lovelace; 0000-0002-1825-0097; University of London": name, then, in any order and if
    at all, ORCID and affiliation. ValueError, a sentence, for anything else.
    """
    name, *rest = (part.strip() for part in text.split(";"))
    orcid = affiliation = None
    for part in filter(None, rest):
        if _ORCID.fullmatch(part) and orcid is None:
            orcid = orcid_address(part)
        elif affiliation is None:
            affiliation = part
        else:
            raise ValueError(
                f"expected 'name; ORCID; affiliation', and {quoted(part)} is neither of them"
            )
    return Author(_name(name), orcid, affiliation)


def orcid_address(text: str) -> str:
    """The address of an ORCID iD, given alone or as an address. ValueError where it is none."""
    found = _ORCID.fullmatch(text.strip())
    digits = found[1].upper() if found else ""
    if "-" not in digits and len(digits) == 16:
        digits = "-".join(digits[i : i + 4] for i in range(0, 16, 4))
    if not _GROUPED.fullmatch(digits):
        raise ValueError(
            f"{quoted(text)} is no ORCID iD; one looks like https://orcid.org/0000-0002-1825-0097"
        )
    if digits[-1] != _check_digit(digits.replace("-", "")[:-1]):
        raise ValueError(f"{quoted(text)} is no ORCID iD: its last digit does not fit the others")
    return f"{_SITE}{digits}"


def is_account(name: str) -> bool:
    """Whether a name is one that systems give to accounts, as `root`."""
    return name.strip().lower() in _ACCOUNTS


def authors_in(path: Path) -> tuple[Author, ...]:
    """The authors that a CITATION.cff names; none where there is no such file.

    ConfigError names file, place and value of one that is wrong.
    """
    if not path.is_file():
        return ()
    entries = read_yaml(path).get("authors")
    if not isinstance(entries, list):
        return ()
    found = []
    for number, entry in enumerate(entries):
        where = f"{named(path)}: authors[{number}]"
        if not isinstance(entry, Mapping):
            raise ConfigError(f"{where}: expected family-names and given-names, or name")
        try:
            found.append(_author(entry))
        except ValueError as error:
            raise ConfigError(f"{where}: {error}") from None
    return tuple(found)


def repository_in(path: Path) -> str | None:
    """The public address of the code that a CITATION.cff names, if any."""
    told = read_yaml(path) if path.is_file() else {}
    address = told.get("repository-code") or told.get("url")
    return address if isinstance(address, str) and address.startswith("https://") else None


def _author(entry: Mapping[str, Any]) -> Author:
    names = ("given-names", "name-particle", "family-names", "name-suffix")
    person = " ".join(_text(entry, name) for name in names if _text(entry, name))
    orcid = _text(entry, "orcid")
    return Author(
        _name(person or _text(entry, "name") or _text(entry, "alias")),
        orcid_address(orcid) if orcid else None,
        _text(entry, "affiliation") or None,
        bool(person) or "name" not in entry,
    )


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise ValueError(f"{key}: expected text, got {quoted(value)}")
    return value.strip()


def _name(text: str) -> str:
    if not text or not text.isprintable() or len(text) > 200:
        raise ValueError("expected a name, as 'Ada Lovelace'")
    if is_account(text):
        raise ValueError(f"{quoted(text)} is the name of an account; give that of a person")
    return text


def _check_digit(digits: str) -> str:
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return "X" if check == 10 else str(check)

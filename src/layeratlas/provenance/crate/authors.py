"""Who answers for a crate: whom the export names, else CITATION.cff, else the name git knows.

The names of accounts, which records have, are no names of people, and are told nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rocrate.model.entity import Entity

from layeratlas.config.people import CITATION, Author, author_of, authors_in, is_account
from layeratlas.errors import ConfigError
from layeratlas.provenance.crate.entities import Entities, slug
from layeratlas.provenance.record.probing import UnreadError, ask
from layeratlas.provenance.record.stamps import user

_SECONDS = 5.0


def authors(given: Iterable[str], *folders: Path) -> tuple[Author, ...]:
    """The authors of a crate; none where nobody is known.

    `given`: texts as of `author_of`; `folders`: where a CITATION.cff may lie, the first counts.
    What names people counts before git's `user.name`, and that before what names a group.
    ConfigError for a text or file that names nobody rightly.
    """
    try:
        if named := tuple(author_of(text) for text in given):
            return named
    except ValueError as error:
        raise ConfigError(f"author: {error}") from None
    cited = next((found for folder in folders if (found := authors_in(folder / CITATION))), ())
    if any(author.is_person for author in cited):
        return cited
    known = _known_to_git(folders[0]) if folders else None
    return (Author(known),) if known else cited


def person(entities: Entities, author: Author) -> Entity:
    """An author as an entity: a Person, or an Organization that stands for a group."""
    belongs = author.affiliation and entities.add(
        f"#organization-{slug(author.affiliation)}", "Organization", name=author.affiliation
    )
    kind = "Person" if author.is_person else "Organization"
    identifier = author.orcid or f"#{kind.lower()}-{slug(author.name)}"
    return entities.add(identifier, kind, name=author.name, affiliation=belongs or None)


def _known_to_git(folder: Path) -> str | None:
    """`user.name`, unless it is the name of an account."""
    try:
        answer = ask(["git", "-C", str(folder), "config", "--get", "user.name"], _SECONDS)
    except UnreadError:
        return None
    name = answer.output.decode(errors="replace").strip()
    if answer.status or not name or not name.isprintable() or len(name) > 200:
        return None
    return None if is_account(name) or name == user() else name

"""Which records are signed, by whom, and whether they are what was signed."""

from __future__ import annotations

import os
from pathlib import Path

from layeratlas.errors import StoreError
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.store.checks.finding import DAMAGED, MISSING, OK, Finding
from layeratlas.provenance.store.checks.project import Project
from layeratlas.provenance.store.inside import given_file
from layeratlas.provenance.store.signing import signer_of
from layeratlas.provenance.store.statements import read_statement, signatures_of, statements
from layeratlas.words import quoted

KIND = "signature"


class Signatures:
    """The statements of a project: `findings` about themselves, and what they say of records.

    `by` is {path of a record: who signed it, of the file `signers`}, `altered` {path: what is wrong
    with a record that was signed}. Without `signers` nobody is believed, but what was signed is
    still compared. StoreError where `signers` is no file.
    """

    def __init__(self, project: Project, signers: str | os.PathLike[str] | None = None):
        self._project, self._signers = project, signers
        self.findings: list[Finding] = []
        self.by: dict[str, str] = {}
        self.altered: dict[str, str] = {}
        if signers is not None and given_file(signers) is None:
            raise StoreError(f"{quoted(str(signers))} is no file of allowed signers.")
        for statement in statements(project.root):
            name = project.relative(statement)
            try:
                listed = read_statement(statement)
            except StoreError as error:
                self.findings.append(Finding(name, KIND, DAMAGED, str(error)))
                continue
            who = self._signers_of(statement, name)
            self._compare(listed, name, who)

    def _signers_of(self, statement: Path, name: str) -> list[str]:
        """Who signed it; a finding a signature."""
        found: list[str] = []
        signatures = signatures_of(statement)
        if not signatures:
            problem = f"{name} has no signature beside it."
            self.findings.append(Finding(name, KIND, MISSING, problem))
        for signature in signatures:
            path = self._project.relative(signature)
            if self._signers is None:
                self.findings.append(Finding(path, KIND, OK))
                continue
            try:
                who = signer_of(statement.read_bytes(), signature, self._signers)
            except StoreError as error:
                self.findings.append(Finding(path, KIND, DAMAGED, str(error)))
            else:
                found.append(who)
                self.findings.append(Finding(path, KIND, OK, signer=who))
        return found

    def _compare(self, listed: dict[str, str], name: str, who: list[str]) -> None:
        by = ", ".join(dict.fromkeys(who))
        for record, digest in listed.items():
            path = (RECORDS / record).as_posix()
            place = self._project.root / path
            if not place.is_file():
                self.altered[path] = f"{path} was signed (in {name}) and is gone."
            elif self._project.digest(place) != digest:
                self.altered[path] = f"{path} is not what was signed (in {name}): it was edited."
            elif by:
                self.by[path] = by

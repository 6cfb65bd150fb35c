"""roc-validator without a network: JSON-LD contexts from a local table, nothing else.

The validator brings its profiles, but fetches the contexts that crates name. rocrate carries a
context of RO-Crate 1.3; four terms have other addresses in 1.1, which the profiles are written
for. The terms of workflow runs are few enough to be listed here. This reaches into private names
of roc-validator 0.13, which is why the test extra pins it.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import requests
import rocrate
from rocrate_validator import models, services
from rocrate_validator.utils import http

_RO_CRATE = re.compile(r"https://w3id\.org/ro/crate/[^/]+/context")
_WORKFLOW_RUN = "https://w3id.org/ro/terms/workflow-run/context"
_WORKFLOW_RUN_BASE = "https://w3id.org/ro/terms/workflow-run#"
_WORKFLOW_RUN_TERMS = (
    "ParameterConnection",
    "connection",
    "sourceParameter",
    "targetParameter",
    "sha256",
    "md5",
    "sha1",
    "sha512",
    "containerImage",
    "ContainerImage",
    "DockerImage",
    "SIFImage",
    "environment",
    "registry",
    "tag",
    "resourceUsage",
)
_BIOSCHEMAS = "https://bioschemas.org/"
_TERMS_OF_1_1 = {
    "ComputationalWorkflow": f"{_BIOSCHEMAS}ComputationalWorkflow",
    "FormalParameter": f"{_BIOSCHEMAS}FormalParameter",
    "input": f"{_BIOSCHEMAS}ComputationalWorkflow#input",
    "output": f"{_BIOSCHEMAS}ComputationalWorkflow#output",
}


def context(url: str) -> dict | None:
    """The JSON-LD context at `url`; None for one that is not in the table."""
    if _RO_CRATE.fullmatch(url):
        file = Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld"
        found = json.loads(file.read_text(encoding="utf-8"))
        found["@context"] |= _TERMS_OF_1_1
        return found
    if url == _WORKFLOW_RUN:
        return {"@context": {term: _WORKFLOW_RUN_BASE + term for term in _WORKFLOW_RUN_TERMS}}
    return None


def _answer(self, url, *args, **kwargs):
    found = context(url)
    if found is None:
        raise requests.ConnectionError(f"no network in tests: {url}")
    response = requests.Response()
    response.status_code = 200
    response.url = url
    response.headers["Content-Type"] = "application/ld+json"
    response._content = json.dumps(found).encode()
    return response


@contextmanager
def _local_only():
    requester = http.HttpRequester
    with (
        # Methods come through __getattr__; one of the class comes before that.
        patch.object(requester, "get", _answer, create=True),
        patch.object(requester, "head", _answer, create=True),
    ):
        yield


def issues(crate: Path, profile: str, severity: str = "REQUIRED") -> list[str]:
    """What roc-validator has to say about a crate: one line an issue."""
    settings = services.ValidationSettings(
        rocrate_uri=crate,
        profile_identifier=profile,
        requirement_severity=getattr(models.Severity, severity),
    )
    with _local_only():
        result = services.validate(settings)
    return sorted(f"{issue.severity.name}: {issue.message}" for issue in result.get_issues())

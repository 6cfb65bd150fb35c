"""A received crate, without the project it came from."""

from __future__ import annotations

import json
import zipfile

import pytest
from made.crates import CUBE, FIGURE
from made.keys import make_key, signers

from layeratlas.errors import StoreError
from layeratlas.provenance.crate.checking import check_crate, told_files
from layeratlas.provenance.crate.export import export_crate
from layeratlas.provenance.crate.layout import METADATA, SIGNATURE
from layeratlas.provenance.crate.signing import sign_crate

__all__ = ["make_key", "signers"]


@pytest.fixture
def crate(project, tmp_path):
    return export_crate(project.root / FIGURE, tmp_path / "crate", project.root)


def wrong(path, signers=None):
    table = check_crate(path, signers)
    return dict(table.set_index("path")["status"][lambda status: status != "ok"])


def test_every_file_of_a_crate_is_told_with_its_digest(crate, project, tmp_path):
    assert wrong(crate) == {}
    packed = export_crate(project.root / FIGURE, tmp_path / "crate.zip", project.root)
    assert wrong(packed) == {}
    assert len(check_crate(packed)) == len(check_crate(crate)) > 20


def test_whatever_is_not_as_told_is_a_finding(crate):
    (crate / CUBE).write_bytes(b"another")
    (crate / FIGURE).unlink()
    (crate / "more.txt").write_text("more")
    metadata = json.loads((crate / METADATA).read_bytes())
    for entity in metadata["@graph"]:
        if entity["@id"] == "README.md":
            del entity["sha256"]
    (crate / METADATA).write_text(json.dumps(metadata))
    assert wrong(crate) == {
        CUBE: "changed",
        FIGURE: "missing",
        "more.txt": "unrecorded",
        "README.md": "unsealed",
    }


def test_a_signature_is_one_of_the_whole(crate, signers, make_key, tmp_path):
    key, allowed = signers
    assert wrong(crate, allowed) == {METADATA: "unrecorded"}
    sign_crate(crate, key)
    table = check_crate(crate, allowed).set_index("path")
    assert set(table["status"]) == {"ok"}
    assert table.loc[METADATA, "signer"] == "ada@example.org"
    assert wrong(crate) == {}
    (crate / METADATA).write_bytes((crate / METADATA).read_bytes() + b"\n")
    assert wrong(crate, allowed) == {METADATA: "damaged"}
    sign_crate(crate, make_key("eve"))
    assert wrong(crate, allowed) == {METADATA: "damaged"}
    (crate / SIGNATURE).write_bytes(b"x")
    assert wrong(crate, allowed) == {METADATA: "damaged"}


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b'{"@graph": {}}', b"[" * 200_000, b'{"@graph": [' + b"9" * 5000 + b"]}"],
)
def test_metadata_that_are_none_are_refused(crate, content):
    (crate / METADATA).write_bytes(content)
    with pytest.raises(StoreError, match="crate"):
        check_crate(crate)


def test_names_are_those_of_files_inside(tmp_path):
    graph = [
        {"@id": "a%20b.txt", "@type": "File", "sha256": "0" * 64},
        {"@id": "./c", "@type": ["File", "HowTo"], "sha256": 1},
        {"@id": "#file-1", "@type": "File", "sha256": "0" * 64},
        {"@id": "https://example.org/a", "@type": "File"},
        {"@id": "d/", "@type": "Dataset"},
        {"@id": ["x"], "@type": "File"},
        "text",
    ]
    told = told_files(json.dumps({"@graph": graph}).encode(), tmp_path)
    assert told == {"a b.txt": "0" * 64, "c": None}


def test_names_that_leave_are_a_finding_and_opened_nowhere(tmp_path):
    path = tmp_path / "crate.zip"
    graph = [{"@id": "../../etc/passwd", "@type": "File", "sha256": "0" * 64}]
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(METADATA, json.dumps({"@graph": graph}))
        packed.writestr("/abs", "x")
    assert wrong(path) == {"../../etc/passwd": "damaged", "/abs": "damaged"}

"""Files enclosed where they belong, else told by their hashes."""

from __future__ import annotations

import json

import pytest
from made.crates import CUBE, FIGURE, graph, names, of_type

from layeratlas.bounded.seals import sealed
from layeratlas.provenance.crate.export import export_crate
from layeratlas.provenance.crate.files import place_of
from layeratlas.provenance.record.keeping import keep_bytes, object_path
from layeratlas.provenance.record.schema import FileState
from layeratlas.provenance.record.writing import record_bytes
from layeratlas.storage import read_manifest


def test_a_cube_brings_itself_and_describes_its_shards(project, tmp_path):
    crate = export_crate(project.root / CUBE, tmp_path / "crate", project.root)
    kept = {n for n in names(crate) if n.startswith(("results", "data"))}
    # Of the data set its manifest: so much the workflow has to know of it.
    assert kept == {CUBE, CUBE.replace(".zarr.zip", ".json"), "results/smoke/datasets/abc.json"}
    entities = graph(crate)
    shards = [e for e in of_type(entities, "File") if "/shards/" in e.get("alternateName", "")]
    assert len(shards) == 2
    assert all(len(e["sha256"]) == 64 and e["@id"].startswith("#file-") for e in shards)


def test_a_file_that_is_gone_is_described_and_named(project, tmp_path):
    (project.root / FIGURE.replace(".pdf", ".svg")).unlink()
    entities = graph(export_crate(project.root / FIGURE, tmp_path / "crate", project.root))
    assert "Not enclosed" in entities["./"]["description"]
    assert FIGURE.replace(".pdf", ".svg") in entities["./"]["description"]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("results/a.zarr.zip", "results/a.zarr.zip"),
        ("/elsewhere/a.pdf", "files/abababababababab/a.pdf"),
        ("../a.pdf", "files/abababababababab/a.pdf"),
        ("results/../../a.pdf", "files/abababababababab/a.pdf"),
        ("results/%2e%2e/a.pdf", "files/abababababababab/a.pdf"),
        ("ro-crate-metadata.json", "files/abababababababab/ro-crate-metadata.json"),
        ("Snakefile", "files/abababababababab/Snakefile"),
        ("SRC/a.py", "files/abababababababab/a.py"),
        ("results/..", "files/abababababababab/file"),
        ("", "files/abababababababab/file"),
        ("a\0b", "files/abababababababab/a-b"),
    ],
)
def test_a_place_never_leads_out_of_the_crate(path, place):
    state = FileState(path=path, role="data", digest="ab" * 32, size=1)
    assert place_of(state) == place


def test_uncommitted_code_is_enclosed_where_the_store_has_it(project, tmp_path):
    digest = keep_bytes(b"+ B = 1", ".diff", project.root)
    for name, path in project.records.items():
        if name.startswith("train-"):
            record = json.loads(path.read_text())
            record["code"] |= {"dirty": True, "diff": digest}
            path.write_bytes(record_bytes(sealed(record)))
    crate = export_crate(project.root / CUBE, tmp_path / "crate", project.root)
    assert (crate / "code" / f"{digest}.diff").read_bytes() == b"+ B = 1"


def test_a_cube_whose_manifest_is_of_another_version_brings_its_own(project, tmp_path):
    """Else nothing in the crate could read it, and its content hash would be told nowhere."""
    beside = project.root / CUBE.replace(".zarr.zip", ".json")
    manifest = json.loads(beside.read_text())
    beside.write_text(json.dumps(manifest | {"digest": "0" * 64}))
    crate = export_crate(project.root / CUBE, tmp_path / "crate", project.root)
    assert (crate / CUBE).exists()
    enclosed = read_manifest(crate / CUBE)
    state = project.files[CUBE]
    assert (enclosed.digest, enclosed.content_hash) == (state.digest, state.content_hash)
    assert enclosed.size == state.size


def test_code_that_no_commit_holds_is_enclosed_where_it_is_whole(project, tmp_path):
    kept = keep_bytes(b"the code", ".tar", project.root)
    decayed = keep_bytes(b"the changes", ".diff", project.root)
    place = object_path(project.root, decayed, "x.diff")
    place.chmod(0o644)
    place.write_bytes(b"the change ")
    for path in project.records.values():
        document = json.loads(path.read_text())
        document.pop("seal", None)
        document["code"] |= {"kept": kept, "diff": decayed}
        path.write_text(json.dumps(document))
    crate = export_crate(project.root / FIGURE, tmp_path / "crate", project.root)
    assert [path.name for path in (crate / "code").iterdir()] == [f"{kept}.tar"]
    assert graph(crate)[f"code/{kept}.tar"]["encodingFormat"] == "application/x-tar"


def test_cubes_above_a_size_are_told_by_their_hashes(project, tmp_path):
    size = project.files[CUBE].size
    for largest, is_there in ((size, True), (size - 1, False)):
        crate = tmp_path / f"crate-{largest}"
        export_crate(project.root / FIGURE, crate, project.root, largest=largest)
        assert (crate / CUBE).exists() is is_there
        assert (crate / FIGURE).exists()
        told = graph(crate)["./"]["description"]
        assert (f"{CUBE} (sha256 {project.files[CUBE].digest})" in told) is not is_there

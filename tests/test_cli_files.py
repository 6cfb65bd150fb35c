"""One bad record stops no question: it is named, and the rest is answered as before."""

from __future__ import annotations

import json
import os
import re

import pytest
from made.store import made_once, project

from layeratlas.bounded.seals import sealed
from layeratlas.cli import main
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.record.writing import record_name

__all__ = ["made_once", "project"]

MIB = 1 << 20
TEXTS = {
    "empty": b"",
    "binary": bytes(range(256)),
    "brackets": b"[" * 200_000,
    "objects": b'{"a":' * 200_000,
    "large": b'"' + b"a" * (33 * MIB) + b'"',
    "list": b"[]",
    "number": b"1",
    "nan": b'{"id": NaN}',
    "digits": b'{"id": ' + b"9" * 5_000 + b"}",
    "half": b'{"schema_version": 1, "id": "2031',
    "utf-16": '{"id": "x"}'.encode("utf-16"),
    "surrogates": b'{"id": "\\ud800"}',
}
EDITS = {
    "size": lambda r: r["outputs"][0].update(size=10**30),
    "negative size": lambda r: r["outputs"][0].update(size=-1),
    "size as text": lambda r: r["outputs"][0].update(size="1000"),
    "digest": lambda r: r["outputs"][0].update(digest="../../../etc/passwd"),
    "diff": lambda r: r["code"].update(diff="*"),
    "time": lambda r: r.update(started="soon"),
    "backwards": lambda r: r.update(ended="1999-01-01T00:00:00+00:00"),
    "for ever": lambda r: r.update(wall_seconds=1e308),
    "settings": lambda r: r["configuration"].update(value={"epochs": 10}),
    "wildcards": lambda r: r["activity"].update(wildcards={"experiment": ["x"]}),
    "inputs": lambda r: r.update(inputs={"a": 1}),
    "name": lambda r: r.update(id="20310517T080000Z-abcdef"),
    "schema": lambda r: r.update(schema_version="1"),
}
# These say nothing that cannot be: they are answered about, and opened nowhere outside.
ODD = {
    "outside": lambda r: r["outputs"][0].update(path="../../../../etc/passwd"),
    "absolute": lambda r: r["outputs"][0].update(path="/etc/passwd"),
    "long": lambda r: r["outputs"][0].update(path="a/" * 2_500),
    "long name": lambda r: r["outputs"][0].update(path="results/" + "a" * 5_000),
    "nul": lambda r: r["outputs"][0].update(path="results/a\0b"),
    "empty path": lambda r: r["outputs"][0].update(path=""),
    "escapes": lambda r: (
        r["outputs"][0].update(path="figures/\x1b[2J\x9b31m\u202e.pdf", role="\x1b[1m"),
        r["machine"].update(host="\x1b]0;title\x07", cpu="[bold]x[/bold]"),
        r["activity"].update(rule="\x1b[31m[red]", wildcards={"key": "\r\n\x1b[A"}),
        r["code"].update(commit="\x1b[2J", version="<script>"),
    ),
    "rule": lambda r: r["activity"].update(rule="../../secret", wildcards={"key": "/etc"}),
    "preset": lambda r: r["activity"].update(preset="../../.."),
    "many": lambda r: r.update(outputs=r["outputs"] * 2_000),
    "largest": lambda r: r.update(outputs=[r["outputs"][0] | {"size": 2**63 - 1}] * 3),
}
QUESTIONS = (
    ("lineage", "figures/f.pdf"),
    ("lineage", "figures/f.pdf", "--graph", "svg"),
    ("dependents", "mnist_5k"),
    ("diff", "phase@1", "phase@2"),
    ("stale",),
    ("verify",),
    ("log",),
    ("versions", "phase"),
    ("store", "gc"),
    ("crate", "figures/f.pdf", "crate.zip"),
)


def ask(capsys, line) -> tuple[int, str, str]:
    status = main(line)
    said = capsys.readouterr()
    assert status in (0, 1, 2), line
    for row in said.err.splitlines():
        assert len(row) < 400, line
    assert re.sub(r"[\n]", "", said.out + said.err).isprintable(), line
    assert "Traceback" not in said.err
    return status, said.out, said.err


def no_files(folder):
    """What may lie among records and is no file that can be read."""
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "pipe.json")
    (folder / "circle.json").symlink_to("circle.json")
    (folder / "nowhere.json").symlink_to("/nowhere/at/all")
    return {"folder.json", "pipe.json", "circle.json"}


def edited(project, edits):
    """A record a kind of edit, each of a job of its own, sealed anew; their names."""
    names = set()
    for edit in edits.values():
        record = project.job("train", [], [project.state_of_bytes("figures/f.pdf")])
        path = project.root / RECORDS / record_name(record.id)
        document = json.loads(path.read_bytes())
        edit(document)
        path.write_text(json.dumps(sealed(document)))
        names.add(path.name)
    return names


def test_bad_records_are_named_and_the_rest_is_answered(project, monkeypatch, capsys):
    monkeypatch.chdir(project.root)
    before = {line: ask(capsys, line) for line in QUESTIONS}
    folder = project.records()[0].parent
    bad = no_files(folder) | edited(project, EDITS)
    for kind, content in TEXTS.items():
        (folder / f"{kind}.json").write_bytes(content)
        bad.add(f"{kind}.json")
    for line, (status, out, _) in before.items():
        found, said, problem = ask(capsys, line)
        if line != ("verify",):
            assert (found, said) == (status, out), line
        told = said if line == ("verify",) else problem
        assert {name for name in bad if name not in re.sub(r"\s", "", told)} == set(), line
    assert ask(capsys, ("verify",))[0] == 1
    assert ask(capsys, ("store", "gc", "--apply"))[0] == 2
    for name in bad - {"circle.json"}:
        assert ask(capsys, ("verify", str(folder / name)))[0] == 1


@pytest.mark.slow
def test_a_record_may_say_what_it_likes(project, monkeypatch, capsys):
    monkeypatch.chdir(project.root)
    edited(project, ODD)
    for line in QUESTIONS:
        ask(capsys, line)
        if "svg" not in line:
            ask(capsys, (*line, "--json"))
    ask(capsys, ("lineage", "figures/f.pdf", "--all"))
    assert not list(project.root.parent.glob("*.pdf"))

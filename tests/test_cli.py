"""The command line: the same answers, as text and JSON; one line an error; exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys

import pandas as pd
import pytest
from made.keys import make_key, signers
from made.store import made_once, project

import layeratlas
from layeratlas.cli import main

__all__ = ["made_once", "make_key", "project", "signers"]

COMMANDS = {
    "lineage": ("lineage", "figures/f.pdf"),
    "dependents": ("dependents", "mnist_5k"),
    "diff": ("diff", "phase@1", "phase@2"),
    "stale": ("stale",),
    "log": ("log", "--rule", "train"),
    "versions": ("versions", "phase"),
}


def run(store, *arguments) -> int:
    return main([*arguments, "--root", str(store.root)])


@pytest.mark.parametrize("name", COMMANDS)
def test_json_is_the_answer_of_the_function(project, capsys, name):
    command, *given = COMMANDS[name]
    assert run(project, command, *given, "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    options = {"rule": "train"} if name == "log" else {}
    given = [] if name == "log" else given
    table = getattr(layeratlas, name)(*given, root=project.root, **options)
    assert len(rows) == len(table)
    for row, (_, expected) in zip(rows, table.iterrows(), strict=True):
        assert list(row) == list(table.columns)
        for column, value in expected.items():
            if isinstance(value, list | tuple | dict):
                assert row[column] == json.loads(json.dumps(value))
            else:
                assert row[column] == (None if pd.isna(value) else value)


@pytest.mark.parametrize("name", COMMANDS)
def test_text(project, capsys, name):
    assert run(project, *COMMANDS[name]) == 0
    said = capsys.readouterr()
    expected = {
        "lineage": "data set mnist_5k 01234567",
        "dependents": "files made from data set mnist_5k",
        "diff": "/layers/separation",
        "stale": "stale results",
        "log": "1 jobs, 30 s",
        "versions": "stored",
    }[name]
    assert expected in said.out
    assert said.err == ""


def test_drawing(project, capsys, tmp_path):
    assert run(project, "lineage", "figures/f.pdf", "--graph", "svg") == 0
    printed = capsys.readouterr().out
    target = tmp_path / "new" / "graph.svg"
    assert run(project, "lineage", "figures/f.pdf", "--graph", "svg", "-o", str(target)) == 0
    assert target.read_text() == printed
    assert printed.startswith("<svg")


def test_stale_check_says_it_by_its_status(project):
    assert run(project, "stale") == 0
    assert run(project, "stale", "--check") == 1


def test_verify_says_it_by_its_status(project, capsys):
    assert run(project, "verify") == 0
    figure = project.root / "figures" / "f.pdf"
    figure.write_bytes(figure.read_bytes()[:-1] + b"x")
    assert run(project, "verify") == 1
    assert "figures/f.pdf" in capsys.readouterr().out
    assert run(project, "verify", "figures/f.png") == 0
    assert run(project, "verify", "figures/f.pdf", "--json") == 1


def test_sealed_records_and_crates_tell_who_signed(project, capsys, signers, tmp_path, monkeypatch):
    key, allowed = map(str, signers)
    assert run(project, "seal", "--key", key) == 0
    assert "signed 7 records in" in capsys.readouterr().out
    assert run(project, "verify", "--signers", allowed) == 0
    assert "signed by ada@example.org: 7 record, 1 signature" in capsys.readouterr().out
    project.edit(project.records()[2], lambda record: record["machine"].update(host="x"))
    assert run(project, "verify", "--signers", allowed) == 1
    assert "was signed" in capsys.readouterr().out.replace("\n", " ")
    monkeypatch.chdir(project.root)
    assert run(project, "crate", "figures/f.pdf", str(tmp_path / "c.zip")) == 0
    # A reader has no project.
    monkeypatch.chdir(tmp_path)
    assert main(["verify", "c.zip"]) == 0
    assert main(["verify", "c.zip", "--signers", allowed]) == 1
    assert main(["seal", "c.zip", "--key", key, "--json"]) == 0
    assert main(["verify", "c.zip", "--signers", allowed]) == 0
    assert "signed by ada@example.org: 1 metadata" in capsys.readouterr().out
    assert main(["seal", "c.zip", "--key", "nokey"]) == 2


def test_pin_and_collect(project, capsys):
    first, _ = layeratlas.versions("phase", project.root)["digest"]
    assert run(project, "pin", "phase@1", "submitted", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"digest": first, "name": "submitted"}
    assert run(project, "store", "gc", "--apply") == 0
    assert list(layeratlas.versions("phase", project.root)["state"]) == ["stored", "current"]
    assert "nothing to free" in capsys.readouterr().out


def test_collect_says_first_what_it_would_free(project, capsys):
    assert run(project, "store", "gc") == 0
    assert "1 objects" in capsys.readouterr().out
    assert list(layeratlas.versions("phase", project.root)["state"]) == ["stored", "current"]
    assert run(project, "store", "gc", "--apply", "--json") == 0
    assert list(layeratlas.versions("phase", project.root)["state"]) == ["collected", "current"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("lineage", "nothing.pdf"),
        ("dependents", "nothing"),
        ("diff", "phase@1", "phase@9"),
        ("versions", "nothing"),
        ("log", "--since", "soon"),
    ],
)
def test_errors_are_one_line_and_status_two(project, capsys, arguments):
    assert run(project, *arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("layeratlas: ")
    assert said.err.count("\n") == 1


def test_corrupt_record_is_one_warning(project, capsys):
    project.records()[0].with_name("bad.json").write_text("{")
    assert run(project, "log") == 0
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "warning: " in said.err
    assert "bad.json" in said.err
    assert "7 jobs" in said.out


def test_no_store_here(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["log"]) == 2
    assert "no provenance store" in capsys.readouterr().err


def test_no_command_prints_help(capsys):
    assert main([]) == 2
    assert "lineage" in capsys.readouterr().out


@pytest.mark.parametrize("command", [*COMMANDS, "verify", "pin", "seal", "crate", "store gc"])
def test_help(capsys, command):
    with pytest.raises(SystemExit) as end:
        main([*command.split(), "--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert "--root" in said
    assert "--json" in said


# What takes longer to import than help takes to read.
HEAVY = ("numpy", "pandas", "pydantic", "rich", "snakemake", "torch", "xarray", "zarr")


@pytest.mark.parametrize("command", ["", *COMMANDS, "verify", "pin", "seal", "crate", "store gc"])
def test_help_imports_nothing_heavy(command):
    code = f"""if True:
        import sys
        from layeratlas.cli import main
        try:
            main({[*command.split(), "--help"]!r})
        except SystemExit as end:
            assert end.code == 0
        print(sorted(set(sys.modules) & set({HEAVY!r})), file=sys.stderr)"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "usage: layeratlas" in done.stdout
    assert done.stderr == "[]\n"


def test_a_misspelt_command_is_answered_with_those_there_are(capsys):
    with pytest.raises(SystemExit) as end:
        main(["linage", "f.pdf"])
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert all(name in said for name in ("lineage", "versions", "store"))


def test_as_a_module(project):
    done = subprocess.run(
        [sys.executable, "-m", "layeratlas", "versions", "phase", "--json"],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [row["version"] for row in json.loads(done.stdout)] == [1, 2]


def test_record_leaves_output_and_status_to_the_command(project, capfd, monkeypatch):
    monkeypatch.chdir(project.root)
    text = "open('out.txt', 'w').write(open('in.txt').read()); print('mine')"
    (project.root / "in.txt").write_text("1")
    assert main(["record", "--", sys.executable, "-c", text]) == 0
    said = capfd.readouterr()
    assert said.out == "mine\n"
    assert said.err == "layeratlas: on record: out.txt made from in.txt\n"
    assert main(["record", "--json", "--output", "out.txt", "--", sys.executable, "-c", text]) == 0
    assert json.loads(capfd.readouterr().out.removeprefix("mine\n"))["outputs"] == ["out.txt"]
    assert main(["record", "--", sys.executable, "-c", "raise SystemExit(3)"]) == 3
    assert capfd.readouterr().err.endswith("ended with status 3; its record says so\n")
    assert main(["record", "--"]) == 2
    assert "give a command" in capfd.readouterr().err

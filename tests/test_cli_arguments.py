"""Every command with odd arguments: one line and a status, never a traceback."""

from __future__ import annotations

import os

import pytest
from made.store import made_once, project

from layeratlas.cli import main

__all__ = ["made_once", "project"]

ODD = (
    "",
    " ",
    ".",
    "..",
    "/",
    "-",
    "--",
    "-x",
    "nul\0inside",
    "new\nline",
    "\x1b[2J\x1b[31mred",
    "\u202egnp.exe",
    "\udcff\udcfe",
    "a" * 300,
    "a" * 5_000,
    "/".join("a" * 200 for _ in range(30)),
    "é" * 300,
    "%s%n",
    "100%",
    "it's",
    '"quoted"',
    "; DROP TABLE record",
    "*",
    "**/*",
    "[a-z",
    "?",
    "~",
    "$HOME",
    "\\",
    "phase@",
    "phase@0",
    "phase@-1",
    "phase@99999999999999999999",
    "phase@" + "9" * 5_000,
    "@1",
    "/phase",
    "nosuch/phase@1",
    "phase@2031-13-45",
    "phase@2031-05-17Tnoon",
    "0" * 64,
    "f" * 6,
    "results",
    "figures/f.pdf",
    "store/pins.json",
    "provenance/index.sqlite",
    "/dev/null",
    "/dev/zero",
    "/etc/passwd",
)
NUMBERS = (*ODD[:20], "0", "-1", "-5", "3.5", "1e3", "nan", "9" * 30, "9" * 5_000, "٣", "True")
TIMES = (
    *ODD[:24], "0d", "99999999999d", "9" * 400 + "w", "-3d", "3y", "0001-01-01", "9999-12-31",
    "0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59", "2031-02-30", "nan", "now", "1.5d", "٣d",
)  # fmt: skip
LINES = {
    "lineage": [("lineage", odd) for odd in ODD],
    "lineage drawn": [("lineage", odd, "--graph", "svg") for odd in ODD],
    "lineage graph": [("lineage", "figures/f.pdf", "--graph", odd) for odd in ODD],
    "lineage output": [
        ("lineage", "figures/f.pdf", "--graph", "svg", "-o", odd)
        for odd in ODD
        if not odd.startswith(("/d", "/e", "figures", "store", "prov", "phase", "~", "$", "100"))
    ],
    "dependents": [("dependents", odd) for odd in ODD],
    "diff": [("diff", odd, "phase@2") for odd in ODD],
    "diff both": [("diff", "phase@1", odd, "--json") for odd in ODD],
    "diff preset": [("diff", "phase@1", "phase@2", "--preset", odd) for odd in ODD],
    "compare": [("compare", odd, "results/smoke") for odd in ODD],
    "stale": [("stale", "--preset", odd) for odd in ODD],
    "verify": [("verify", odd) for odd in ODD if odd not in ("/", "/dev/zero")],
    "log since": [("log", "--since", odd) for odd in TIMES],
    "log until": [("log", "--until", odd) for odd in TIMES],
    "log rule": [("log", "--rule", odd) for odd in ODD],
    "log figure": [("log", "--figure", odd, "--json") for odd in ODD],
    "log status": [("log", "--status", odd) for odd in ODD],
    "log limit": [("log", "-n", odd) for odd in NUMBERS],
    "versions": [("versions", odd) for odd in ODD],
    "verify signers": [("verify", "figures/f.pdf", "--signers", odd) for odd in ODD],
    "seal key": [("seal", "--key", odd) for odd in ODD],
    "seal": [("seal", odd, "--key", "nokey") for odd in ODD],
    "pin": [("pin", odd, "name") for odd in ODD],
    "crate": [("crate", odd, "out") for odd in ODD],
    "crate out": [("crate", "nosuch", odd) for odd in ODD],
    "store": [("store", odd) for odd in ODD],
    "gc": [("store", "gc", odd) for odd in ODD],
    "allocation hours": [("allocation", "--hours", odd) for odd in NUMBERS],
    "allocation cpus": [("allocation", "--hours", "1", "--cpus", odd) for odd in NUMBERS],
    "allocation": [("allocation", "--hours", "1", odd) for odd in ODD],
    "allocation of": [
        ("allocation", "--hours", "1", option, odd)
        for option in ("--partition", "--account", "--mem", "--config", "--image")
        for odd in ODD
    ],
    "allocation root": [("allocation", "--hours", "1", "--root", odd) for odd in ODD],
    "command": [(odd,) for odd in ODD],
    "root": [("log", "--root", odd) for odd in ODD if odd not in ("/", ".", "results")],
}


@pytest.mark.parametrize("name", LINES)
def test_an_odd_argument_is_answered_in_a_line(project, monkeypatch, capsys, name):
    monkeypatch.chdir(project.root)
    for line in LINES[name]:
        try:
            status = main(line)
        except SystemExit as ended:
            status = ended.code
        said = capsys.readouterr()
        assert status in (0, 1, 2), line
        assert (status == 2) == bool(said.err) or "warning" in said.err, line
        assert len(said.err) < 400, line
        assert said.err.count("\n") <= 1, line
        shown = (said.out + said.err).replace("\n", "")
        assert shown.isprintable() or name == "compare", line
    assert not (project.root.parent / "out").exists()
    assert os.path.exists(project.root / "provenance")  # noqa: PTH110

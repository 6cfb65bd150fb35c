"""Experiment files that are no YAML, or more of it than anything needs: one sentence each, soon."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from made.refusals import GOOD
from made.refused import refusal, refusal_of_file

from layeratlas.config.experiment import load_experiment
from layeratlas.config.experiments import load_experiments
from layeratlas.config.reading import DEEPEST, LONGEST_TEXT, MOST_BYTES, MOST_VALUES

# Each level holds the one before nine times: 9^9 values in 200 bytes.
LAUGHS = "\n".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9) if i else ', '.join('123456789')}]"
    for i in range(9)
)
MERGES = "\n".join(
    f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}], x{i}: 1}}" if i else "a0: &a0 {x0: 1}"
    for i in range(9)
)
CHAIN = "\n".join(f"a{i}: &a{i} [{f'*a{i - 1}' if i else 1}]" for i in range(40))

CONTENT = {
    "nothing": ("", "expected a mapping of settings, got NoneType"),
    "a comment": ("# nothing\n", "expected a mapping of settings, got NoneType"),
    "a word": ("word\n", "expected a mapping of settings, got str"),
    "a list": ("- a\n", "expected a mapping of settings, got list"),
    "two documents": (f"{GOOD}---\n{GOOD}", "line 7: expected a single document"),
    "a tab": ("title:\n\tx\n", "line 2: "),
    "latin letters": ("title: \u00fc".encode("latin-1"), "is no text in UTF-8"),
    "UTF-16": (GOOD.encode("utf-16"), "is no text in UTF-8"),
    "a NUL": (GOOD.replace("small", "sm\0all"), "special characters are not allowed"),
    "bytes of no text": (bytes(range(256)), "is no text in UTF-8"),
    "too many bytes": (GOOD + "#" * MOST_BYTES, f"bytes; at most {MOST_BYTES} are read"),
    "too many values": (GOOD + f"seeds: [{'1, ' * 21_000}1]", f"more than {MOST_VALUES} values"),
    "laughs": (LAUGHS, f"more than {MOST_VALUES} values"),
    "merged laughs": (MERGES, f"more than {MOST_VALUES} values"),
    "an alias of itself": (f"{GOOD}seeds: &a [*a]", "seeds[0]: an alias inside what it stands for"),
    "an alias merged into itself": (f"{GOOD}noise: &a {{<<: *a}}", "an alias inside what it"),
    "a chain of aliases": (CHAIN, f"nested deeper than {DEEPEST} levels"),
    "an alias of nothing": (f"{GOOD}seeds: *a", "undefined alias"),
    "brackets": (f"{GOOD}seeds: {'[' * 100_000}", f"nested deeper than {DEEPEST} levels"),
    "braces": (f"{GOOD}noise: {'{' * 100_000}", f"nested deeper than {DEEPEST} levels"),
    "dashes": (f"{GOOD}seeds:\n  {'- ' * 50_000}1", f"nested deeper than {DEEPEST} levels"),
    "questions": (f"{GOOD}noise:\n  {'? ' * 50_000}1", f"nested deeper than {DEEPEST} levels"),
    "closing brackets": (f"{GOOD}seeds: {']' * 100_000}", "line 7: "),
    "a bracket left open": (f"{GOOD}seeds: [1, 2\n", "line "),
    "a quote left open": (f"{GOOD}summary: 'x\n", "line "),
    "a long text": (f"{GOOD}summary: {'x' * 100_000}", f"a text of 100000 characters; at most "
                    f"{LONGEST_TEXT}"),
    "a long key": (f"{GOOD}{'x' * 1000}: 1", "unknown key"),
    "a long key of its own": (f"{GOOD}? {'x' * 100_000}\n: 1", "a text of 100000 characters"),
    "an escape code": (f'{GOOD}summary: "\\e[31mred"', r"summary: the character '\x1b' in a text"),
    "an escape code as a key": (f'{GOOD}"\\e[31m": 1', r"the character '\x1b' in a text"),
    "text from right to left": (f"{GOOD}summary: a\u202eb", r"the character '\u202e' in a text"),
    "half a character": (f'{GOOD}summary: "\\ud800"', "the character"),
    "an unknown escape": (f'{GOOD}summary: "\\q"', "line 7: "),
    "a tag of Python": (f"{GOOD}seeds: !!python/object/apply:os.system [ls]", "seeds: the tag "),
    "a tag of YAML": (f"{GOOD}seeds: !!set {{1}}", "seeds: the tag tag:yaml.org,2002:set"),
    "a tag of one's own": (f"{GOOD}seeds: !mine 3", "seeds: the tag !mine"),
    "a tag of a number": (f"{GOOD}seeds: !!int x", "seeds: the tag "),
    "YAML 1.1": ("%YAML 1.1\n---\n" + GOOD, "line 2: leave out the directive"),
    "YAML 9.9": ("%YAML 9.9\n---\n" + GOOD, "line 1: found incompatible YAML document"),
    "a tag directive": ("%TAG ! tag:x,2000:\n---\n" + GOOD, "line 2: leave out the directive"),
    "octal": (f"{GOOD}seeds: 010", "seeds: 010 is octal in YAML 1.1 and decimal in 1.2; write 10"),
    "octal below zero": (f"{GOOD}seeds: [-010]", "seeds[0]: -010 is octal in YAML 1.1"),
    "octal on an axis": (f"{GOOD}shard_size: 007", "shard_size: 007 is octal"),
    "base 60": (f"{GOOD}seeds: 1:30", "seeds: 1:30 is a number to the base 60 in YAML 1.1"),
    "base 60 of a time": (f"{GOOD}seeds: 12:30:45", "seeds: 12:30:45 is a number to the base 60"),
    "base 60 with a point": (f"{GOOD}seeds: 1:30.5", "seeds: 1:30.5 is a number to the base 60"),
    "digits and no number": (f"{GOOD}seeds: 1__0", "seeds: '1__0' is no number"),
    "a sign and no number": (f"{GOOD}seeds: 0x_", "seeds: '0x_' is no number"),
    "a point and no number": (f"{GOOD}seeds: ._", "seeds: '._' is no number"),
    "5,000 digits": (f"{GOOD}seeds: {'9' * 5000}", "is larger than 64 bits hold"),
    "5,000 digits of 16": (f"{GOOD}seeds: 0x{'f' * 5000}", "is larger than 64 bits hold"),
    "100,000 digits on an axis": (f"{GOOD}seeds: [-{'1' * 100_000}]", "seeds[0]: the integer"),
    "2^63": (f"{GOOD}seeds: 9223372036854775808", "seeds: the integer 9223372036854775808 is"),
    "-2^63 - 1": (f"{GOOD}seeds: -9223372036854775809", "is larger than 64 bits hold"),
    "1e999": (f"{GOOD}noise: {{label_noise: 1e999}}", "noise.label_noise: the number 1e999 is too"),
    "a key twice": (f"{GOOD}title: B", "line 7: the key 'title' appears twice; keep one"),
    "a key twice, spelled in two ways": (f'{GOOD}"\\x74itle": B', "the key 'title' appears twice"),
    "a key twice inside": (f"{GOOD}noise: {{kind: fresh, kind: fresh}}", "noise: the key 'kind'"),
    "a key twice beside a merge": (
        f"{GOOD}presets:\n  smoke: &a {{seeds: 1}}\n  paper: {{<<: *a, shard_size: 1, "
        "shard_size: 2}", "presets.paper: the key 'shard_size' appears twice",
    ),
    "two merges": (f"{GOOD}noise: {{<<: {{}}, <<: {{}}}}", "the key '<<' appears twice"),
    "a merge of a number": (f"{GOOD}noise: {{<<: 3}}", "expected a mapping or list of mappings"),
    "a number as a key": (f"{GOOD}1: 2", "the key 1 is no text"),
    "null as a key": (f"{GOOD}null: 2", "the key null is no text"),
    "true as a key": (f"{GOOD}true: 2", "the key true is no text"),
    "nothing as a key": (f"{GOOD}: 2", "line 7: "),
    "a list as a key": (f"{GOOD}? [a]\n: 2", "the key a mapping or list is no text"),
    "a mapping as a key": (f"{GOOD}? {{a: 1}}\n: 2", "the key a mapping or list is no text"),
    "infinity as a key": (f"{GOOD}.inf: 2", "the key .inf is no text"),
    "JSON that is cut": ('{"title": "A", "grid": {"dropout"', "line 1: "),
}  # fmt: skip


@pytest.mark.parametrize("what", CONTENT, ids=lambda what: what.replace(" ", "-"))
def test_content_that_is_refused(tmp_path, what):
    content, told = CONTENT[what]
    assert told in refusal_of_file(tmp_path, content)


@pytest.mark.parametrize("name", [
    "x.yml", "x.YAML", "x.Yaml", "x.YML", "x.yaml ", " x.yaml", "X.yaml", "1.yaml", "x-y.yaml",
    "é.yaml", ".yaml", ".x.yaml", "x.y.yaml", "x\x1b.yaml", f"{'x' * 101}.yaml", "x\n.yaml",
])  # fmt: skip
def test_names_that_would_not_be_found(tmp_path, name):
    (tmp_path / name).write_text(GOOD)
    message = refusal(lambda: load_experiments("smoke", tmp_path))
    assert ".yaml" in message and ("name it" in message or "an experiment's name has" in message)


def test_what_is_no_file_is_named_and_waited_for_by_nobody(tmp_path):
    for name, make, told in (
        ("pipe", os.mkfifo, "is no regular file"),
        ("folder", os.mkdir, "is no regular file"),
        ("nowhere", lambda path: path.symlink_to(tmp_path / "no"), "cannot be read: No such file"),
        ("loop", lambda path: path.symlink_to(path), "cannot be read: "),
        ("device", lambda path: path.symlink_to("/dev/zero"), "is no regular file"),
    ):
        path = tmp_path / f"{name}.yaml"
        make(path)
        assert told in refusal(lambda: load_experiments("smoke", tmp_path))
        (tmp_path / "y.yaml").write_text(f"extends: {name}\n{GOOD}")
        refusal(lambda: load_experiment("y", "smoke", tmp_path))
        (tmp_path / "y.yaml").unlink()
        path.rmdir() if path.is_dir() else path.unlink()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_that_may_not_be_read(tmp_path):
    (tmp_path / "x.yaml").write_text(GOOD)
    (tmp_path / "x.yaml").chmod(0)
    assert "cannot be read: Permission denied" in refusal(
        lambda: load_experiments("smoke", tmp_path)
    )


def test_a_large_sparse_file_is_not_read(tmp_path):
    with (tmp_path / "x.yaml").open("wb") as file:
        file.truncate(1 << 40)
    message = refusal(lambda: load_experiments("smoke", tmp_path))
    assert f"has {1 << 40} bytes; at most {MOST_BYTES} are read" in message


def test_a_long_chain_of_files(tmp_path):
    (tmp_path / "x0.yaml").write_text(GOOD)
    for i in range(1, 300):
        (tmp_path / f"x{i}.yaml").write_text(f"extends: x{i - 1}\n")
    message = refusal(lambda: load_experiment("x299", "smoke", tmp_path))
    assert "x280.yaml: extends: at most 20 files extend one another" in message
    assert load_experiment("x19", "smoke", tmp_path).title == "A small grid"


def test_a_circle_of_files(tmp_path):
    for a, b in ("xy", "yz", "zx"):
        (tmp_path / f"{a}.yaml").write_text(f"extends: {b}\n{GOOD}")
    assert "extends itself in a circle" in refusal(lambda: load_experiments("smoke", tmp_path))


def test_a_long_path_is_named_by_its_end(tmp_path):
    folder = tmp_path.joinpath(*["a_folder_with_a_long_name"] * 10)
    folder.mkdir(parents=True)
    (folder / "x.yaml").write_text(GOOD + "nosuch: 1\n")
    message = refusal(lambda: load_experiments("smoke", folder))
    assert message.startswith("…/a_folder") and "/x.yaml: nosuch: unknown key; known: " in message


@pytest.mark.parametrize("content", [
    "\ufeff" + GOOD,
    GOOD.replace("\n", "\r\n"),
    GOOD + "seeds: 1_000\nshard_size: 0x10\n",
    GOOD + "summary: 'No'\npaper: 2026-13-45\n",
    GOOD + "presets:\n  smoke: &a {seeds: 2}\n  paper: {<<: *a, shard_size: 3}\n",
    GOOD + "seeds: [0o10, 0b11, +4]\n",
    "%YAML 1.2\n---\n" + GOOD + "...\n",
])  # fmt: skip
def test_what_is_right_is_still_read(tmp_path, content):
    (tmp_path / "x.yaml").write_bytes(content.encode())
    assert load_experiments("smoke", tmp_path)["x"].title == "A small grid"


def test_reading_holds_little_memory(tmp_path):
    """The worst files that are read to the end, in a process of one GiB."""
    dense = f"a: [{'1,' * (MOST_VALUES // 2)}1]\n"
    for i, content in enumerate((LAUGHS, MERGES, dense, "a: " + "b " * (LONGEST_TEXT // 3))):
        (tmp_path / f"{i}.yaml").write_text(content)
    code = (
        "import resource, sys\nfrom pathlib import Path\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "from layeratlas.config.reading import read_yaml\n"
        "from layeratlas.errors import ConfigError\n"
        "for path in sorted(Path(sys.argv[1]).glob('*.yaml')):\n"
        "    try: read_yaml(path)\n    except ConfigError: pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr

"""Words of command lines: settings after `--config`, and what `layeratlas` is asked."""

from __future__ import annotations

import json

import hypothesis.strategies as st

from made.fuzzing.documents import OUTSIDE

_KEYS = ("preset", "data_dir", "cache_dir", "download", "device", "save_every", "verbose", "x", "")
_VALUES = (
    "smoke", "paper", "null", "true", "false", "1", "0", "-1", "1e400", "nan", ".inf", "010",
    "1:30", "~", "~nosuch", "~nosuch/x", "''", "[]", "{}", "{a: 1}", "[smoke]", "cuda", "cpu",
    "x" * 100_000, "1" + "0" * 5000, "[" * 2000, "&a [*a]", "!!python/name:os.system", "\x1b[31m",
    "..", f"{OUTSIDE}/x", "{x}", "%s", "yes", "2001-01-01", "'", '"', ":", "=", "a=b",
    "\udce9", "1_0",
)  # fmt: skip
_LINES = (
    "lineage figures/first_order_chain.pdf", "lineage X --graph svg -o ../out/drawn.svg",
    "dependents digits", "dependents X --json", "diff first_order_chain@1 first_order_chain@2",
    "diff X first_order_chain --preset smoke", "compare results/smoke results/smoke",
    "compare X results/smoke/cubes", "stale --preset smoke", "stale --check", "verify X",
    "verify figures X --json", "log --since 3d", "log --until X --limit 3", "log --status ok -n X",
    "log --rule train --experiment X --figure X", "versions first_order_chain", "versions X",
    "pin first_order_chain@1 kept", "pin X X", "crate figures/first_order_chain.pdf ../out/crate",
    "crate X ../out/crate.zip", "crate first_order_chain@1 X", "store gc", "store gc --apply",
    "store X", "log --root X", "verify --root X",
)  # fmt: skip
_ARGUMENTS = (
    "lineage", "dependents", "diff", "compare", "stale", "verify", "log", "versions", "pin",
    "crate", "store", "gc", "--json", "--root", "--apply", "--since", "--until", "--limit", "-n",
    "--graph", "svg", "-o", "--preset", "--status", "ok", "--rule", "--check",
    "--all", "--help", "--version",
    "figures/first_order_chain.pdf", "results/smoke/cubes/first_order_chain.zarr.zip",
    "first_order_chain", "first_order_chain@1", "first_order_chain@", "@",
    "smoke/first_order_chain",
    "first_order_chain@9999-99-99", "first_order_chain@1e9", "/first_order_chain", "digits",
    "000000",
    "abcdef", "f" * 64, "f" * 65, "", " ", ".", "..", "/", "~", "results", "results/smoke", "store",
    "provenance/records", "config/config.yaml", "nothing.pdf", "nothing.zarr.zip", "x" * 5000,
    "\x1b[31m", "\u202e", "\udce9", "[bold]", "%s", "*", "-1", "0", "3d", "99999999999d", "1e400d",
    "-3d", "2031-05-17", "0000-00-00", "9999-12-31", "3000000000", "10" * 30, "../out/new",
    "../out",
    f"{OUTSIDE}/secret.pdf", "../outside/secret.zarr.zip", "crates/first_order_chain.crate.zip",
    "data/reference/README.md", "scripts", "store/pins.json", "provenance/index.sqlite",
)  # fmt: skip


def settings_words() -> st.SearchStrategy[bytes]:
    """Words after `--config`."""
    one = st.tuples(st.sampled_from(_KEYS), st.sampled_from(_VALUES)).map("=".join)
    bare = st.sampled_from(_VALUES)
    return st.lists(st.one_of(one, one, one, bare), min_size=1, max_size=2).map(_as_json)


@st.composite
def command_words(draw: st.DrawFn) -> bytes:
    """A command line of `layeratlas`, in which one or two words are others."""
    words = draw(st.sampled_from(_LINES)).split(" ")
    for _ in range(draw(st.integers(1, 2))):
        at, word = draw(st.integers(0, len(words))), draw(st.sampled_from(_ARGUMENTS))
        # Most of the time an argument: without its command, all lines are refused alike.
        words[max(at, draw(st.sampled_from((0, 1, 1, 1)))) : at + draw(st.integers(0, 1))] = [word]
    return _as_json(words)


def _as_json(words: list[str]) -> bytes:
    return json.dumps(words).encode()

"""A lineage as people read it: many equal siblings become one node, "36 shards".

A node shows a group of files that one rule made and that were used for the same group.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from layeratlas.figures.identity import SHOWN
from layeratlas.words import listed, printable, shortened

if TYPE_CHECKING:
    import pandas as pd

_LONGEST = 160
_NOUNS = {
    "prepare_dataset": "data set",
    "train": "shard",
    "measure": "measurement",
    "simulate": "chains",
    "probe": "probes",
    "assemble_cube": "cube",
    "assemble_points": "cube of points",
    "fit_springs": "fit",
    "reduce_cubes": "reduction",
    "draw_figure": "figure",
    "animate_figure": "animation",
    "draw_map": "map",
    "draw_boundary": "boundary",
    "write_table": "table",
    "show_figure": "figure shown",
    "check_claims": "claims",
    "write_claims": "scoreboard",
    "write_atlas": "atlas",
    "own_work": "product",
}
#: What is told of a file whose bytes no record knows.
_UNRECORDED = {
    "figure": "its bytes are not on record: known by what it says inside",
    "document": "its bytes are not on record: known by the figures that it carries",
}


@dataclass
class Group:
    """Rows of a lineage shown as one; `used_by` are numbers of other groups."""

    rows: list[int]
    depth: int
    used_by: list[int] = field(default_factory=list)


def grouped(table: pd.DataFrame, keep: int = 4) -> list[Group]:
    """Groups of the rows of a lineage, by depth; up to `keep` siblings stay on their own.

    Siblings are files of the same rule and depth that were used for the same group.
    """
    group_of: dict[int, int] = {}
    groups: list[Group] = []
    for _, rows in table.groupby("depth", sort=True):
        siblings: dict[Any, list[int]] = {}
        for i in rows.index:
            row = table.loc[i]
            users = tuple(sorted({group_of[user] for user in row["used_by"] if user in group_of}))
            siblings.setdefault((users, row["rule"] or row["role"]), []).append(i)
        for (users, _), members in siblings.items():
            parts = [members] if len(members) > keep else [[member] for member in members]
            for part in parts:
                for member in part:
                    group_of[member] = len(groups)
                groups.append(Group(part, int(table["depth"][part[0]]), list(users)))
    return groups


def title(table: pd.DataFrame, group: Group) -> str:
    """`phase_diagram_dropout (cube)`, `36 shards`."""
    return _line(_title(table, group))


def noun(rule: object, role: object) -> str:
    """What a file is called by the rule that made it, else by its role: "shard", "data set"."""
    return str(_NOUNS.get(str(rule)) or role or rule or "file")


def facts(table: pd.DataFrame, group: Group) -> list[str]:
    """Lines under the title: content, code, settings, environment, when and where."""
    return [_line(text) for text in _facts(table, group)]


def _line(text: str) -> str:
    """What a record says, as one line: names come from whoever wrote it."""
    return shortened(printable(text), _LONGEST)


def _title(table: pd.DataFrame, group: Group) -> str:
    row = table.loc[group.rows[0]]
    rule, what = row["rule"], noun(row["rule"], row["role"])
    if len(group.rows) > 1:
        return f"{len(group.rows)} {what if what.endswith('s') else what + 's'}"
    name = str(row["path"]).rpartition("/")[2].removesuffix(".zarr.zip")
    if rule == "prepare_dataset" and row["dataset"]:
        name = f"{row['dataset']} {name[:8]}"
    return f"{what} {name}"


def _facts(table: pd.DataFrame, group: Group) -> list[str]:
    rows = table.loc[group.rows]
    first = rows.iloc[0]
    at = [_pages(first["pages"])] if len(rows) == 1 and first["pages"] else []
    if first["rule"] is None:
        return [*at, _UNRECORDED.get(str(first["role"]), "no record says how it was made")]
    lines = at
    if len(rows) == 1:
        if first["mark"]:
            lines.append(f"mark {first['mark'][:SHOWN]}")
        lines.append(f"content {(first['content_hash'] or first['digest'])[:12]}")
    else:
        lines.append(f"{total(rows['size'])}, {duration(rows['wall_seconds'].sum())} in all")
    commits = {_code(row) for _, row in rows.iterrows()}
    lines.append(_few(commits, "codes"))
    hashes = {f"settings {str(value)[:12]}" for value in rows["configuration"]}
    lines.append(_few(hashes, "settings"))
    lines.append(
        _few({f"environment {str(v)[:8]}, python {p}" for v, p in
              zip(rows["environment"], rows["python"], strict=True)}, "environments")
    )  # fmt: skip
    hosts = _few({str(host) for host in rows["host"]}, "hosts")
    when = first["started"][:16].replace("T", " ")
    lines.append(
        f"{when}, {duration(first['wall_seconds'])}, on {hosts}"
        if len(rows) == 1
        else f"from {rows['started'].min()[:16].replace('T', ' ')}, on {hosts}"
    )
    accepted = {sentence for sentences in rows["accepted"] for sentence in sentences}
    return [*lines, *sorted(accepted)]


def _pages(numbers: Any) -> str:
    several = "s" if len(numbers) > 1 else ""
    return f"on page{several} {listed(map(str, numbers))} of the document"


def _code(row: Any) -> str:
    commit = f"commit {row['commit'][:10]}" if row["commit"] else f"version {row['version']}"
    if "commit" in (row["unread"] or {}):
        commit += ", commit not known"
    changed = " + uncommitted changes" if row["dirty"] else ""
    return f"{commit}{changed}, source {row['source'][:8]}"


def _few(values: set[str], noun: str) -> str:
    return min(values) if len(values) == 1 else f"{len(values)} different {noun}"


def total(sizes: Any) -> str:
    """Bytes in words: `12.3 MB`."""
    size = float(sum(int(s) for s in sizes if s is not None and s == s))
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def duration(seconds: float) -> str:
    """Seconds in words: `0.42 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds < 59.5:
        return f"{seconds:.2g} s" if seconds < 9.5 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"

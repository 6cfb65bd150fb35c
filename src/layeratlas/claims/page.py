"""Claims as one HTML page: everything in the file, nothing asked of the network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from urllib.parse import quote

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE, TIE, WITHIN, Claim
from layeratlas.claims.counting import needs, number, runs, spread, summary
from layeratlas.words import printable

# Contrast of every text is at least 4.5 on white. Below 46 em a row becomes a block.
_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff;
  max-width: 70em; margin: 0 auto; padding: 1em; overflow-wrap: anywhere; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin: 2em 0 .3em; }
p { margin: .3em 0; } .small { color: #595959; font-size: .875em; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4em .6em .4em 0;
  border-bottom: 1px solid #d0d0d0; }
td.number { white-space: nowrap; }
tr:target { background: #fff6d6; }
.holds { color: #1b6e3c; } .fails { color: #a51d2d; font-weight: bold; }
.other { color: #7a5200; } .undecided { color: #595959; }
a { color: #0b57a4; }
@media (max-width: 46em) {
  thead { position: absolute; left: -100vw; }
  table, tbody, tr, td { display: block; width: auto; }
  tr { border-bottom: 1px solid #d0d0d0; padding: .5em 0; } td { border: 0; padding: .1em 0; }
  td[data-label]::before { content: attr(data-label) ": "; color: #595959; }
}
@media print { body { max-width: none; font-size: 10pt; } tr { break-inside: avoid; }
  h2 { break-after: avoid; } a { color: inherit; text-decoration: none; } }
""".strip()
_CLASSES = {HOLDS: "holds", TIE: "other", FAILS: "fails", NOT_APPLICABLE: "undecided"}


def anchor(claim: Claim, taken: set[str] | None = None) -> str:
    """The id of a claim's row, `<figure>-<id>`; where it is in `taken`, with a number after it.

    Letters, digits, `.`, `_` and `-` stay, all else becomes `-`.
    """
    name = re.sub(r"[^\w.-]+", "-", f"{claim.figure}-{claim.id}", flags=re.ASCII)
    taken = set() if taken is None else taken
    free, times = name, 1
    while free in taken:
        times += 1
        free = f"{name}-{times}"
    taken.add(free)
    return free


def page(
    claims: Iterable[Claim],
    preset: str,
    titles: Mapping[str, str] | None = None,
    wrong: Sequence[str] = (),
) -> str:
    """The page: a section a figure, a row a claim with an `anchor`; the same claims, the same text.

    `titles` names figures in words; `wrong` are sentences about files that could not be read.
    Links lead to `<figure>.pdf` beside the page.
    """
    claims = list(claims)
    taken: set[str] = set()
    parts = [
        f"<h1>Claims at preset {_text(preset)}</h1>",
        f"<p>{_text(summary(claims)) or 'No claims.'}</p>",
        '<p class="small">A claim is a statement of a paper with the number that decides it; after '
        "± its standard error over seeds. <em>n</em> counts the runs behind it, seeds × cells. "
        f"Where an order of cells is within {WITHIN:g} standard errors and would decide, it is a "
        "tie. Not applicable is what needs more than these cubes hold.</p>",
    ]
    parts += [f'<p class="fails">{_text(sentence)}</p>' for sentence in wrong]
    for figure, some in groupby(claims, key=lambda claim: claim.figure):
        parts += _section(figure, list(some), (titles or {}).get(figure, ""), taken)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Claims, preset {_text(preset)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n"
        "<body>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _section(figure: str, claims: list[Claim], title: str, taken: set[str]) -> list[str]:
    heads = ("claim", "statement", "value", "needs", "n", "verdict")
    name = f"{_text(title)} " if title else ""
    address = escape(quote(f"{figure}.pdf"), quote=True)
    return [
        f'<h2>{name}<a href="./{address}">{_text(figure)}</a></h2>',
        f'<p class="small">{_text(summary(claims))}</p>',
        "<table>",
        "<thead><tr>" + "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr></thead>",
        "<tbody>",
        *(_row(claim, anchor(claim, taken)) for claim in claims),
        "</tbody>",
        "</table>",
    ]


def _row(claim: Claim, name: str) -> str:
    said = [f"<p>{_text(claim.statement)}</p>"]
    if claim.subject:
        said.insert(0, f"<p><em>{_text(claim.subject)}</em></p>")
    said += [
        f'<p class="small">{_text(words)}</p>' for words in (claim.note, claim.source) if words
    ]
    value = f"{number(claim)} {spread(claim)}".strip()
    kind = _CLASSES.get(claim.verdict, "other")
    cells = [
        f'<td><a href="#{name}">{_text(claim.id)}</a></td>',
        f"<td>{''.join(said)}</td>",
        *(
            f'<td class="number" data-label="{label}">{_text(text)}</td>'
            for label, text in
            (("value", value), ("needs", needs(claim)), ("n", runs(claim)))
        ),
        f'<td class="{kind}">{_text(claim.verdict)}</td>',
    ]  # fmt: skip
    return f'<tr id="{name}">{"".join(cells)}</tr>'


def _text(text: str) -> str:
    # What is no sign of writing as its escape: no hidden turn of direction, no null byte.
    return escape(printable(text), quote=True)

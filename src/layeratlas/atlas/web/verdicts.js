// Claims as rows, wherever they stand: with their number, and the way to what they are about.

import { atlas } from "atlas/contents";
import { h } from "atlas/dom";

const SIGNS = { holds: "✓", fails: "✗", tie: "≈" };

export const verdict = (claim) =>
  h(
    "span",
    { class: `verdict ${claim.verdict.replaceAll(" ", "-")}` },
    h("span", { "aria-hidden": "true" }, `${SIGNS[claim.verdict] ?? "–"} `),
    claim.verdict,
  );

export const claimLink = (claim) =>
  h("a", { href: `#claim=${claim.anchor}`, class: "claim" }, `claim ${claim.id}`);

// Claims in a line: each with its verdict, and the way to the whole of it.
export function claimLine(claims) {
  if (!claims.length) return h("p", { class: "small" }, "No claim of a paper is about this.");
  return h(
    "ul",
    { class: "claim-line" },
    claims.map((claim) => h("li", {}, claimLink(claim), claim.subject ? h("em", {}, ` ${claim.subject} `) : " ", verdict(claim))),
  );
}

// `without` is the figure or experiment whose page this stands on: no link to where one is.
export function claimList(claims, without = {}) {
  if (!claims.length) return h("p", { class: "small" }, "No claim of a paper is about this.");
  return h(
    "ul",
    { class: "claims" },
    claims.map((claim) => claimItem(claim, without)),
  );
}

export function claimItem(claim, without = {}, isAnchor = false) {
  const to = [
    ...(claim.figure === without.figure
      ? []
      : [h("a", { href: `#figure=${claim.figure}` }, atlas.figures[claim.figure].title)]),
    ...claim.experiments
      .filter((name) => name in atlas.experiments && name !== without.experiment)
      .map((name) => h("a", { href: `#map=${name}` }, `map ${name}`)),
  ];
  return h(
    "li",
    { id: isAnchor ? `claim-${claim.anchor}` : null, "data-anchor": claim.anchor },
    h("p", {}, claimLink(claim), claim.subject ? h("em", {}, ` ${claim.subject} `) : " ", verdict(claim)),
    h("p", {}, claim.statement),
    h(
      "p",
      { class: "numbers" },
      h("b", { "data-value": claim.value }, signs(claim.shown)),
      ` needs ${signs(claim.needs)}, n = ${claim.runs}`,
    ),
    claim.note ? h("p", { class: "small" }, claim.note) : null,
    to.length ? h("p", { class: "small links" }, "About ", join(to)) : null,
  );
}

const signs = (text) => text.replaceAll("-", "−").replace("<=", "≤").replace(">=", "≥").replace("==", "=");

const join = (links) => links.flatMap((link, k) => (k ? [", ", link] : [link]));

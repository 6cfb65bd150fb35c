// Pages that are lists: papers with their figures, claims, cubes; and what this file is.

import { address, isHeld, unpacked } from "atlas/bytes";
import { atlas } from "atlas/contents";
import { isInside } from "atlas/cubes";
import { h } from "atlas/dom";
import { bytes, words } from "atlas/numbers";
import { claimItem } from "atlas/verdicts";

export function home() {
  const cubes = Object.keys(atlas.experiments);
  const inside = cubes.filter(isInside).length;
  return [
    h("h1", {}, "How deep networks share the work of learning features among their layers"),
    h(
      "p",
      { class: "lead" },
      `Figures of ${count(atlas.papers.length, "theory paper")}, made again, with the numbers behind them: open a figure, choose a cell of a map, and walk to its curves, its claims and its origin. `,
      `${inside === cubes.length ? "All" : `${inside} of`} ${count(cubes.length, "cube")} ${inside === 1 && cubes.length === 1 ? "is" : "are"} inside this file.`,
    ),
    atlas.papers.map((paper) =>
      h(
        "section",
        { class: "paper" },
        h("h2", {}, titleOf(paper)),
        h("p", { class: "small" }, paper.reference),
        h(
          "ul",
          { class: "figures" },
          paper.figures.map((name) => figureItem(name, atlas.figures[name])),
        ),
      ),
    ),
    besides().length
      ? h(
          "section",
          { class: "paper" },
          h("h2", {}, "Maps of no figure"),
          h("ul", { class: "figures" }, besides().map(([name, told]) => h("li", {}, h("a", { href: `#map=${name}` }, told.title)))),
        )
      : null,
  ];
}

const besides = () => Object.entries(atlas.experiments).filter(([, told]) => !told.figures.length);

const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

// A reference is authors, title, the rest: "Shi, Pan and Dokmanić, Spring-block theory …, Phys. …".
const titleOf = (paper) => words(paper.name).replace(/^./, (letter) => letter.toUpperCase());

function figureItem(name, told) {
  const maps = told.experiments.filter((experiment) => experiment in atlas.experiments);
  return h(
    "li",
    {},
    thumbnail(name),
    h("h3", {}, h("a", { href: `#figure=${name}` }, told.title)),
    told.told ? h("p", { class: "small" }, told.told) : null,
    maps.length
      ? h(
          "p",
          { class: "small links" },
          maps.length === 1 ? "Map: " : "Maps: ",
          maps.flatMap((experiment, k) => [k ? ", " : "", h("a", { href: `#map=${experiment}` }, mapName(told, experiment))]),
        )
      : null,
  );
}

// Unpacked when it comes into sight: there may be sixty of them.
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    unpacked(`drawing-${target.dataset.figure}`).then((bytes) => {
      target.src = address(bytes, "image/svg+xml");
    });
  }
});

function thumbnail(name) {
  if (!isHeld(`drawing-${name}`)) return null;
  // The title beside it says what it is.
  const image = h("img", { class: "thumb", alt: "", "data-figure": name, src: EMPTY });
  seen.observe(image);
  return image;
}

const EMPTY = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E";

const mapName = (told, experiment) => (told.letters[experiment] ? `${told.letters[experiment]} ${words(experiment)}` : words(experiment));

export function claimsPage(anchor) {
  const figures = Object.entries(atlas.figures).filter(([, told]) => told.claims.length);
  return [
    h("h1", {}, "Claims"),
    h("p", { class: "lead" }, atlas.told || "No figure here has claims."),
    h(
      "p",
      { class: "small" },
      "A claim is a statement of a paper with the number that decides it; after ± its standard error over seeds. n counts the runs behind it. Where seeds leave an order of cells open that decides, it is a tie; not applicable is what needs more than these cubes hold.",
    ),
    figures.map(([name, told]) =>
      h(
        "section",
        {},
        h("h2", {}, h("a", { href: `#figure=${name}` }, told.title)),
        h("p", { class: "small" }, told.told),
        h("ul", { class: "claims" }, told.claims.map((k) => claimHere(atlas.claims[k]))),
      ),
    ),
    anchor && !atlas.claims.some((claim) => claim.anchor === anchor) ? h("p", { class: "wrong", role: "alert" }, "The page has no such claim.") : null,
  ];
}

// Its figure stands above; a claim of no map leads there by itself.
const claimHere = (claim) => claimItem(claim, claim.experiments.length ? { figure: claim.figure } : {}, true);

export function cubesPage() {
  return [
    h("h1", {}, "Cubes"),
    h("p", { class: "lead" }, "The numbers, one file an experiment, as the pipeline published them."),
    h(
      "div",
      { class: "scroller", tabindex: 0, role: "region", "aria-label": "Cubes" },
      h(
        "table",
        { class: "cubes" },
        h("thead", {}, h("tr", {}, ["experiment", "size", "in this file"].map((name) => h("th", { scope: "col" }, name)))),
        h(
          "tbody",
          {},
          Object.entries(atlas.experiments).map(([name, told]) =>
            h("tr", {}, h("th", { scope: "row" }, h("a", { href: `#map=${name}` }, name)), h("td", {}, bytes(told.size)), h("td", {}, isInside(name) ? "yes" : "no: open it from a file or an address")),
          ),
        ),
      ),
    ),
  ];
}

export function about() {
  return [
    h("h1", {}, "About this page"),
    h("p", {}, "One file, which asks nothing of a network. It holds the published cubes byte for byte; your browser hashes them, compares the hash with the record of the job that made them, and reads every number that you see out of them. A cube of other bytes is named and not shown."),
    h("p", {}, "In a map arrow keys move from cell to cell, Enter chooses one. The address in your browser is the view: keep it, or send it with the file."),
    h("p", {}, "Colours of cells come in seven steps that differ in lightness; every cell prints its number as well. Lines have dashes."),
    h("h2", {}, "Licences"),
    h("p", {}, "Layer Atlas is under the MIT licence. Cubes are read by zarrita.js, which comes with this file:"),
    h("pre", { tabindex: 0, class: "licences" }, document.getElementById("licences").textContent),
  ];
}

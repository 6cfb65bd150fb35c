// The page of a figure: its drawing, its caption, its maps, its claims, its origin.

import { address, unpacked } from "atlas/bytes";
import { atlas, claimsOf } from "atlas/contents";
import { NotHere, open } from "atlas/cubes";
import { h } from "atlas/dom";
import { mapOf } from "atlas/map_page";
import { digest, tree } from "atlas/origin";
import { settle } from "atlas/settling";
import { written } from "atlas/address";
import { claimList } from "atlas/verdicts";

export async function figurePage(name) {
  const told = atlas.figures[name];
  if (!told) return [h("h1", {}, "No such figure"), h("p", {}, `The page has no figure ${name}.`)];
  const maps = h("div", { class: "maps" });
  const claims = told.claims.map((k) => atlas.claims[k]);
  const page = [
    h("p", { class: "above" }, "Figure of ", paperOf(told).reference),
    h("h1", {}, told.title),
    await drawing(name, told),
    h("div", { class: "caption" }, told.caption.map((line) => h("p", {}, line.map(part)))),
    told.experiments.length ? h("section", {}, h("h2", {}, "Maps"), h("p", { class: "small" }, "Each cell opens its curves, its runs and its origin."), maps) : null,
    h("section", {}, h("h2", {}, "Claims"), claims.length ? h("p", { class: "lead" }, told.told) : null, claimList(claims, { figure: name })),
    h(
      "section",
      { class: "about", id: "origin" },
      h("h2", {}, "Origin"),
      told.origin === null
        ? h("p", { class: "small" }, "No record says how this figure was made.")
        : [h("p", { class: "small" }, "What it was made from, down to shards, data sets, commits and settings."), tree(told.origin, true)],
      told.claims_origin === null || !claims.length ? null : tree(told.claims_origin),
    ),
  ];
  for (const experiment of told.experiments) maps.append(await small(experiment, told));
  return page;
}

const paperOf = (told) => atlas.papers.find((paper) => paper.name === told.paper);

function part({ text, math }) {
  if (math === undefined) return text;
  const read = new DOMParser().parseFromString(math, "application/xml");
  return document.importNode(read.documentElement, true);
}

async function drawing(name, told) {
  const bytes = await unpacked(`drawing-${name}`);
  if (bytes === null) {
    return h("p", { class: "hint" }, "The drawing did not fit into this page: it is ", h("code", {}, `figures/${told.drawing.file}`), ", SHA-256 ", digest(told.drawing.digest), ".");
  }
  return h("img", { class: "drawing", src: address(bytes, "image/svg+xml"), alt: `${told.title}, as drawn for a paper; its numbers are in the maps below.` });
}

// A map of one experiment, whose cells lead to the map's own page.
async function small(name, told) {
  const own = atlas.experiments[name];
  const letter = told.letters[name];
  const head = h("h3", {}, letter ? h("span", { class: "letter" }, letter, " ") : null, h("a", { href: `#map=${name}` }, own?.title ?? name));
  if (!own) return h("section", { class: "small-map" }, head, h("p", { class: "hint" }, "Its cube is not here."));
  let content;
  try {
    const cube = await open(name);
    const settled = await settle(cube, {});
    content = settled
      ? await mapOf(cube, settled, {
          caption: h("span", { class: "unseen" }, `Map of ${name}`),
          choose: (key) => {
            location.hash = written({ map: name, cell: key });
          },
        })
      : h("p", { class: "hint" }, "This cube has no number of its own.");
  } catch (error) {
    content = h("p", { class: error instanceof NotHere ? "hint" : "wrong" }, error instanceof NotHere ? "Its cube did not fit into this page; the map's own page opens it from a file or an address." : error.message);
  }
  const count = claimsOf(name).filter((claim) => told.claims.includes(atlas.claims.indexOf(claim))).length;
  return h("section", { class: "small-map" }, head, content, count ? h("p", { class: "small" }, `${count} claims of this figure are about this map.`) : null);
}


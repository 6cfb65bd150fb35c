// One cell: its numbers by seed, its load curve, its training, the way to its claims and its origin.

import { line } from "atlas/colours";
import { atlas, claimsOf } from "atlas/contents";
import { h, terms } from "atlas/dom";
import { label, shown, words } from "atlas/numbers";
import { originOfRuns, tree } from "atlas/origin";
import { chart, limits } from "atlas/plot";
import { quantities, usualChoice } from "atlas/quantities";
import { beside, read } from "atlas/settling";
import { claimLine } from "atlas/verdicts";

const MEAN = { colour: "var(--ink)", dash: "" };
const THIN = 8;

// Everything that a panel shows of a cell, read from the cube.
export async function gathered(name, cube, settled, cell) {
  const main = await read(cube, settled);
  const other = await beside(cube, settled);
  const loss = await trainingOf(cube, cell, settled);
  return { name, cube, settled, cell, main, other, loss };
}

// `shared` are ranges of y that two panels share, so that they can be compared by eye.
export function panel(got, { title, shared, actions }) {
  const { name, cube, settled, cell, main, other, loss } = got;
  const one = settled.one;
  const value = main.value(cell);
  const curves = one.profile ? profileLines(got) : null;
  const paths = one.profile && one.moment && main.moments.length > 1 ? trajectoryLines(got) : null;
  const runs = main.runs(cell);
  const files = originOfRuns(runs, atlas.experiments[name].origin);
  return h(
    "article",
    { class: "panel", "data-cell": title },
    h("h2", { class: "title", tabindex: -1 }, title),
    h("p", { class: "small" }, h("a", { href: `#map=${name}` }, name)),
    terms([
      [settled.reduction ? reductionTold(settled) : one.told, number(value, settled.reduction ? "" : one.units, "value")],
      other ? [other.quantity.told, number(other.value(cell), " %", "beside")] : [null, null],
      ["runs", `${main.finished(cell)} of ${main.asked(cell).length} finished`],
    ]),
    actions,
    curves ? chart({ title: one.told, of: title, x: words(one.profile), y: one.units, lines: curves, range: shared?.curves, names: main.placeNames(cell).map(words) }) : byseed(got),
    paths ? chart({ title: `${one.told}, along training`, of: title, x: words(one.moment), y: one.units, lines: paths, range: shared?.paths }) : null,
    loss ? chart({ title: "Training loss", of: title, x: "epoch", y: "", lines: loss, isLog: true, range: shared?.loss }) : null,
    runTable(got, runs),
    h("section", { class: "about" }, h("h3", {}, "Claims about this map"), claimLine(claimsOf(name))),
    h(
      "section",
      { class: "about" },
      h("h3", {}, "Origin of this cell"),
      files.length
        ? [h("p", { class: "small" }, "The shards that hold its runs, and what they were made from."), h("ul", { class: "tree" }, files.map((file) => h("li", {}, tree(file))))]
        : atlas.experiments[name].origin === null
          ? h("p", { class: "small" }, "No record says how this cube was made.")
          : h("ul", { class: "tree" }, h("li", {}, tree(atlas.experiments[name].origin))),
    ),
  );
}

const reductionTold = (settled) => settled.ways.find(([key]) => key === settled.reduction)?.[1] ?? words(settled.reduction);

const number = (value, units, what) => h("b", { class: "number", "data-what": what, "data-value": value }, shown(value, 4), units);

// Ranges of y that hold for both of two cells.
export function sharedRanges(a, b) {
  const of = (lines) => (lines.every(Boolean) ? limits(lines.flat()) : null);
  const has = (got) => got.settled.one.profile;
  const moves = (got) => has(got) && got.settled.one.moment && got.main.moments.length > 1;
  const losses = [a.loss, b.loss].every(Boolean) ? [a.loss, b.loss] : null;
  const positive = losses?.flat(2).flatMap((one) => one.y).filter((value) => value > 0) ?? [];
  return {
    curves: has(a) && has(b) ? of([profileLines(a), profileLines(b)]) : null,
    paths: moves(a) && moves(b) ? of([trajectoryLines(a), trajectoryLines(b)]) : null,
    loss: positive.length ? [Math.min(...positive), Math.max(...positive)] : null,
  };
}

// Curves of every seed, and of their mean.
function profileLines({ main, cell, settled }) {
  const places = main.places(cell).map(Number);
  const x = places.every(Number.isFinite) ? places : places.map((_, k) => k);
  const curves = main.curves(cell);
  const lines = curves.map((y, k) => ({ name: seedName(main.seeds[k]), x, y, look: line(k) }));
  if (curves.length < 2 || settled.seed !== "mean") return settled.seed === "mean" ? lines : [lines[Number(settled.seed)]];
  return [...lines, { name: "mean", x, y: main.meanOf(curves), look: MEAN, strong: true }];
}

function trajectoryLines({ main, cell, settled }) {
  const x = main.moments.map(Number);
  const found = main.trajectories(cell).filter(({ values }) => values.some(Number.isFinite));
  // Of many layers every so many, the first and the last among them.
  const step = Math.max(1, Math.ceil(found.length / THIN));
  return found
    .filter((_, k) => k % step === 0 || k === found.length - 1)
    .map(({ place, values }, k) => ({ name: `${words(settled.one.profile)} ${label(place)}`, x, y: values, look: line(k) }));
}

const seedName = (seed) => (seed === null ? "run" : `seed ${label(seed)}`);

async function trainingOf(cube, cell, settled) {
  const one = quantities(cube).find(({ path }) => path === "training/train_loss");
  if (!one || !one.moment) return null;
  const at = {};
  for (const dim of one.choices) at[dim] = await usualChoice(cube, one, dim);
  const array = await cube.array(one.path);
  const epochs = await cube.labels(one.group, one.moment, array.size(one.moment));
  const status = cube.variables.has("status") ? await cube.array("status") : null;
  const seeds = settled.one.hasSeeds ? settled.seeds : [null];
  const found = seeds
    .map((seed, k) => ({
      name: seedName(seed),
      x: epochs.map(Number),
      y: array.along(one.moment, { ...at, ...cell, seed: k }),
      look: line(k),
      ok: !status || status.at({ ...cell, seed: k }) === 0,
    }))
    .filter((one, k) => one.y.some(Number.isFinite) && (settled.seed === "mean" || k === Number(settled.seed)));
  return found.length ? found : null;
}

// A number of each seed, where there is no profile to draw.
function byseed({ main, cell, settled }) {
  const values = main.values(cell);
  const units = settled.one.units;
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, h("b", {}, settled.one.told)),
    terms(values.map((value, k) => [seedName(main.seeds[k]), `${shown(value, 4)}${units ? ` ${units}` : ""}`])),
  );
}

// Which run each seed is, and what became of it.
function runTable({ main, cell }, runs) {
  if (!runs.length) return null;
  return h(
    "details",
    { class: "numbers" },
    h("summary", {}, `Runs (${main.asked(cell).length})`),
    terms(main.asked(cell).map((k) => [seedName(main.seeds[k]), h("code", { "data-run": runs[k] }, runs[k] || "missing")])),
  );
}

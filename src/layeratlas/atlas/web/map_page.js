// The page of an experiment: what is chosen, the map, and the cells that are looked at.

import * as address from "atlas/address";
import { gathered, panel, sharedRanges } from "atlas/cell";
import { atlas, claimsOf } from "atlas/contents";
import { NotHere, open } from "atlas/cubes";
import { cubeBox, asking } from "atlas/cube_box";
import { h, say, select } from "atlas/dom";
import { map } from "atlas/map";
import { label, words } from "atlas/numbers";
import { AT, ON, beside, cellOf, cellTold, entries, keyOf, read, settle } from "atlas/settling";
import { claimList } from "atlas/verdicts";

export async function mapPage(state) {
  const name = state.map;
  const told = atlas.experiments[name];
  if (!told) return [h("h1", {}, "No such map"), h("p", {}, `The page has no experiment ${name}.`)];
  const head = [
    h("p", { class: "above" }, "Map ", ...figuresOf(told)),
    h("h1", {}, told.title),
  ];
  const about = [
    h("section", {}, h("h2", {}, "Claims about this map"), claimList(claimsOf(name), { experiment: name })),
    h("section", {}, h("h2", {}, "The cube"), cubeBox(name)),
  ];
  let cube;
  try {
    cube = await open(name);
  } catch (error) {
    return [...head, error instanceof NotHere ? asking(name) : h("p", { class: "wrong", role: "alert" }, error.message), ...about];
  }
  const body = h("div", { class: "experiment" });
  const draw = async (wanted) => body.replaceChildren(...(await filled(name, cube, wanted, draw)));
  await draw(state);
  return [...head, body, ...about];
}

const figuresOf = (told) =>
  told.figures.flatMap((figure, k) => [k ? ", " : "of ", h("a", { href: `#figure=${figure}` }, atlas.figures[figure].title)]);

// Choices, map and panels at one state of the address; choosing leads to another.
async function filled(name, cube, state, draw) {
  const settled = await settle(cube, state);
  if (settled === null) return [h("p", {}, "This cube has no number of its own.")];
  const change = async (changes, focus) => {
    const next = { ...state, ...changes };
    address.note(next);
    await draw(next);
    document.querySelector(focus)?.focus();
  };
  const shownMap = await mapOf(cube, settled, {
    caption: h("span", { class: "unseen" }, `Map of ${name}`),
    chosen: state.cell,
    kept: keptHere(name, state),
    choose: async (key) => {
      const next = { ...state, cell: key };
      address.note(next);
      state = next;
      for (const button of body.querySelectorAll("button.cell")) button.setAttribute("aria-pressed", String(button.dataset.key === key));
      await fill();
      say(`Cell ${panels.querySelector("h2")?.textContent ?? ""} is shown after the map.`);
    },
  });
  const panels = h("div", { class: "panels" });
  const body = h("div", { class: "beside" }, shownMap, panels);
  async function fill() {
    panels.replaceChildren(...(await cells(name, cube, settled, state, change)));
  }
  await fill();
  return [controls(settled, change), body];
}

function keptHere(name, state) {
  const [experiment, key] = keptOf(state);
  return experiment === name ? key : null;
}

const keptOf = (state) => {
  const cut = (state.with ?? "").indexOf("/");
  return cut < 0 ? [null, null] : [state.with.slice(0, cut), state.with.slice(cut + 1)];
};

// A map of a cube as it is settled, also for the page of a figure.
export async function mapOf(cube, settled, { caption, chosen = null, kept = null, choose }) {
  const reading = await read(cube, settled);
  const other = await beside(cube, settled);
  return map({
    caption,
    columns: entries(settled, settled.x),
    rows: entries(settled, settled.y),
    cellAt: (column, row) => {
      const cell = { ...settled.fixed };
      if (column) cell[settled.x] = column.index;
      if (row) cell[settled.y] = row.index;
      return { cell, key: keyOf(settled, cell), told: cellTold(settled, cell) };
    },
    reading,
    beside: other,
    chosen,
    kept,
    choose,
    names: { column: settled.x && settled.symbols[settled.x], row: settled.y && settled.symbols[settled.y] },
    reduction: settled.reduction ? settled.ways.find(([key]) => key === settled.reduction)[1] : settled.one.told,
  });
}

async function cells(name, cube, settled, state, change) {
  const cell = cellOf(settled, state.cell);
  const kept = await keptCell(state, name, cube, settled);
  if (!cell) {
    const hint = h("p", { class: "hint" }, "Choose a cell of the map to see its curves. Arrow keys move in the map, Enter chooses.");
    return kept ? [hint, panel(kept, { title: cellTold(kept.settled, kept.cell), actions: letGo(change) })] : [hint];
  }
  const got = await gathered(name, cube, settled, cell);
  const isSame = kept && kept.name === name && keyOf(settled, kept.cell) === state.cell;
  const shared = kept && !isSame ? sharedRanges(got, kept) : null;
  const keep = h(
    "p",
    { class: "actions" },
    isSame
      ? h("span", { class: "small" }, "Kept: choose another cell, here or of another map, to see both side by side.")
      : h("button", { type: "button", class: "keep", onclick: () => change({ with: `${name}/${state.cell}` }, ".letgo") }, "Keep for comparison"),
    isSame ? letGo(change) : null,
  );
  const first = panel(got, { title: cellTold(settled, cell), shared, actions: keep });
  if (!kept || isSame) return [first];
  return [panel(kept, { title: cellTold(kept.settled, kept.cell), shared, actions: letGo(change) }), first];
}

const letGo = (change) =>
  h("button", { type: "button", class: "letgo", onclick: () => change({ with: undefined }, "button.cell[tabindex='0']") }, "Let go of the kept cell");

// The cell that is kept for comparison, of this cube or of another, seen in the same way.
async function keptCell(state, name, cube, settled) {
  const [experiment, key] = keptOf(state);
  if (!experiment || !(experiment in atlas.experiments)) return null;
  try {
    const other = experiment === name ? cube : await open(experiment);
    const own = experiment === name ? settled : await settle(other, { metric: state.metric, reduce: state.reduce, seed: state.seed });
    const cell = own && cellOf(own, key);
    return cell ? await gathered(experiment, other, own, cell) : null;
  } catch {
    return null;
  }
}

function controls(settled, change) {
  const { every, one, ways, reduction, axes, x, y, fixed, at, atLabels, moments, moment, seeds, seed } = settled;
  const focus = (what) => `[data-choice="${what}"] select`;
  const choice = (what, told, options, chosen, key = what, besides = {}) => {
    const box = select(told, options, chosen, (value) => change({ [key]: value, ...besides }, focus(what)));
    box.dataset.choice = what;
    return box;
  };
  const names = one.axes.map((axis) => [axis, settled.symbols[axis]]);
  const metrics = every.map((quantity) => [quantity.path, quantity.group ? `${quantity.told} (${quantity.group})` : quantity.told]);
  return h(
    "form",
    { class: "controls", "aria-label": "What the map shows", onsubmit: (event) => event.preventDefault() },
    choice("metric", "Metric", metrics, one.path, "metric", { reduce: undefined, moment: undefined }),
    ways.length ? choice("reduce", "As", ways, reduction) : null,
    names.length > 1 ? choice("x", "Across", names, x) : null,
    names.length > 1 ? choice("y", "Down", names.filter(([axis]) => axis !== x), y) : null,
    Object.keys(fixed).map((axis) => choice(axis, words(axis), axes[axis].map((value) => [label(value), label(value)]), label(axes[axis][fixed[axis]]), ON + axis)),
    seeds.length > 1 ? choice("seed", "Seeds", [["mean", `mean of ${seeds.length}`], ...seeds.map((value) => [String(value), `seed ${label(value)}`])], seed === "mean" ? "mean" : String(seeds[Number(seed)])) : null,
    moments.length > 1 ? choice("moment", "Moment", [["last", "the last"], ...moments.map((told, k) => [String(k), told])], moment) : null,
    one.choices
      .filter((dim) => atLabels[dim].length > 1)
      .map((dim) => choice(dim, words(dim), atLabels[dim].map((value) => [label(value), words(label(value))]), label(atLabels[dim][at[dim]]), AT + dim)),
  );
}

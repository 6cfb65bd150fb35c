// What of a cube is shown, and how: out of the address, with what is usual where it says nothing.

import { momentNames, quantities, reading, reductions, usual, usualChoice, usualReduction } from "atlas/quantities";
import { atlas } from "atlas/contents";
import { label, words } from "atlas/numbers";

const AT = "at.";
const ON = "on.";

// Everything about a map that the reader may choose, with what is chosen.
export async function settle(cube, state) {
  const every = quantities(cube);
  if (!every.length) return null;
  const one = every.find((quantity) => quantity.path === state.metric) ?? usual(every);
  const names = one.profile ? await labelsOf(cube, one, one.profile) : [];
  const ways = reductions(one, names);
  const reduction = ways.some(([key]) => key === state.reduce) ? state.reduce : usualReduction(one);
  const axes = {};
  for (const axis of one.axes) axes[axis] = await cube.labels("", axis, one.shape[one.dims.indexOf(axis)]);
  const [x, y] = drawnAxes(one.axes, axes, state);
  const fixed = {};
  for (const axis of one.axes) {
    if (axis === x || axis === y) continue;
    fixed[axis] = Math.max(0, axes[axis].findIndex((value) => label(value) === state[ON + axis]));
  }
  const at = {};
  const atLabels = {};
  for (const dim of one.choices) {
    atLabels[dim] = await labelsOf(cube, one, dim);
    const found = atLabels[dim].findIndex((value) => label(value) === state[AT + dim]);
    at[dim] = found < 0 ? await usualChoice(cube, one, dim) : found;
  }
  const moments = one.moment ? await momentNames(cube, one) : [];
  const moment = moments[Number(state.moment)] === undefined || state.moment === undefined ? "last" : state.moment;
  const seeds = one.hasSeeds ? await cube.labels(one.group, "seed", one.shape[one.dims.indexOf("seed")]) : [null];
  const place = seeds.findIndex((seed) => String(seed) === state.seed);
  const seed = place < 0 ? "mean" : String(place);
  const symbols = {};
  for (const axis of one.axes) symbols[axis] = symbolOf(cube, axis);
  return { every, one, ways, reduction, axes, x, y, fixed, at, atLabels, moments, moment, seeds, seed, symbols };
}

export const read = (cube, settled, one = settled.one) =>
  reading(cube, one, {
    reduction: one === settled.one ? settled.reduction : null,
    seed: settled.seed,
    moment: settled.moment,
    at: settled.at,
  });

// The accuracy beside a number, as the figures of the first paper shade it.
export async function beside(cube, settled) {
  const other = settled.every.find((quantity) => quantity.name === "test_accuracy");
  if (!other || other.path === settled.one.path || other.profile) return null;
  const at = {};
  for (const dim of other.choices) at[dim] = settled.at[dim] ?? (await usualChoice(cube, other, dim));
  const moment = other.moment === settled.one.moment ? settled.moment : "last";
  return reading(cube, other, { reduction: null, seed: settled.seed, moment, at });
}

// Two axes to draw over: those of the address, else the first against the second; longer ones go
// across where nothing else is said.
function drawnAxes(axes, labels, { x, y }) {
  const across = axes.includes(x) ? x : (axes.find((axis) => axis !== y) ?? null);
  const rest = axes.filter((axis) => axis !== across);
  const down = rest.includes(y) ? y : (rest.find((axis) => axis === "negative_slope") ?? rest[0] ?? null);
  return [across, down];
}

// Entries of an axis as they are drawn: strongest noise at the left, other numbers growing.
export function entries(settled, axis) {
  if (axis === null) return null;
  const found = settled.axes[axis].map((value, index) => ({ value, index }));
  return atlas.from_large.includes(axis) ? found.reverse() : found;
}

export async function labelsOf(cube, one, dim) {
  const names = cube.coordinate(one.group, `${dim}_name`);
  const size = one.shape[one.dims.indexOf(dim)];
  if (names !== null && cube.variables.get(names).dims.length === 1) {
    return Array.from((await cube.array(names)).data);
  }
  return cube.labels(one.group, dim, size);
}

// A cell in the address: values of all its axes, in the order of the cube.
export const keyOf = (settled, cell) =>
  settled.one.axes.map((axis) => label(settled.axes[axis][cell[axis]]).replaceAll(",", " ")).join(",");

export function cellOf(settled, key) {
  if (key === undefined || key === null) return null;
  const parts = key.split(",");
  if (parts.length !== settled.one.axes.length && settled.one.axes.length) return null;
  const cell = {};
  for (const [k, axis] of settled.one.axes.entries()) {
    cell[axis] = settled.axes[axis].findIndex((value) => label(value).replaceAll(",", " ") === parts[k]);
    if (cell[axis] < 0) return null;
  }
  return cell;
}

export const cellTold = (settled, cell) =>
  settled.one.axes.map((axis) => `${words(axis)} ${label(settled.axes[axis][cell[axis]])}`).join(", ") || "the only cell";

function symbolOf(cube, axis) {
  const path = cube.coordinate("", axis);
  const symbol = path === null ? "" : (cube.variables.get(path).attributes.symbol ?? "");
  return symbol ? `${words(axis)} ${symbol}` : words(axis);
}

export { AT, ON };

// What a cube has a number of, and the number of each cell: which dimensions are axes of the grid,
// which count seeds, time, layers, and which are to be chosen.

import { mean, meanCurve } from "atlas/arrays";
import { REDUCTIONS } from "atlas/curves";
import { words } from "atlas/numbers";

const MOMENTS = ["epoch", "step", "record"];
const PROFILES = ["layer", "affine"];
const LENGTHS = { epoch: "epochs", step: "steps" };
const USUAL = { batch_norm_mode: "running_statistics", derivative: "exact" };
const OK = 0;

// Names that are counts or marks of runs, no results.
const BOOKKEEPING = new Set(["status", "run_id", "n_layers", "reached"]);

export function quantities(cube) {
  const found = [...cube.variables.values()].filter(
    (one) => one.isNumber && !one.isCoordinate && !BOOKKEEPING.has(one.name),
  );
  return found.map((one) => quantity(cube, one));
}

function quantity(cube, one) {
  const axes = cube.axes.filter((axis) => one.dims.includes(axis));
  const rest = one.dims.filter((dim) => !axes.includes(dim) && dim !== "seed");
  const moment = rest.find((dim) => MOMENTS.includes(dim)) ?? null;
  const left = rest.filter((dim) => dim !== moment);
  const profile =
    PROFILES.find((dim) => left.includes(dim)) ??
    left.filter((dim) => !(dim in USUAL) && dim !== "view" && size(one, dim) > 1).at(-1) ??
    null;
  const choices = left.filter((dim) => dim !== profile);
  const told = one.attributes.long_name ?? words(one.name);
  const isShare = one.name.endsWith("accuracy");
  return {
    ...one,
    axes,
    hasSeeds: one.dims.includes("seed"),
    moment,
    profile,
    choices,
    told: isShare ? words(one.name) : told,
    units: isShare ? "%" : one.attributes.units === "1" ? "" : (one.attributes.units ?? ""),
    factor: isShare ? 100 : 1,
  };
}

const size = (one, dim) => one.shape[one.dims.indexOf(dim)];

// What a map of an experiment shows first: its separation of classes, else something of layers.
export function usual(found) {
  const first = ["data_separation", "spring_separation", "alignment", "uc_nfc", "backward_feature_angle"];
  return (
    first.map((name) => found.find((one) => one.name === name)).find(Boolean) ??
    found.find((one) => one.profile && one.axes.length) ??
    found.find((one) => one.name === "test_accuracy") ??
    found.find((one) => one.axes.length) ??
    found[0]
  );
}

// Ways to make one number of a profile; a quantity without one has the number itself.
export function reductions(one, names) {
  if (!one.profile) return [];
  const curves = one.profile === "layer" ? Object.entries(REDUCTIONS) : [];
  return [
    ...curves.map(([key, { words: told }]) => [key, told]),
    ["mean", `mean over ${words(one.profile)}s`],
    ...names.map((name, k) => [`at_${k}`, `${words(one.profile)} ${typeof name === "number" ? name : words(name)}`]),
  ];
}

export const usualReduction = (one) =>
  one.profile ? (one.name.includes("separation") ? "convexity_index" : "mean") : null;

// Reads a quantity once and gives the numbers of any cell, {axis: index}.
//
// `chosen` holds what the reader chose: {reduction, seed: "mean" or an index, moment: "last" or an
// index, at: {dim: index}}.
export async function reading(cube, one, chosen) {
  const array = await cube.array(one.path);
  const status = cube.variables.has("status") ? await cube.array("status") : null;
  const runs = cube.variables.has("run_id") ? await cube.array("run_id") : null;
  // Of a cube of points: no point was asked for more seeds than it took (docs/boundaries.md).
  const asked = cube.variables.has("refined/asked_in") ? await cube.array("refined/asked_in") : null;
  const seeds = one.hasSeeds ? await cube.labels(one.group, "seed", array.size("seed")) : [null];
  const moments = one.moment
    ? await cube.labels(one.group, one.moment, array.size(one.moment))
    : [];
  const named = await profileNames(cube, one);
  const labels = one.profile
    ? await cube.labels(one.group, one.profile, array.size(one.profile))
    : [];
  const lengths = await lengthsAlong(cube, one, moments);

  const fixed = {};
  for (const dim of one.choices) fixed[dim] = chosen.at[dim] ?? 0;

  function momentOf(cell) {
    if (!one.moment) return {};
    if (chosen.moment !== "last") return { [one.moment]: Number(chosen.moment) };
    return { [one.moment]: lengths(cell) };
  }

  const isFinished = (cell, seed) => !status || status.at({ ...cell, seed }) === OK;

  // Places along the profile that a network of this cell has, for curves without logits.
  function own(cell, forCurves) {
    const there = named(cell);
    const all = there.map((name, k) => [name, k]).filter(([name]) => name !== "");
    return (forCurves ? all.filter(([name]) => name !== "logits") : all).map(([, k]) => k);
  }

  function curveAt(at, cell, seed, forCurves) {
    const places = own(cell, forCurves);
    if (!isFinished(cell, seed)) return places.map(() => NaN);
    return places.map((k) => one.factor * array.at({ ...at, seed, [one.profile]: k }));
  }

  const isCurve = chosen.reduction in REDUCTIONS;

  // A run counts in a mean curve only where all its points are there.
  function behind(curves) {
    return isCurve ? curves.filter((curve) => curve.every(Number.isFinite)) : curves;
  }

  function meanOf(curves) {
    const known = behind(curves);
    return known.length ? meanCurve(known) : (curves[0] ?? []).map(() => NaN);
  }

  // The curve that a cell stands for: over seeds, or of one.
  function curve(cell, forCurves = isCurve) {
    const at = { ...fixed, ...momentOf(cell), ...cell };
    const wanted = chosen.seed === "mean" ? seeds.map((_, k) => k) : [Number(chosen.seed)];
    return meanOf(wanted.map((seed) => curveAt(at, cell, seed, forCurves)));
  }

  function values(cell) {
    const at = { ...fixed, ...momentOf(cell), ...cell };
    return seeds.map((_, seed) =>
      isFinished(cell, seed) ? one.factor * array.at({ ...at, seed }) : NaN,
    );
  }

  function reduced(points) {
    if (isCurve) return REDUCTIONS[chosen.reduction].of(points);
    if (chosen.reduction === "mean") return mean(points);
    return points[0];
  }

  function value(cell) {
    if (!one.profile) {
      const found = values(cell);
      return chosen.seed === "mean" ? mean(found) : found[Number(chosen.seed)];
    }
    if (!chosen.reduction.startsWith("at_")) return reduced(curve(cell));
    const place = own(cell, false).indexOf(Number(chosen.reduction.slice(3)));
    return place < 0 ? NaN : curve(cell, false)[place];
  }

  return {
    quantity: one,
    seeds,
    moments,
    labels,
    value,
    curve,
    values,
    // Curves of each seed, and their places along the profile.
    curves(cell) {
      const at = { ...fixed, ...momentOf(cell), ...cell };
      return seeds.map((_, seed) => curveAt(at, cell, seed, isCurve));
    },
    meanOf,
    places: (cell) => own(cell, isCurve).map((k) => labels[k]),
    placeNames: (cell) => own(cell, isCurve).map((k) => named(cell)[k]),
    // Along time, layer by layer: means over finished seeds.
    trajectories(cell) {
      const places = own(cell, isCurve);
      return places.map((place) => ({
        place: labels[place],
        values: moments.map((_, m) => {
          const at = { ...fixed, ...cell, [one.moment]: m, [one.profile]: place };
          const known = seeds.map((_, seed) =>
            isFinished(cell, seed) ? one.factor * array.at({ ...at, seed }) : NaN,
          );
          return mean(chosen.seed === "mean" ? known : [known[Number(chosen.seed)]]);
        }),
      }));
    },
    runs: (cell) => (runs ? seeds.map((_, seed) => runs.at({ ...cell, seed })) : []),
    asked: (cell) =>
      [...seeds.keys()].filter((seed) => !asked || asked.at({ ...cell, seed }) >= 0),
    finished: (cell) => seeds.filter((_, seed) => isFinished(cell, seed)).length,
  };
}

// Names along the profile of the network in a cell; "" where it has no such layer.
async function profileNames(cube, one) {
  if (!one.profile) return () => [];
  const path = cube.coordinate(one.group, `${one.profile}_name`);
  const length = size(one, one.profile);
  if (path === null) return () => Array.from({ length }, (_, k) => String(k));
  const names = await cube.array(path);
  return (cell) => names.along(one.profile, cell);
}

// The last moment of a run: the cube's last, but for grids along which runs end earlier.
async function lengthsAlong(cube, one, moments) {
  if (one.moment === "record") {
    const path = cube.coordinate(one.group, "label");
    const labels = path === null ? [] : Array.from((await cube.array(path)).data);
    const final = labels.indexOf("final");
    return () => (final < 0 ? moments.length - 1 : final);
  }
  const axis = LENGTHS[one.moment];
  const latest = moments.indexOf(Math.max(...moments));
  if (!axis || !one.axes.includes(axis)) return () => latest;
  const ends = await cube.labels(one.group, axis, size(one, axis));
  return (cell) => {
    const known = moments.filter((moment) => moment <= ends[cell[axis]]);
    return moments.indexOf(Math.max(...known));
  };
}

// Which entry of a dimension is meant where none is chosen.
export async function usualChoice(cube, one, dim) {
  const labels = await cube.labels(one.group, dim, size(one, dim));
  if (dim in USUAL) return Math.max(0, labels.indexOf(USUAL[dim]));
  if (dim !== "view") return 0;
  const path = cube.coordinate(one.group, "view_split");
  const splits = path === null ? [] : Array.from((await cube.array(path)).data);
  return Math.max(0, splits.indexOf("train"));
}

// Names of moments as a reader chooses them.
export async function momentNames(cube, one) {
  const path = one.moment === "record" ? cube.coordinate(one.group, "label") : null;
  const labels = await cube.labels(one.group, one.moment, size(one, one.moment));
  const names = path === null ? labels : Array.from((await cube.array(path)).data);
  return names.map((name) => `${words(one.moment)} ${name}`);
}

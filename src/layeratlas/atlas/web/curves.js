// Reductions of load curves; each is the one of layeratlas.papers.spring_block.load_curves.
//
//     D_l  data separation after layer l, l = 0 … L'
//     d_l  load of layer l, D_{l−1} − D_l

const whole = (D) => D.length > 1 && D.every(Number.isFinite);

const range = (D) => Math.max(...D) - Math.min(...D);

const average = (values) => values.reduce((a, b) => a + b, 0) / values.length;

export const loads = (D) => D.slice(1).map((value, k) => D[k] - value);

// Mean distance of a curve below its chord, in units of its range: convex above 0.
export function convexityIndex(D) {
  if (!whole(D) || !(range(D) > 0)) return NaN;
  const last = D.length - 1;
  const chord = (l) => D[0] + ((D[last] - D[0]) * l) / last;
  return average(D.map((value, l) => chord(l) - value)) / range(D);
}

// Standard deviation of the loads of the curve over its range.
export function loadUniformity(D) {
  if (!whole(D) || !(range(D) > 0)) return NaN;
  const d = loads(D);
  const middle = average(d);
  return Math.sqrt(average(d.map((load) => (load - middle) ** 2))) / range(D);
}

// First load minus last.
export function secondDifferenceSum(D) {
  if (!whole(D)) return NaN;
  const d = loads(D);
  return d[0] - d[d.length - 1];
}

// The curve from 0 to 1, as a figure draws it in a cell.
export function rangeNormalised(D) {
  const known = D.filter(Number.isFinite);
  const low = Math.min(...known);
  const high = Math.max(...known);
  return D.map((value) => (high > low ? (value - low) / (high - low) : 0.5));
}

export const REDUCTIONS = {
  convexity_index: { words: "convexity index", of: convexityIndex },
  load_uniformity: { words: "spread of the loads", of: loadUniformity },
  second_difference_sum: { words: "first load minus last", of: secondDifferenceSum },
};

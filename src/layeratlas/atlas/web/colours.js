// Colours of cells and lines. Steps of a map differ in lightness first, so that they are told apart
// whatever colours an eye sees; ink stands on each with a contrast of 4.5 and more.

// From below zero to above: blue, white, orange-brown.
export const DIVERGING = ["#174a7c", "#3f7fb5", "#8db8dc", "#f4f2ee", "#f0b67a", "#c9732b", "#7d3c0a"];

// From small to large.
export const SEQUENTIAL = ["#f4f2ee", "#c8dbe2", "#9cc1d1", "#6ba3bd", "#44809f", "#285c7b", "#123a54"];

// Okabe and Ito's, with a dash each: a line is never told by its colour alone.
export const LINES = [
  { colour: "var(--line-1)", dash: "" },
  { colour: "var(--line-2)", dash: "7 3" },
  { colour: "var(--line-3)", dash: "2 2.5" },
  { colour: "var(--line-4)", dash: "9 3 2 3" },
  { colour: "var(--line-5)", dash: "4 2" },
  { colour: "var(--line-6)", dash: "1 3" },
];

// Past the last, colours come again with other dashes.
export const line = (k) => ({
  colour: LINES[k % LINES.length].colour,
  dash: LINES[(k + Math.floor(k / LINES.length)) % LINES.length].dash,
});

const channel = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);

function luminance(colour) {
  const parts = [1, 3, 5].map((k) => channel(parseInt(colour.slice(k, k + 2), 16) / 255));
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}

export const INKS = ["#000000", "#ffffff"];

// Black or white, whichever stands out more.
export function ink(colour) {
  const light = luminance(colour);
  return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? INKS[0] : INKS[1];
}

// The scale of some values: about zero where both signs occur.
export function scale(values) {
  const known = values.filter(Number.isFinite);
  const low = known.length ? Math.min(...known) : 0;
  const high = known.length ? Math.max(...known) : 1;
  const diverges = low < 0 && high > 0;
  const steps = diverges ? DIVERGING : SEQUENTIAL;
  const reach = Math.max(-low, high);
  const from = diverges ? -reach : low;
  const to = diverges ? reach : high;
  const step = (value) => {
    const part = to > from ? (value - from) / (to - from) : 0;
    return Math.min(steps.length - 1, Math.max(0, Math.floor(part * steps.length)));
  };
  return { from, to, steps, diverges, colour: (value) => steps[step(value)] };
}

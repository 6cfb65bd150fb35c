// A chart of lines as SVG, with its numbers as a table beneath: what is drawn can be read.

import { h, s } from "atlas/dom";
import { line } from "atlas/colours";
import { label, shown, ticks } from "atlas/numbers";

const WIDTH = 360;
const HEIGHT = 224;
const LEFT = 50;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 40;
const MOST_POINTS = 60;
// Room that a tick's text takes, as high as a line and as wide as its letters.
const LINE = 14;
const LETTER = 6.5;

// Lowest and highest finite value of several lines.
export function limits(lines) {
  const known = lines.flatMap((one) => one.y).filter(Number.isFinite);
  if (!known.length) return [0, 1];
  const low = Math.min(...known);
  const high = Math.max(...known);
  return high > low ? [low, high] : [low - 0.5, high + 0.5];
}

// `lines` are [{name, x, y, look, strong}]; `range` is that of y where several charts share one.
export function chart({ title, of = "", x, y, lines, range = null, isLog = false, names = null }) {
  const positive = lines.flatMap((one) => one.y).filter((value) => value > 0);
  const log = isLog && positive.length > 0;
  const f = log ? Math.log10 : (value) => value;
  let [low, high] = range ?? limits(lines);
  if (log) [low, high] = range ? range.map((value) => Math.max(value, Math.min(...positive))) : [Math.min(...positive), Math.max(...positive)];
  let [bottom, top] = [f(low), f(high)];
  if (!(top > bottom)) [bottom, top] = [bottom - 0.5, top + 0.5];
  const room = 0.05 * (top - bottom);
  [bottom, top] = [bottom - room, top + room];
  const all = lines.flatMap((one) => one.x);
  const [first, last] = all.length ? [Math.min(...all), Math.max(...all)] : [0, 1];
  const across = (value) => LEFT + ((WIDTH - LEFT - RIGHT) * (last > first ? (value - first) / (last - first) : 0.5));
  const up = (value) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * (f(value) - bottom)) / (top - bottom);

  const marks = apart(log ? powers(bottom, top) : ticks(bottom, top), up, () => LINE);
  const places = new Set(all);
  const wanted = places.size <= 12 ? [...places].sort((a, b) => a - b) : ticks(first, last);
  const below = apart(wanted, across, (value) => LETTER * (label(value).length + 1));
  const drawing = s(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": told(title, x, y, lines), class: "chart" },
    marks.map((value) => [
      s("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: up(value), y2: up(value) }),
      s("text", { class: "tick", x: LEFT - 6, y: up(value) + 4, "text-anchor": "end" }, tick(value)),
    ]),
    below.map((value) =>
      s("text", { class: "tick", x: across(value), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, label(value)),
    ),
    s("line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM }),
    s("text", { class: "name", x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, x),
    lines.map((one) => drawn(one, across, up, log)),
  );
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, h("b", {}, title), y ? h("span", { class: "small" }, ` ${y}`) : null),
    drawing,
    lines.length > 1 ? legend(lines) : null,
    numbers(`${title}, ${of}`, x, lines, names),
  );
}

const tick = (value) => (Number.isInteger(Math.log10(value)) && (value >= 1e4 || value <= 1e-3) ? `1e${Math.log10(value)}` : shown(value, 3).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, ""));

// Of ticks those that stand clear of the one before.
function apart(values, place, room) {
  const kept = [];
  for (const value of values) {
    if (!kept.length || Math.abs(place(value) - place(kept.at(-1))) >= room(value)) kept.push(value);
  }
  return kept;
}

function powers(bottom, top) {
  const found = [];
  for (let k = Math.ceil(bottom); k <= Math.floor(top); k += 1) found.push(10 ** k);
  return found.length > 1 ? found : ticks(10 ** bottom, 10 ** top);
}

function drawn(one, across, up, log) {
  const is = (k) => Number.isFinite(one.y[k]) && (!log || one.y[k] > 0);
  let path = "";
  one.y.forEach((value, k) => {
    if (!is(k)) return;
    path += `${k && is(k - 1) ? "L" : "M"}${across(one.x[k]).toFixed(2)} ${up(value).toFixed(2)}`;
  });
  const points =
    one.y.length > MOST_POINTS
      ? []
      : one.y.map((value, k) =>
          is(k)
            ? s("circle", {
                class: "point",
                cx: across(one.x[k]).toFixed(3),
                cy: up(value).toFixed(3),
                r: one.strong ? 3 : 2,
                "data-line": one.name,
                "data-x": one.x[k],
                "data-y": value,
              })
            : null,
        );
  return s(
    "g",
    { style: `color: ${one.look.colour}`, class: one.strong ? "line strong" : "line" },
    s("path", { d: path, "stroke-dasharray": one.look.dash || null }),
    points,
  );
}

function legend(lines) {
  return h(
    "ul",
    { class: "legend" },
    lines.map((one) =>
      h(
        "li",
        {},
        s(
          "svg",
          { viewBox: "0 0 28 8", width: 28, height: 8, "aria-hidden": "true" },
          s("line", {
            x1: 1, x2: 27, y1: 4, y2: 4, style: `color: ${one.look.colour}`,
            "stroke-dasharray": one.look.dash || null, class: one.strong ? "strong" : null,
          }),
        ),
        one.name,
      ),
    ),
  );
}

function told(title, x, y, lines) {
  const [low, high] = limits(lines);
  return `${title}, ${y || "value"} against ${x}: ${lines.length} lines, from ${shown(low)} to ${shown(high)}. The numbers are in the table below.`;
}

// Filled when it is opened: most readers look at lines.
function numbers(title, x, lines, names) {
  const box = h("details", { class: "numbers" }, h("summary", {}, "Numbers"));
  box.addEventListener("toggle", () => {
    if (!box.open || box.children.length > 1) return;
    const places = lines[0]?.x ?? [];
    box.append(
      h(
        "div",
        { class: "scroller", tabindex: 0, role: "region", "aria-label": `Numbers of ${title}` },
        h(
          "table",
          {},
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, x), lines.map((one) => h("th", { scope: "col" }, one.name)))),
          h(
            "tbody",
            {},
            places.map((place, k) =>
              h(
                "tr",
                {},
                h("th", { scope: "row" }, label(place), names?.[k] ? h("span", { class: "small" }, ` ${names[k]}`) : null),
                lines.map((one) => h("td", { "data-value": one.y[k] }, shown(one.y[k], 5))),
              ),
            ),
          ),
        ),
      ),
    );
  });
  return box;
}

// A curve as small as a word, on a scale of its own.
export function sparkline(values) {
  const known = values.every(Number.isFinite) && values.length > 1;
  if (!known) return s("svg", { class: "spark", viewBox: "0 0 60 26", "aria-hidden": "true" });
  const low = Math.min(...values);
  const high = Math.max(...values);
  const points = values.map((value, k) => {
    const y = high > low ? 23 - (20 * (value - low)) / (high - low) : 13;
    return `${(3 + (54 * k) / (values.length - 1)).toFixed(2)},${y.toFixed(2)}`;
  });
  return s(
    "svg",
    { class: "spark", viewBox: "0 0 60 26", "aria-hidden": "true" },
    s("polyline", { points: points.join(" ") }),
  );
}

export const seedLine = (k) => line(k);

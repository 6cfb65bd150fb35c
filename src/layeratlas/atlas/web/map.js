// A map of an experiment: a table of buttons, a cell each. Every cell prints its number and draws
// its curve, so that colour is never alone.

import { scale, ink } from "atlas/colours";
import { h } from "atlas/dom";
import { label, shown, words } from "atlas/numbers";
import { sparkline } from "atlas/plot";

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

// `columns` and `rows` are [{value, index, name}] or null where there is no such axis;
// `cellAt(column, row)` gives {key, cell}, `choose(key)` is called for the one that is chosen.
export function map({ caption, columns, rows, cellAt, reading, beside, chosen, kept, choose, names, reduction }) {
  const places = (rows ?? [null]).map((row) => (columns ?? [null]).map((column) => cellAt(column, row)));
  const values = places.map((row) => row.map(({ cell }) => reading.value(cell)));
  const colours = scale(values.flat());
  const buttons = places.map((row, i) =>
    row.map(({ key, cell, told }, j) => {
      const value = values[i][j];
      const colour = Number.isFinite(value) ? colours.colour(value) : null;
      const curve = reading.quantity.profile ? reading.curve(cell) : null;
      const other = beside ? beside.value(cell) : null;
      const lost = reading.asked(cell).length - reading.finished(cell);
      const parts = [
        `${told}: ${reduction} ${shown(value)}${reading.quantity.profile ? "" : reading.quantity.units}`,
        beside ? `${beside.quantity.told} ${shown(other)} %` : "",
        lost ? `${reading.finished(cell)} of ${reading.asked(cell).length} runs` : "",
      ];
      return h(
        "button",
        {
          type: "button",
          class: colour === null ? "cell lost" : "cell",
          style: colour === null ? null : `background: ${colour}; color: ${ink(colour)}`,
          tabindex: -1,
          "aria-pressed": String(key === chosen),
          "aria-label": parts.filter(Boolean).join(", "),
          "data-key": key,
          "data-value": value,
          "data-beside": other,
          "data-curve": curve ? JSON.stringify(curve) : null,
          "data-kept": key === kept || null,
          onclick: () => choose(key),
        },
        curve ? sparkline(curve) : null,
        // Two digits of what is small: a cell has room for six signs.
        h("b", {}, shown(value, Math.abs(value) < 0.01 ? 2 : 3)),
        beside ? h("span", {}, `${shown(other)} %`) : null,
        lost ? h("span", { class: "runs" }, `${reading.finished(cell)}/${reading.asked(cell).length}`) : null,
      );
    }),
  );
  const flat = buttons.flat();
  (flat.find((button) => button.dataset.key === chosen) ?? flat[0])?.setAttribute("tabindex", "0");

  function move(event) {
    const at = buttons.findIndex((row) => row.includes(event.target));
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const across = buttons[at].indexOf(event.target);
    let target = null;
    if (event.key in STEPS) {
      const [down, right] = STEPS[event.key];
      target = buttons[at + down]?.[across + right] ?? null;
    } else if (event.key === "Home") target = buttons[at][0];
    else if (event.key === "End") target = buttons[at].at(-1);
    else return;
    event.preventDefault();
    if (!target) return;
    for (const button of flat) button.tabIndex = -1;
    target.tabIndex = 0;
    target.focus();
  }

  return h(
    "div",
    { class: "map" },
    h(
      "div",
      { class: "scroller" },
      h(
        "table",
        { onkeydown: move },
        h("caption", {}, caption),
        columns
          ? h(
              "thead",
              {},
              h(
                "tr",
                {},
                h("td", { class: "corner", rowspan: 2 }, rows ? `${names.row}\u00a0↓` : ""),
                h("th", { scope: "colgroup", colspan: columns.length, class: "axis" }, `${names.column}\u00a0→`),
              ),
              h("tr", {}, columns.map((column) => h("th", { scope: "col" }, label(column.value)))),
            )
          : null,
        h(
          "tbody",
          {},
          buttons.map((row, i) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, rows ? label(rows[i].value) : reduction),
              row.map((button) => h("td", {}, button)),
            ),
          ),
        ),
      ),
    ),
    key(colours, reduction),
  );
}

// What the colours mean, as a row of them.
function key({ from, to, steps }, told) {
  const edge = (k) => from + ((to - from) * k) / steps.length;
  // As many digits as tell its ends apart.
  const digits = [2, 3, 4].find((n) => shown(from, n) !== shown(to, n)) ?? 4;
  return h(
    "p",
    { class: "key" },
    h("span", {}, shown(from, digits)),
    h(
      "span",
      { class: "steps", "aria-hidden": "true" },
      steps.map((colour, k) => h("i", { style: `background: ${colour}`, title: `${shown(edge(k), digits)} to ${shown(edge(k + 1), digits)}` })),
    ),
    h("span", {}, shown(to, digits)),
    h("span", { class: "small" }, words(told)),
  );
}

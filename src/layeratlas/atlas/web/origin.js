// Where a file comes from, down to shard, data set, commit and settings: a tree that opens.

import { ancestors, environments, fileOf, files, filesOfRun, keyOf, plans, settings } from "atlas/contents";
import { h, terms } from "atlas/dom";
import { words } from "atlas/numbers";

export const digest = (hash) => h("code", { class: "digest", "data-digest": hash }, hash);

export const originLink = (number, text) => h("a", { href: `#origin=${keyOf(number)}` }, text);

const titled = (file) => `${file.kind} ${file.name}`;

// A file with what it was made from below it, a step at a time: a data set stands below each shard
// that used it, and is written out where it is looked at.
export function tree(number, isOpen = false) {
  const file = files[number];
  const body = h("div", { class: "file" });
  const box = h(
    "details",
    { class: "origin", "data-file": number, open: isOpen },
    h("summary", {}, h("span", { class: "kind" }, file.kind), ` ${file.name} `, h("code", { class: "short" }, file.digest.slice(0, 12))),
    body,
  );
  const fill = () => {
    if (body.children.length) return;
    body.append(
      facts(number),
      file.made_from.length
        ? h("ul", { class: "tree" }, file.made_from.map((next) => h("li", {}, tree(next))))
        : h("p", { class: "small" }, file.settings ? "Made from no other file." : "No record says how it was made."),
    );
  };
  if (isOpen) fill();
  // A click comes before it opens, so that Tab finds what is inside at once; `toggle` afterwards.
  box.firstChild.addEventListener("click", fill);
  box.addEventListener("toggle", () => box.open && fill());
  return box;
}

export function facts(number) {
  const file = files[number];
  const environment = environments[file.environment];
  return h(
    "div",
    {},
    terms([
      ["SHA-256", file.digest ? digest(file.digest) : null],
      ["content", file.content_hash ? digest(file.content_hash) : null],
      ["mark", file.mark ? h("code", {}, `Layer Atlas ${file.mark.slice(0, 7)}`) : null],
      ["path", h("code", {}, file.path)],
      ["commit", file.commit ? h("code", { class: "commit" }, file.commit, file.dirty ? " with uncommitted changes" : "") : file.version ? `version ${file.version}` : null],
      ["source", file.source ? h("code", {}, file.source) : null],
      ["environment", environment ? `python ${environment.python}, ${packages(environment)}` : null],
    ]),
    file.settings ? settingsBox(file) : null,
  );
}

const packages = ({ packages: known }) =>
  Object.entries(known ?? {}).map(([name, version]) => `${name} ${version}`).join(", ");

function settingsBox(file) {
  const box = h("details", { class: "settings" }, h("summary", {}, "Settings ", h("code", { class: "short" }, file.settings.slice(0, 12))));
  box.addEventListener("toggle", () => {
    if (!box.open || box.children.length > 1) return;
    const plan = file.plan ? plans[file.plan] : null;
    box.append(listing({ ...settings[file.settings], ...(plan ? { plan } : {}) }, file));
  });
  return box;
}

let listed = 0;

function listing(value, file) {
  listed += 1;
  return h(
    "div",
    { class: "scroller", tabindex: 0, role: "region", "aria-label": `Settings of ${titled(file)}, listing ${listed}` },
    h(
      "table",
      { class: "settings" },
      h("tbody", {}, flat(value).map(([name, one]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, one)))),
    ),
  );
}

function flat(value, prefix = "") {
  if (Array.isArray(value) && value.every((one) => typeof one !== "object" || one === null)) {
    const shown = value.slice(0, 24).map(String).join(", ");
    return [[prefix, value.length > 24 ? `${shown}, … (${value.length})` : shown]];
  }
  if (typeof value !== "object" || value === null) return [[prefix, String(value)]];
  return Object.entries(value).flatMap(([name, one]) => flat(one, prefix ? `${prefix}.${name}` : name));
}

// Of the runs behind a cell: the shards that hold them, and all that these are made of.
export function originOfRuns(runs, cube) {
  const found = [...new Set(runs.filter(Boolean))].flatMap((run) => filesOfRun(run).map(({ number }) => number));
  const own = cube === null ? null : new Set(ancestors(cube));
  const kept = [...new Set(found)].filter((number) => own === null || own.has(number));
  // A measurement leads to its shard: only what no other of them leads to stands at the top.
  const below = new Set(kept.flatMap((number) => ancestors(number).slice(1)));
  return kept.filter((number) => !below.has(number));
}

export function originPage(key) {
  const number = fileOf(key);
  if (number < 0) return [h("h1", {}, "Origin"), h("p", {}, "The page knows no file of this digest.")];
  const file = files[number];
  const all = ancestors(number);
  const counts = new Map();
  for (const one of all.slice(1)) counts.set(files[one].kind, (counts.get(files[one].kind) ?? 0) + 1);
  const told = [...counts].map(([kind, count]) => `${count} ${words(kind)}${count > 1 && !kind.endsWith("s") ? "s" : ""}`);
  return [
    h("p", { class: "above" }, "Origin"),
    h("h1", {}, titled(file)),
    h("p", { class: "lead" }, told.length ? `Made from ${told.join(", ")}.` : "Made from no other file."),
    h("p", { class: "small" }, "Whoever has the project asks its records for any of these digests: ", h("code", {}, `layeratlas lineage ${file.digest.slice(0, 12)}`)),
    tree(number, true),
  ];
}

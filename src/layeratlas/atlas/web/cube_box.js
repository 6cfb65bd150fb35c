// A cube as a file: whether its bytes are those on record, how to save it, and how to bring one that
// is not in the page.

import { again } from "atlas/address";
import { sha256 } from "atlas/bytes";
import { atlas } from "atlas/contents";
import { bytesOf, fetched, give, isThere } from "atlas/cubes";
import { h, saved, say, terms } from "atlas/dom";
import { bytes as shownBytes } from "atlas/numbers";
import { digest, tree } from "atlas/origin";

export function cubeBox(name) {
  const told = atlas.experiments[name];
  const state = h("span", { class: "check", "data-cube": name }, isThere(name) ? "…" : "not in this page");
  const box = h(
    "div",
    { class: "cube" },
    terms([
      ["file", h("code", {}, told.file)],
      ["size", shownBytes(told.size)],
      ["SHA-256 on record", digest(told.digest)],
      ["in this browser", state],
    ]),
    isThere(name)
      ? h(
          "p",
          { class: "actions" },
          h("button", { type: "button", class: "save", "data-cube": name, onclick: async () => saved(told.file, await bytesOf(name), "application/zip") }, "Save the cube"),
        )
      : null,
    told.origin === null ? h("p", { class: "small" }, "No record says how it was made.") : tree(told.origin),
  );
  if (isThere(name)) check(name, state);
  return box;
}

async function check(name, state) {
  const told = atlas.experiments[name];
  const found = await sha256(await bytesOf(name));
  const isSame = found === told.digest;
  state.classList.add(isSame ? "holds" : "fails");
  state.dataset.found = found;
  state.textContent = isSame
    ? "✓ the same: these are the published bytes"
    : `✗ ${told.file} has SHA-256 ${found}: not the published bytes`;
}

// For a cube that did not fit in: a file, or an address.
export function asking(name) {
  const told = atlas.experiments[name];
  const wrong = h("p", { class: "wrong", role: "alert" });
  const take = async (bring) => {
    wrong.textContent = "";
    box.setAttribute("aria-busy", "true");
    say(`Reading ${told.file}.`);
    try {
      await give(name, await bring());
      again();
    } catch (error) {
      wrong.textContent = error.message;
    }
    box.removeAttribute("aria-busy");
  };
  const file = h("input", {
    type: "file",
    accept: ".zip",
    onchange: (event) => {
      const [chosen] = event.target.files;
      if (chosen) take(async () => new Uint8Array(await chosen.arrayBuffer()));
    },
  });
  const where = h("input", { type: "url", placeholder: `https://…/${told.file}`, size: 40, required: true });
  const box = h(
    "section",
    { class: "asking" },
    h("p", {}, `This cube (${shownBytes(told.size)}) is above what the page was allowed to hold, so it is not inside. Open it from a file or an address; its bytes are checked against the record. The address is asked once, for the whole file, and only when you press the button; its server must let other pages read it (CORS).`),
    h("label", { class: "choice" }, h("span", {}, `File ${told.file}`), file),
    h(
      "form",
      { class: "fetch", onsubmit: (event) => (event.preventDefault(), take(() => fetched(where.value))) },
      h("label", { class: "choice" }, h("span", {}, "Address"), where),
      h("button", { type: "submit" }, "Open the address"),
    ),
    wrong,
  );
  return box;
}

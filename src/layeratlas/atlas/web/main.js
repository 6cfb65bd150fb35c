// Shows the view that the address names, and the next one where it changes.

import * as address from "atlas/address";
import { figurePage } from "atlas/figure_page";
import { h, say } from "atlas/dom";
import { about, claimsPage, cubesPage, home } from "atlas/lists";
import { mapPage } from "atlas/map_page";
import { originPage } from "atlas/origin";

const main = document.getElementById("main");

async function page(state) {
  if ("map" in state) return ["", await mapPage(state)];
  if ("figure" in state) return ["", await figurePage(state.figure)];
  if ("origin" in state) return ["", originPage(state.origin)];
  if ("claim" in state) return ["claims", claimsPage(state.claim)];
  if ("claims" in state) return ["claims", claimsPage()];
  if ("cubes" in state) return ["cubes", cubesPage()];
  if ("about" in state) return ["about", about()];
  return ["home", home()];
}

let wanted = 0;

async function show(isFirst = false) {
  wanted += 1;
  const mine = wanted;
  const state = address.read();
  delete document.documentElement.dataset.ready;
  let view = "";
  let elements;
  try {
    [view, elements] = await page(state);
  } catch (error) {
    console.error(error);
    elements = [h("h1", {}, "This view cannot be shown"), h("p", { class: "wrong", role: "alert" }, String(error.message ?? error))];
  }
  // Somebody has gone on meanwhile.
  if (mine !== wanted) return;
  main.replaceChildren(...elements.flat().filter(Boolean));
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const title = main.querySelector("h1")?.textContent ?? "";
  document.title = `${title ? `${title} · ` : ""}Layer Atlas`;
  arrive(state, isFirst);
  document.documentElement.dataset.ready = "true";
}

// Where the eyes and the keyboard go after a link was followed.
function arrive(state, isFirst) {
  const claim = "claim" in state ? document.getElementById(`claim-${state.claim}`) : null;
  if (claim) {
    claim.classList.add("meant");
    claim.setAttribute("tabindex", "-1");
    claim.scrollIntoView({ block: "center" });
    claim.focus({ preventScroll: true });
    return;
  }
  if (isFirst) return;
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
  say(document.title);
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

address.listen(() => show());
await show(true);

// Elements in one line each: h("p", { class: "small" }, "words", h("b", {}, "more")).

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function s(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined));
  return element;
}

// One term after the other with what there is to say of it; those of null are left out.
export function terms(entries) {
  const known = entries.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h(
    "dl",
    {},
    known.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

// Says a sentence to those who cannot see that something changed.
export function say(sentence) {
  document.getElementById("said").textContent = sentence;
}

export function select(label, options, chosen, choose) {
  const box = h(
    "select",
    { onchange: () => choose(box.value) },
    options.map(([value, words]) => h("option", { value, selected: value === chosen }, words)),
  );
  return h("label", { class: "choice" }, h("span", {}, label), box);
}

export function saved(name, bytes, type) {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  const link = h("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

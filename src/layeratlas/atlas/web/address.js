// The view as the address has it, after "#": figure=phase_diagram, or map=…&metric=…&cell=….

export function read() {
  const text = location.hash.slice(1);
  const state = Object.fromEntries(new URLSearchParams(text));
  for (const view of ["claims", "cubes", "about"]) if (text === view) return { [view]: "" };
  return state;
}

export function written(state) {
  const known = Object.entries(state).filter(([, value]) => value !== null && value !== undefined);
  if (known.length === 1 && known[0][1] === "") return `#${known[0][0]}`;
  // Commas and slashes may stand in an address as they are.
  const text = new URLSearchParams(known).toString();
  return `#${text.replaceAll("%2C", ",").replaceAll("%2F", "/")}`;
}

let own = null;

// Says in the address what is shown, where it is shown already.
export function note(state) {
  own = written(state);
  if (location.hash !== own) location.hash = own;
}

let whole = () => {};

// Calls for every other address that comes: a link, the way back, a hand.
export function listen(show) {
  whole = show;
  addEventListener("hashchange", () => {
    if (location.hash === own) return;
    own = null;
    show();
  });
}

// The same view once more, where the page has come to know more.
export const again = () => whole();

// Cubes: the very bytes that the pipeline published, hashed against the record and read by zarrita.

import { Labelled } from "atlas/arrays";
import { isHeld, sha256, unpacked } from "atlas/bytes";
import { atlas } from "atlas/contents";

const zarrita = globalThis.zarrita;

// A cube whose bytes are not those on record: nothing of it is shown.
export class OtherBytes extends Error {}

// A cube that is not in the page, and has not been given either.
export class NotHere extends Error {}

class Cube {
  constructor(name, bytes) {
    this.name = name;
    this.bytes = bytes;
    this.variables = new Map();
    this.arrays = new Map();
  }

  async read() {
    const store = zarrita.ZipFileStore.fromBlob(new Blob([this.bytes]));
    const top = zarrita.root(store);
    const root = await zarrita.open(top, { kind: "group" });
    this.attributes = root.attrs;
    const groups = new Map([["", root.attrs]]);
    const found = [];
    // What there is stands in the directory of the zip; cubes of earlier versions say it nowhere else.
    const { entries } = await store.info;
    const nodes = Object.keys(entries).filter((name) => name.endsWith("/zarr.json"));
    for (const path of nodes.map((name) => name.slice(0, -"/zarr.json".length)).sort()) {
      const node = await zarrita.open(top.resolve(path));
      if (node.kind === "group") groups.set(path, node.attrs);
      else found.push([path, node]);
    }
    for (const [path, node] of found) {
      const cut = path.lastIndexOf("/");
      const [group, name] = cut < 0 ? ["", path] : [path.slice(0, cut), path.slice(cut + 1)];
      const dims = node.dimensionNames ?? [];
      const listed = String(groups.get(group)?.coordinates ?? "").split(" ");
      const dtype = String(node.dtype);
      this.variables.set(path, {
        path,
        group,
        name,
        node,
        dims,
        shape: node.shape,
        attributes: node.attrs,
        isNumber: /^(u?int|float)/.test(dtype),
        isCoordinate: (dims.length === 1 && dims[0] === name) || listed.includes(name),
      });
    }
    this.axes = String(root.attrs.axes ?? "").split(" ").filter(Boolean);
    return this;
  }

  // A variable with its dimensions by name; numbers as numbers, text as text.
  array(path) {
    if (!this.arrays.has(path)) {
      const { node, dims, shape: sizes, isNumber } = this.variables.get(path);
      // Of networks that were never trained there are no epochs, and zarrita reads no empty array.
      const read = sizes.includes(0) ? Promise.resolve({ data: [], shape: sizes }) : zarrita.get(node);
      const wanted = read.then(({ data, shape }) => {
        return new Labelled(dims, shape, isNumber ? Float64Array.from(data, Number) : Array.from(data));
      });
      this.arrays.set(path, wanted);
    }
    return this.arrays.get(path);
  }

  // Where a coordinate of a group lies: in the group, else at the top.
  coordinate(group, name) {
    const own = group ? `${group}/${name}` : name;
    return [own, name].find((path) => this.variables.has(path)) ?? null;
  }

  // Values along a dimension: what its coordinate says, or places counted from 0.
  async labels(group, dim, size) {
    const path = this.coordinate(group, dim);
    if (path === null) return Array.from({ length: size }, (_, k) => k);
    return Array.from((await this.array(path)).data);
  }
}

// Milliseconds until a whole cube must be here.
const PATIENCE = 60_000;

const opened = new Map();
const given = new Map();

export const isInside = (name) => isHeld(`cube-${name}`);

export const isThere = (name) => isInside(name) || given.has(name);

export const bytesOf = async (name) => given.get(name) ?? unpacked(`cube-${name}`);

// What is said where bytes are others than those on record.
function differs(name, found) {
  const { file, digest } = atlas.experiments[name];
  return new OtherBytes(
    `${file}: these bytes have SHA-256 ${found}, the record says ${digest}. ` +
      "They are not the published cube: something was changed, or cut off. No number of it is shown.",
  );
}

async function read(name) {
  const bytes = await bytesOf(name);
  if (bytes === null) throw new NotHere(name);
  return new Cube(name, await checked(name, bytes)).read();
}

async function checked(name, bytes) {
  const found = await sha256(bytes);
  if (found !== atlas.experiments[name].digest) throw differs(name, found);
  return bytes;
}

// The cube of an experiment, once its bytes are found to be those on record.
export function open(name) {
  if (!opened.has(name)) opened.set(name, read(name));
  return opened.get(name);
}

// Takes bytes from a file or an address for a cube that is not inside.
export async function give(name, bytes) {
  given.set(name, await checked(name, bytes));
  opened.delete(name);
}

// The whole file at an address: a hash can be had of no less.
export async function fetched(address) {
  if (!/^https?:/.test(address)) throw new Error(`${address} is no address of http or https; a file of this machine is opened by its button above.`);
  let answer;
  try {
    answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    if (error.name === "TimeoutError") throw new Error(`${address} has not answered in ${PATIENCE / 1000} seconds.`);
    throw new Error(`${address} could not be read: nothing answers there, or its server lets no other page read it (CORS).`);
  }
  throw new Error(`${address} answers ${answer.status}${answer.statusText ? ` (${answer.statusText})` : ""}, no cube.`);
}

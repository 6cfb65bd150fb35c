// Everything in a published cube, as zarrita.js reads it: JSON on standard output.
//
//     node read.mjs file cube.zarr.zip        the bytes of the file, as a page holds them
//     node read.mjs url https://…/cube.zarr.zip     by range requests
//
// {"groups": {"/layers": attributes},
//  "arrays": {"/layers/loss": {"dtype", "shape", "dims", "attributes", "values"}}}
// Numbers that JSON does not have are text: "NaN", "Infinity", "-Infinity"; integers of 64 bits too.
// Of more than 100,000 numbers the sha256 of their bytes is told instead: "digest".

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import ZipFileStore from "@zarrita/storage/zip";
import * as zarr from "zarrita";

const [how, where] = process.argv.slice(2);
const zip =
  how === "url"
    ? ZipFileStore.fromUrl(where)
    : ZipFileStore.fromBlob(new Blob([await readFile(where)]));
const store = await zarr.withConsolidatedMetadata(zip, { format: "v3" });
const root = await zarr.open(store, { kind: "group" });

const plain = (value) =>
  typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))
    ? String(value)
    : value;

const told = { groups: {}, arrays: {} };
for (const { path, kind } of store.contents()) {
  const node = await zarr.open(root.resolve(path), { kind });
  if (kind === "group") {
    told.groups[path] = node.attrs;
    continue;
  }
  const { data, shape } = await zarr.get(node);
  told.arrays[path] = {
    dtype: String(node.dtype),
    shape,
    dims: node.dimensionNames ?? [],
    attributes: node.attrs,
    ...(data.length > 100_000
      ? { digest: createHash("sha256").update(data).digest("hex") }
      : { values: Array.from(data, plain) }),
  };
}
process.stdout.write(JSON.stringify(told));

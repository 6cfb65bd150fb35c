// The licences of all packages that went into the bundle, from esbuild's list of its inputs.
//
//     node licenses.mjs meta.json > zarrita.LICENSES.txt

import { readFile, readdir } from "node:fs/promises";

const { inputs } = JSON.parse(await readFile(process.argv[2], "utf8"));
const names = new Set();
for (const path of Object.keys(inputs)) {
  const found = path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) names.add(found[1]);
}
const parts = [];
for (const name of [...names].sort()) {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no file of its licence`);
  const text = (await readFile(`${folder}/${file}`, "utf8")).replaceAll("\r\n", "\n").trim();
  parts.push(`${name} ${version} (${license})\n${"-".repeat(72)}\n${text}\n`);
}
process.stdout.write(parts.join("\n\n"));

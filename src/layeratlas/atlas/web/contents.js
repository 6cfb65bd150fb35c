// What the page tells, as Python gathered it (layeratlas/atlas/contents.py).

import { unpacked } from "atlas/bytes";

export const atlas = JSON.parse(new TextDecoder().decode(await unpacked("contents")));

export const { files, settings, plans, environments } = atlas.origins;

export const claimsOf = (experiment) =>
  atlas.claims.filter((claim) => claim.experiments.includes(experiment));

export const claimOf = (anchor) => atlas.claims.find((claim) => claim.anchor === anchor);

// A file by the first digits of its digest, as addresses have it.
export const keyOf = (number) => files[number].digest.slice(0, 12) || files[number].path;

export const fileOf = (key) => files.findIndex((file, number) => keyOf(number) === key);

// Files that hold a run, by what they are: its measurement, its shard.
export function filesOfRun(run) {
  return files
    .map((file, number) => ({ file, number }))
    .filter(({ file }) => file.plan && plans[file.plan].run_ids.includes(run));
}

// Everything that a file was made from, each once, itself first.
export function ancestors(number) {
  const found = [number];
  for (let k = 0; k < found.length; k += 1) {
    for (const next of files[found[k]].made_from) if (!found.includes(next)) found.push(next);
  }
  return found;
}

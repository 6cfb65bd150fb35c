// What the page needs of zarrita.js, for esbuild: reading a zip of zarr.
export { default as ZipFileStore } from "@zarrita/storage/zip";
export { get, open, root } from "zarrita";

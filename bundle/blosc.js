// Blosc as cubes are written with it: zstd, bytes shuffled or not. Compiled to WebAssembly with all
// its compressors, as numcodecs has it, it is ten times as large as all else in the bundle, and needs
// a page that may evaluate text.
//
// A chunk is a header of 16 bytes, the places of its blocks, and the blocks, each with its length
// before it: https://github.com/Blosc/c-blosc, README_CHUNK_FORMAT.rst.

import { decompress } from "fzstd";

const HEADER = 16;
const FLAGS = { shuffled: 1, copied: 2, bitShuffled: 4, unsplit: 16 };
const ZSTD = 4;

export default {
  fromConfig: () => ({
    kind: "bytes_to_bytes",
    encode() {
      throw new Error("cubes are read here, not written");
    },
    decode,
  }),
};

function decode(chunk) {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const [flags, itemSize] = [view.getUint8(2), view.getUint8(3)];
  const [size, blockSize] = [view.getUint32(4, true), view.getUint32(8, true)];
  if (flags & FLAGS.copied) return chunk.slice(HEADER, HEADER + size);
  if (flags >> 5 !== ZSTD || flags & FLAGS.bitShuffled || !(flags & FLAGS.unsplit)) {
    throw new Error("this kind of blosc is not in the page: cubes are written with zstd, in whole blocks, their bytes shuffled");
  }
  const whole = new Uint8Array(size);
  for (let k = 0; k * blockSize < size; k += 1) {
    const block = whole.subarray(k * blockSize, (k + 1) * blockSize);
    const start = view.getUint32(HEADER + 4 * k, true);
    const length = view.getUint32(start, true);
    const stored = chunk.subarray(start + 4, start + 4 + length);
    // What compression would not make smaller stands as it is.
    const read = length === block.length ? stored : decompress(stored, new Uint8Array(block.length));
    block.set(flags & FLAGS.shuffled ? unshuffled(read, itemSize) : read);
  }
  return whole;
}

// All first bytes of items, then all second ones, …; what is less than an item stands as it is.
function unshuffled(block, itemSize) {
  const found = block.slice();
  const items = Math.floor(block.length / itemSize);
  for (let byte = 0; byte < itemSize; byte += 1) {
    for (let item = 0; item < items; item += 1) found[item * itemSize + byte] = block[byte * items + item];
  }
  return found;
}

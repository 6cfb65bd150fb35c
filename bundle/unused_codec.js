// In the place of codecs that no cube is written with: they would double the page.
export default {
  fromConfig() {
    throw new Error("this codec is not in the page: cubes are written with blosc and crc32c");
  },
};

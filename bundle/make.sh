#!/bin/sh
# Make the one vendored bundle of the atlas' page, zarrita.js with what it needs, from its lock, into
# the folder $1 (src/layeratlas/atlas/web/vendor), with its licences and its checksum beside it. The
# same lock gives the same bytes: tests/atlas/test_bundle.py makes it again.
set -eu
into=${1:-$(dirname "$0")/../src/layeratlas/atlas/web/vendor}
mkdir -p "$into"
into=$(cd "$into" && pwd)
cd "$(dirname "$0")"
sh ../envs/node.sh "to make the bundle"
npm ci --no-audit --no-fund --loglevel=error >/dev/null
meta=$(mktemp)
trap 'rm -f "$meta"' EXIT
trap 'exit 1' HUP INT TERM
node_modules/.bin/esbuild zarrita.js --bundle --format=iife --global-name=zarrita \
    --platform=browser --target=es2022 --minify --charset=utf8 --legal-comments=inline \
    --log-level=warning --external:worker_threads \
    --alias:numcodecs/blosc=./blosc.js \
    --alias:numcodecs/zstd=./unused_codec.js --alias:numcodecs/lz4=./unused_codec.js \
    --metafile="$meta" --outfile="$into/zarrita.js"
node licenses.mjs "$meta" >"$into/zarrita.LICENSES.txt"
(cd "$into" && sha256sum zarrita.js >zarrita.js.sha256)

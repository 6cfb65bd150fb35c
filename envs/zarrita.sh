#!/bin/sh
# Install zarrita.js for tests/crosscheck/test_zarrita.py, from its lock.
set -eu
cd "$(dirname "$0")"
sh node.sh "by the test of zarrita.js, which is skipped without them"
cd "../tests/crosscheck/zarrita"
npm ci --no-audit --no-fund --silent

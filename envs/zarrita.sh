#!/bin/sh
# Install zarrita.js for tests/crosscheck/test_zarrita.py, from its lock; node from Debian where it
# is missing and root may install it.
set -eu
cd "$(dirname "$0")/../tests/crosscheck/zarrita"
if ! command -v npm >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "node and npm are needed; without them the test of zarrita.js is skipped" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
fi
npm ci --no-audit --no-fund --silent

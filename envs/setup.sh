#!/bin/sh
# Make the isolated environment in $1 from the lock. Idempotent: run again, it mends.
set -eu
venv=$1
cd "$(dirname "$0")/.."
for python in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
    if "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        found=$python
        break
    fi
done
if [ -z "${found:-}" ]; then
    echo "Layer Atlas needs Python 3.11 or newer with the venv module; set PYTHON=/path/to/python3" >&2
    exit 1
fi
[ -x "$venv/bin/python" ] || "$found" -m venv "$venv"
echo "setting up $venv with $("$venv/bin/python" --version); this happens once"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r envs/requirements.lock
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --no-build-isolation --editable .

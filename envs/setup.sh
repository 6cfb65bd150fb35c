#!/bin/sh
# Make the isolated environment in $1 from the lock. Idempotent: run again, it mends.
set -eu
case $1 in
    /*) venv=$1 ;;
    *) venv=$PWD/$1 ;;
esac
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
mkdir -p "$venv" 2>/dev/null || true
if ! [ -w "$venv" ]; then
    echo "$venv cannot be written, and the environment is to be made or brought up to" \
        "envs/requirements.lock there; name another place: make VENV=/path/to/venv ..." >&2
    exit 1
fi
[ -x "$venv/bin/python" ] || "$found" -m venv "$venv"
echo "setting up $venv with $("$venv/bin/python" --version); this happens once"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r envs/requirements.lock
source=$PWD
if ! [ -w . ] || ! [ -w src ]; then
    # An editable install leaves notes beside the code. Where it may not, it gets a folder in the
    # environment, in which a link leads to the code.
    source=$venv/source
    rm -rf "$source"
    mkdir -p "$source/src"
    cp pyproject.toml README.md LICENSE "$source"
    chmod -R u+w "$source"
    for package in layeratlas snakemake_logger_plugin_layeratlas; do
        ln -s "$PWD/src/$package" "$source/src/$package"
    done
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --no-build-isolation --editable "$source"

#!/bin/sh
# See that there is npm: node comes from Debian where it is missing and root may install it.
set -eu
command -v npm >/dev/null && exit
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "node and npm are needed $1" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null

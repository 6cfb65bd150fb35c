#!/bin/sh
# Install the small ones of the programs that tests/figures/test_programs.py sends figures through, and
# the browser that tests marked `browser` look at pages with (made/browser.py).
# Root, Debian or Ubuntu; what is not there is skipped by the tests.
set -eu
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "programs are installed by apt-get, as root; without them their tests are skipped" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
[ -n "$(find /var/lib/apt/lists -name '*_Packages*' -mmin -600 2>/dev/null)" ] || apt-get update -qq
apt-get install -y -qq --no-install-recommends \
    chromium qpdf poppler-utils ghostscript librsvg2-bin tesseract-ocr tesseract-ocr-eng >/dev/null

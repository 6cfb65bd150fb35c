#!/bin/sh
# Pack the environment in $1 into the one file $2: a squashfs (environment.sqsh), or a plain tar
# where its name ends in .tar.
#
#   sh envs/pack.sh .venv environment.sqsh
#
# A virtual environment is some 50,000 files, which quotas of clusters count and shared file systems
# open slowly. In one file it is one. It is used where it is mounted or unpacked, by its python:
# commands in its bin/ name the folder in which they were installed.
set -eu
venv=${1:-.venv}
file=${2:-environment.sqsh}
python=$venv/bin/python
if ! "$python" -c 'import sys; sys.exit(sys.prefix == sys.base_prefix)' 2>/dev/null; then
    echo "$venv is no virtual environment; make env makes one, or name yours:" \
        "sh envs/pack.sh VENV FILE" >&2
    exit 1
fi
case $file in
    *.sqsh | *.squashfs | *.tar) ;;
    *)
        echo "$file: the file is a squashfs, *.sqsh, or a tar, *.tar" >&2
        exit 1
        ;;
esac
case $file in
    *.tar) ;;
    *)
        if ! command -v mksquashfs >/dev/null; then
            echo "mksquashfs is not installed (squashfs-tools); a tar needs nothing:" \
                "sh envs/pack.sh $venv ${file%.*}.tar" >&2
            exit 1
        fi
        ;;
esac
# Mounted, nothing in it can be written: what is not compiled now is compiled by every job.
"$python" -m compileall -q -j 0 "$venv/lib" >/dev/null || true
part=$file.part-$$
trap 'rm -f "$part"' EXIT
trap 'exit 1' HUP INT TERM
case $file in
    *.tar) tar --create --file="$part" --directory="$venv" --owner=0 --group=0 . ;;
    *)
        mksquashfs "$venv" "$part" -noappend -all-root -no-progress -quiet -no-xattrs \
            -comp zstd -Xcompression-level 6 >&2
        ;;
esac
mv "$part" "$file"
echo "$file: $(find "$venv" | wc -l) files and folders of $(du -sm "$venv" | cut -f1) MB in one" \
    "file of $(du -m "$file" | cut -f1) MB"
# The interpreter itself stays outside: the nodes need the same one, at the same place.
echo "it needs $("$python" -c 'import os, sys; print(os.path.realpath(sys.executable))')" \
    "on the nodes, and is used so:"
case $file in
    *.tar) echo "  mkdir \$TMPDIR/env && tar -xf $file -C \$TMPDIR/env" ;;
    *) echo "  mkdir \$TMPDIR/env && squashfuse $file \$TMPDIR/env" ;;
esac
echo "  \$TMPDIR/env/bin/python -m snakemake figures/phase_diagram.pdf"
echo "  layeratlas allocation --hours 4 --image $file figures/phase_diagram.pdf"

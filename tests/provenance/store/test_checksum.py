"""The checksum of a file beside it."""

from __future__ import annotations

import pytest

from layeratlas.provenance.store import checksum


@pytest.fixture
def file(tmp_path):
    place = tmp_path / "index.sqlite"
    place.write_bytes(bytes(range(256)) * 8000)  # more than a piece
    checksum.note(place)
    return place


def test_what_was_written_fits(file):
    assert checksum.fits(file)
    checksum.check(file)
    before = checksum.checksum_path(file).stat()
    checksum.note(file)
    assert checksum.checksum_path(file).stat() == before, "nothing to write"


@pytest.mark.parametrize("at", [0, 2_000_000])
def test_a_flipped_bit_does_not(file, at):
    content = bytearray(file.read_bytes())
    content[at] ^= 4
    file.write_bytes(content)
    assert not checksum.fits(file)
    with pytest.raises(OSError, match="not what was written"):
        checksum.check(file)
    checksum.note(file)
    assert checksum.fits(file)


def test_neither_does_what_is_missing_cut_or_another(file):
    content, noted = file.read_bytes(), checksum.checksum_path(file).read_bytes()
    file.write_bytes(content[:-1])
    assert not checksum.fits(file)
    file.write_bytes(content)
    for text in (b"", b"\xff" * 10**6, noted[:-2], noted.replace(b" ", b"  ")):
        checksum.checksum_path(file).write_bytes(text)
        assert not checksum.fits(file), text[:20]
    checksum.checksum_path(file).unlink()
    assert not checksum.fits(file)
    file.unlink()
    assert not checksum.fits(file)

"""A figure says inside what it was made from."""

from __future__ import annotations

import json

import pikepdf
import pytest
from matplotlib.figure import Figure

from layeratlas.errors import StoreError
from layeratlas.figures import output

IDENTITY = {"figure": "f", "code": "(c0de)\\", "cube a": "12" * 32, "dataset a": "é"}


@pytest.fixture
def saved(tmp_path):
    return output.save(Figure(), tmp_path / "f", IDENTITY)


def test_all_formats_carry_it(saved):
    assert [output.read_identity(path) for path in saved] == [IDENTITY] * 3


def test_the_pdf_carries_a_file_that_viewers_can_save(saved):
    with pikepdf.open(saved[0]) as document:
        (name,) = document.attachments
        content = document.attachments[name].get_file().read_bytes()
        assert name == "layeratlas.json"
        assert json.loads(content) == IDENTITY
        assert json.loads(str(document.docinfo["/Keywords"])) == IDENTITY
        check = getattr(document, "check_pdf_syntax", None) or document.check  # before pikepdf 10
        assert check() == []
        del document.attachments[name]
        document.save(saved[0].with_name("stripped.pdf"))
        del document.docinfo["/Keywords"]
        document.save(saved[0].with_name("bare.pdf"))
    assert output.read_identity(saved[0].with_name("stripped.pdf")) == IDENTITY
    with pytest.raises(StoreError, match="carries no identity"):
        output.read_identity(saved[0].with_name("bare.pdf"))


def test_another_identity_is_another_file(saved, tmp_path):
    other = output.save(Figure(), tmp_path / "other" / "f", IDENTITY | {"cube a": "34" * 32})
    for one, two in zip(saved, other, strict=True):
        assert one.read_bytes() != two.read_bytes()


@pytest.mark.parametrize("kind", output.FORMATS)
def test_damaged_and_missing_files_are_told(saved, kind, tmp_path):
    path = next(path for path in saved if path.suffix == f".{kind}")
    for content in (b"", b"no figure at all", path.read_bytes()[:100]):
        path.write_bytes(content)
        with pytest.raises(StoreError, match=r"cannot be read as|carries no identity"):
            output.read_identity(path)
    with pytest.raises(StoreError, match="No such file"):
        output.read_identity(tmp_path / f"nothing.{kind}")

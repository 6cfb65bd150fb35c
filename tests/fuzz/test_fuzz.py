"""Whatever a file holds or a person types: a sentence, in bounds, and nothing else.

Each kind of file is spoiled, parts exchanged and replaced more often than bytes, and what reads it
is asked. No traceback, nothing above 10 s of processor time or 1 GiB, nothing touched outside the
project; a refusal is one printable line of at most 400 characters that names the file; and a
question about the whole project is answered all the same. To try a failing case again, put the file
that is named into a project and ask.
"""

from __future__ import annotations

import zipfile

import pytest
from made.fuzzing.archives import WAYS_OUT, packed, with_groups
from made.fuzzing.judging import faults, refused
from made.fuzzing.kinds import KINDS
from made.fuzzing.running import fuzz

FEW, MANY = 12, 200
"""Cases of a kind."""


def test_there_are_as_many_cases_as_are_promised():
    assert FEW * len(KINDS) >= 300
    assert MANY * len(KINDS) >= 5000


@pytest.mark.parametrize("name", KINDS)
def test_a_spoiled_file_is_refused_in_words_or_read(name, cases, tmp_path):
    tally = fuzz(name, cases, tmp_path, FEW, most=1)
    assert tally.cases == FEW
    assert tally.answers >= FEW
    assert not tally.found, tally.told()


@pytest.mark.parametrize("way", WAYS_OUT, ids=" ".join)
def test_no_group_of_a_cube_leads_out_of_its_folder(way, cases):
    path = "results/smoke/cubes/first_order_chain.zarr.zip"
    with zipfile.ZipFile(cases.project / path) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    content = packed(with_groups(members, way), zipfile.ZIP_STORED)
    asked = ("tree", "unpacked", "crate_of")
    reply = cases.ask(path, content, asked)
    assert not list(faults(KINDS["cube"], path, asked, reply))
    assert all(refused(answer) for answer in reply.answers[:2])


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_many_spoiled_files_are_refused_in_words_or_read(name, cases, tmp_path):
    tally = fuzz(name, cases, tmp_path, MANY, number=1)
    assert tally.cases == MANY
    assert not tally.found, tally.told()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["experiment", "config"])
def test_snakemake_itself_refuses_spoiled_configuration_in_words(name, cases, tmp_path):
    tally = fuzz(name, cases, tmp_path, 20, number=2, asked=("dry_run",))
    assert tally.cases == 20
    assert not tally.found, tally.told()

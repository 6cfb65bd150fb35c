"""What `accept` refuses before it looks at results; see workflow/test_acceptances too."""

from __future__ import annotations

import pytest

from layeratlas.errors import StoreError
from layeratlas.provenance.ask.accepting import LONGEST, accept


@pytest.mark.parametrize("because", ["", " \n\t ", "x" * (LONGEST + 1)])
def test_a_reason_is_asked_for(tmp_path, because):
    with pytest.raises(StoreError, match="say in 1 to 2000"):
        accept("figures/f.pdf", because, tmp_path)


def test_what_is_on_no_record_is_unknown(recorded):
    with pytest.raises(StoreError, match="neither a file here"):
        accept("figures/nothing.pdf", "no matter", recorded.root)

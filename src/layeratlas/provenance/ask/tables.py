"""Answers as DataFrames: the promised columns, None where nothing is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def frame(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], **types: Any) -> pd.DataFrame:
    """A row for each mapping; `types` are dtypes of single columns.

    All other columns hold Python objects: pandas would turn None into NaN, and true into 1.
    """
    import pandas as pd

    cells = [[row.get(name) for name in columns] for row in rows]
    return pd.DataFrame(cells, columns=list(columns), dtype=object).astype(types)

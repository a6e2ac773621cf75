from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_core.columns import bytes_column, moment_column, number_column, text_column


@settings(deadline=None)
@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]))))
def test_texts_and_bytes_are_pyarrows(values: list[str | None]) -> None:
    texts, encoded = text_column(values), [None if value is None else value.encode() for value in values]
    for column, given_values, kind in ((texts, values, pa.string()), (bytes_column(encoded), encoded, pa.binary())):
        column.validate(full=True)
        assert column.equals(pa.array(given_values, kind))


@settings(deadline=None)
@given(st.lists(st.none() | st.integers(-(2**62), 2**62)))
def test_numbers_and_moments_are_pyarrows(values: list[int | None]) -> None:
    for column, kind in ((number_column(values), pa.int64()), (moment_column(values), pa.timestamp("us"))):
        column.validate(full=True)
        assert column.equals(pa.array(values, kind))

"""Bags as arrays, and the order of their numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.policies.search.bags import Bags, sorting


def test_features_are_numbered_as_they_come() -> None:
    bags = Bags.of([{"b:贷款": 2.0, "b:贴息": 1.0}, {}, {"p:dai kuan": 1.0, "b:贷款": 3.0}])
    assert list(bags.numbers.items()) == [("b:贷款", 0), ("b:贴息", 1), ("p:dai kuan", 2)]
    assert bags.features.tolist() == [0, 1, 2, 0]
    assert bags.counts.tolist() == [2, 1, 1, 3]
    assert bags.sizes.tolist() == [2, 0, 2]
    # A feature that nobody holds is not made up by asking for it.
    assert bags.numbers.get("b:房租") is None and "b:房租" not in bags.numbers


@given(st.lists(st.integers(0, 2**31 - 1) | st.integers(0, 3), max_size=50))
def test_equal_numbers_keep_their_order(values: list[int]) -> None:
    array = np.array(values, np.int64)
    assert sorting(array).tolist() == np.argsort(array, kind="stable").tolist()

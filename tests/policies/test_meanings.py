"""What a message means is worked out once, also when several ask for it at the same time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bot.policies.search.encoder import Meanings, Vectors


class SlowEncoder:
    """Counts what it is asked and stays at work until it is let go."""

    name, size = "slow", 2

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.begun, self.go = threading.Event(), threading.Event()
        self.fails = False

    def queries(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        self.begun.set()
        assert self.go.wait(10)
        if self.fails:
            raise MemoryError("full")
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)

    def passages(self, texts: Sequence[str]) -> Vectors:
        raise AssertionError("no clause is encoded here")


def test_what_is_at_work_already_is_waited_for() -> None:
    encoder = SlowEncoder()
    meanings = Meanings(encoder, 4)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(meanings.of, "小升规奖励多少")
        assert encoder.begun.wait(10)
        second = pool.submit(meanings.of, "小升规奖励多少")
        assert not second.done()
        encoder.go.set()
        assert first.result(10).tolist() == second.result(10).tolist() == [7.0, 1.0]
    assert encoder.asked == ["小升规奖励多少"]


def test_only_the_last_ones_are_kept() -> None:
    encoder = SlowEncoder()
    encoder.go.set()
    meanings = Meanings(encoder, 2)
    for question in ("一", "二", "一", "三", "一", "二"):
        meanings.of(question)
    # 一 was asked for again and stayed; 二 had to go for 三.
    assert encoder.asked == ["一", "二", "三", "二"]


def test_a_failure_is_told_and_tried_again() -> None:
    encoder = SlowEncoder()
    encoder.go.set()
    encoder.fails = True
    meanings = Meanings(encoder, 2)
    with pytest.raises(MemoryError):
        meanings.of("高企")
    encoder.fails = False
    assert meanings.of("高企").tolist() == [2.0, 1.0]

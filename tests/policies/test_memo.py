"""What was asked for is worked out once, also when several ask for it at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.policies.search.memo import Memo


class SlowWork:
    """Counts what it is asked and stays at work until it is let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.begun, self.go = threading.Event(), threading.Event()
        self.fails = False

    def __call__(self, text: str) -> int:
        self.asked.append(text)
        self.begun.set()
        assert self.go.wait(10)
        if self.fails:
            raise MemoryError("full")
        return len(text)


def test_what_is_at_work_already_is_waited_for() -> None:
    work = SlowWork()
    memo = Memo(work, 4)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(memo, "小升规奖励多少")
        assert work.begun.wait(10)
        second = pool.submit(memo, "小升规奖励多少")
        assert not second.done()
        work.go.set()
        assert first.result(10) == second.result(10) == 7
    assert work.asked == ["小升规奖励多少"]


def test_only_the_last_ones_are_kept() -> None:
    work = SlowWork()
    work.go.set()
    memo = Memo(work, 2)
    for question in ("一", "二", "一", "三", "一", "二"):
        memo(question)
    # 一 was asked for again and stayed; 二 had to go for 三.
    assert work.asked == ["一", "二", "三", "二"]


def test_a_failure_is_told_and_tried_again() -> None:
    work = SlowWork()
    work.go.set()
    work.fails = True
    memo = Memo(work, 2)
    with pytest.raises(MemoryError):
        memo("高企")
    work.fails = False
    assert memo("高企") == 2


def test_who_waits_is_told_of_a_failure_too() -> None:
    work = SlowWork()
    work.fails = True
    memo = Memo(work, 2)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(memo, "高企")
        assert work.begun.wait(10)
        second = pool.submit(memo, "高企")
        work.go.set()
        for asked in (first, second):
            with pytest.raises(MemoryError):
                asked.result(10)

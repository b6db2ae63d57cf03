"""Whether a message asks as those do that some clause answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bot.policies.asking import Asking, read_asking, rows_of
from bot.policies.loader import ASKING
from bot.policies.model import Snapshot
from bot.policies.search import Search
from bot.policies.search.learning_asking import regression
from bot.settings import project_root

DAY = date(2026, 11, 21)
ANSWERED = ["稳岗返还有多少", "升规奖励怎么领", "电价优惠有没有", "贷款贴息给多少"] * 5
UNANSWERED = ["电费单子哪错了找谁赔", "贷款中介的钱不退", "升规代办收几千"] * 3


@pytest.fixture(scope="module")
def learned() -> Asking:
    return regression(ANSWERED, UNANSWERED)


def test_the_learned_are_told_apart(learned: Asking) -> None:
    assert max(map(learned.unanswered, ANSWERED)) < 0
    assert min(map(learned.unanswered, UNANSWERED)) > 0


def test_what_is_asked_counts_more_than_what_it_is_about(learned: Asking) -> None:
    assert learned.unanswered("返还的钱不退找谁赔") > learned.unanswered("中介贷款有没有优惠")


def test_learning_twice_gives_the_same(learned: Asking) -> None:
    assert (regression(ANSWERED, UNANSWERED).words == learned.words).all()


def test_a_message_without_anything_gives_a_number(learned: Asking) -> None:
    assert np.isfinite(learned.unanswered(""))


def test_what_is_written_is_read(tmp_path: Path, learned: Asking) -> None:
    path = tmp_path / "asking.npz"
    learned.save(path)
    assert read_asking(path).unanswered("电价") == pytest.approx(learned.unanswered("电价"))


@pytest.mark.parametrize("intercept", [np.zeros(2, np.float32), np.zeros((1, 1), np.float32)])
def test_another_shape_is_refused(tmp_path: Path, intercept: np.ndarray) -> None:
    path = tmp_path / "asking.npz"
    Asking(np.zeros(8, np.float32), intercept).save(path)
    with pytest.raises(ValueError, match="intercept"):
        read_asking(path)


def test_the_places_of_runs_are_each_named_once() -> None:
    rows = rows_of("电价电价", 1 << 14)
    assert rows == sorted(set(rows))
    assert rows_of("電價", 1 << 14) == rows_of("电价", 1 << 14)


def test_the_model_of_the_base_is_loaded(snapshot: Snapshot) -> None:
    assert (project_root() / "policies_kb" / ASKING).is_file()
    assert snapshot.asking is not None


@pytest.mark.parametrize(
    ("answered", "unanswered"),
    [
        ("六税两费小微减半吗", "税务系统点不开找谁弄"),
        ("用电方面有啥优惠政策", "电费单子多算了我四百找谁退"),
        ("专利质押贷款给贴息不", "代理写专利的把我坑了钱不退"),
        ("升规以后给奖励吗", "代账公司把我报表弄错了要赔"),
        ("困难企业的社保能缓缴吗", "我自己断了三年的社保补上要多少钱"),
    ],
)
def test_what_no_clause_answers_is_told_by_its_wording(
    snapshot: Snapshot, answered: str, unanswered: str
) -> None:
    assert snapshot.asking is not None
    assert snapshot.asking.unanswered(unanswered) > snapshot.asking.unanswered(answered) + 0.5


def test_the_search_doubts_what_is_worded_so(snapshot: Snapshot) -> None:
    size = 1 << 4
    text = "小微企业房产税减免"

    def decision(intercept: float) -> str:
        model = Asking(np.zeros(size, np.float32), np.array([intercept], np.float32))
        return Search(replace(snapshot, asking=model)).find(text, DAY).decision

    assert (decision(-6.0), decision(30.0)) == ("answer", "nothing")

"""What a told case denies in words of its own, and where nothing is taken on likelihood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml

from bot.errors import KnowledgeError
from bot.policies.answer import Assistant
from bot.policies.answer.wording import tells_a_case
from bot.policies.eligibility.listener import SIGNALS, Listener, parts_of
from bot.policies.eligibility.mentions import mentions
from bot.policies.eligibility.programme import Programme
from bot.policies.listening import OUTCOMES, Listening, read_listening, wording_of
from bot.policies.loader import LISTENING, load
from bot.policies.model import Snapshot
from bot.policies.search import Search

DAY = date(2026, 11, 22)
ROOT = Path(__file__).resolve().parents[2]
PROGRAMME, FACT = "small_to_scale_award", "first_time_above_scale"


def _model(buckets: int = 128) -> Listening:
    words = np.zeros((len(OUTCOMES), buckets), np.int8)
    words[OUTCOMES.index(False)] = np.rint(40 * wording_of("没轮上我们", "没轮上我们", buckets))
    slopes = np.array([[0.0], [1.0], [1.0]], np.float32)
    ones = np.ones(len(OUTCOMES), np.float32)
    return Listening(np.array(["near"]), slopes, words, ones / 40, 0 * ones)


def test_wording_and_signals_tell_together() -> None:
    model, no = _model(), OUTCOMES.index(False)
    denied = model.shares({"near": 1.0}, "没轮上我们", "没轮上我们")
    plain = model.shares({"near": 1.0}, "三百来号人", "三百来号人")
    assert sum(denied) == pytest.approx(1.0)
    assert denied[no] > 0.9 > plain[no]
    far = model.shares({"near": -5.0}, "三百来号人", "三百来号人")
    assert far[OUTCOMES.index(None)] > 0.9


def test_a_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "listening.npz"
    _model().save(path)
    told = {"near": 0.3}, "没轮上我们", "没轮上我们，能领不"
    assert read_listening(path).shares(*told) == pytest.approx(_model().shares(*told))


@pytest.mark.parametrize("field", ["slopes", "words", "scales", "intercepts"])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, field: str) -> None:
    path = tmp_path / "listening.npz"
    good = _model()
    bad = np.zeros(len(OUTCOMES) + 1, getattr(good, field).dtype)
    replace(good, **{field: bad}).save(path)
    with pytest.raises(ValueError, match=field):
        read_listening(path)


def test_the_file_belongs_to_the_signals(snapshot: Snapshot) -> None:
    assert snapshot.listening is not None
    assert tuple(snapshot.listening.names.tolist()) == SIGNALS, "run scripts/fit_listening.py"
    assert snapshot.listening.words.shape[0] == len(OUTCOMES)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("铸造厂，没进去 没戏吧？", ["铸造厂", "没进去", "没戏吧"]),
        ("。", ["。"]),
    ],
)
def test_a_message_is_heard_part_by_part(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts


def test_long_parts_are_cut_into_pieces_that_leave_nothing_out() -> None:
    text = "我们那个做法兰的厂子前前后后折腾了两年多到最后统计局那边还是没有把我们给弄进去"
    pieces = parts_of(text)
    assert len(pieces) > 1
    assert all(piece in text for piece in pieces)
    covered = {
        i for piece in pieces for i in range(text.find(piece), text.find(piece) + len(piece))
    }
    assert covered == set(range(len(text)))


def test_the_part_that_speaks_of_a_fact_is_compared_with_it(snapshot: Snapshot) -> None:
    listener = Listener(snapshot.facts.facts, snapshot.programmes.values())
    fact, programme = snapshot.facts.facts[FACT], snapshot.programmes[PROGRAMME]
    heeded = listener.heed("太谷的铸件厂，规上入统没轮上我们，能领不", fact, programme, {})
    assert heeded.part == "规上入统没轮上我们"
    assert set(heeded.signals) == set(SIGNALS)
    assert heeded.signals["alike"] > 0


def _unheard(snapshot: Snapshot) -> Iterator[tuple[Programme, str, str, bool]]:
    """Of the written cases, what they tell of yes-or-no facts without any known word."""
    rows = yaml.safe_load((ROOT / "policies_kb/tellings.yml").read_text("utf-8"))["tellings"]
    for row in rows:
        programme, text = snapshot.programmes[row["programme"]], row["text"]
        own = [snapshot.facts.facts[name] for name in programme.facts]
        heard = {mention.fact for mention in mentions(text, own, DAY)}
        for fact in own:
            value = row.get("facts", {}).get(fact.id)
            if fact.type == "boolean" and isinstance(value, bool) and fact.id not in heard:
                yield programme, text, fact.id, value


def test_what_no_known_word_denies_is_heard_in_told_cases(
    assistant: Assistant, snapshot: Snapshot
) -> None:
    told = [
        (value, assistant._eligibility.heard(programme, text, DAY).get(fact))
        for programme, text, fact, value in _unheard(snapshot)
        if tells_a_case(text)
    ]
    denials = [heard for value, heard in told if not value]
    assert len(denials) >= 10
    assert denials.count(False) / len(denials) >= 0.6
    assert True not in denials
    claims = [heard for value, heard in told if value]
    assert claims.count(False) / len(claims) <= 0.1


@pytest.mark.parametrize(
    ("programme", "question"),
    [
        ("data_base_platform_operation_award", "大数据基地的平台补贴没有了吗"),
        ("government_procurement_contract_loan", "没有合同能不能贷"),
        ("small_to_scale_award", "升规没奖了吧"),
    ],
)
def test_nothing_is_taken_on_likelihood_of_who_only_asks(
    snapshot: Snapshot, programme: str, question: str
) -> None:
    assert not tells_a_case(question)
    assert snapshot.listening is not None
    no = OUTCOMES.index(False)
    sure = replace(snapshot.listening, intercepts=np.eye(len(OUTCOMES), dtype=np.float32)[no] * 99)
    eager = Assistant(Search(replace(snapshot, listening=sure)))
    known = Assistant(Search(replace(snapshot, listening=None)))
    one = snapshot.programmes[programme]
    heard = known._eligibility.heard(one, question, DAY)
    assert eager._eligibility.heard(one, question, DAY) == heard


def test_no_yes_is_taken_on_likelihood(snapshot: Snapshot) -> None:
    listener, model = Listener(snapshot.facts.facts, snapshot.programmes.values()), _model()
    sure = replace(model, intercepts=np.array([0.0, 50.0, 0.0], np.float32))
    sure = replace(sure, names=np.array(["alike"]))
    fact, programme = snapshot.facts.facts[FACT], snapshot.programmes[PROGRAMME]
    assert listener.denied("规上头一回", [fact], programme, {}, sure, 0.0001) == {}


def test_without_its_file_only_known_words_are_heard(snapshot: Snapshot) -> None:
    deaf = Assistant(Search(replace(snapshot, listening=None)))
    cases = list(_unheard(snapshot))
    assert cases
    for programme, text, fact, _ in cases:
        assert fact not in deaf._eligibility.heard(programme, text, DAY)


def test_a_damaged_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / LISTENING).write_bytes(b"nothing")
    with pytest.raises(KnowledgeError, match=LISTENING.name):
        load(tmp_path)

"""Which clause the words of a message speak for, as learned from the curated questions."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bot.cli import knowledge as command
from bot.cli.knowledge import write_classifier
from bot.errors import KnowledgeError
from bot.policies.classifier import NOTHING, Classifier, bucket, read_classifier
from bot.policies.loader import CLASSIFIER, check, load
from bot.policies.model import Snapshot
from bot.policies.search import Search
from bot.policies.search.analyzer import Analyzer
from bot.policies.search.index import curated, group_copies
from bot.policies.search.learning import Course, examples, learn
from bot.settings import Settings, project_root

ROOT = project_root() / "policies_kb"
DAY = date(2026, 11, 21)
SMALL = Course(buckets=1 << 10, size=16, epochs=60, batch=8, rate=2e-2, hidden=0.3)


@pytest.fixture(scope="module")
def few(snapshot: Snapshot) -> Snapshot:
    """Three clauses of nothing in common, each asked for in its own words."""
    keys = ("jzf-2022-14.8", "jzf-2022-14.30", "jf-2021-67.4")
    questions = {
        keys[0]: ("没裁人失业险退不退", "稳岗的钱怎么返", "保险费返还多少", "裁员少退钱吗"),
        keys[1]: ("天然气储备罐要建多大", "储气能力不够咋办", "冬天保供储气", "气源储备任务"),
        keys[2]: ("头一回进规奖多少", "小升规三十万", "首次上规模奖励", "升规有钱吗"),
    }
    clauses = {key: snapshot.clauses[key] for key in keys}
    return replace(
        snapshot,
        clauses=clauses,
        questions=questions,
        copies={},
        programmes={},
        unrelated=("今天下雨吗", "明天限号多少", "食堂几点开饭"),
        classifier=None,
    )


@pytest.fixture(scope="module")
def taught(few: Snapshot) -> Classifier:
    return learn(few, _analyzer(few), SMALL)


def _analyzer(snapshot: Snapshot) -> Analyzer:
    return Analyzer(snapshot.lexicon, snapshot.tuning.fillers)


def _likeliest(classifier: Classifier, text: str, snapshot: Snapshot) -> str:
    shares = classifier.shares(_analyzer(snapshot).learned(text))
    return str(classifier.classes[int(np.argmax(shares))])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("失业险的钱给退多少", "jzf-2022-14.8"),
        ("储气罐的任务有多大", "jzf-2022-14.30"),
        ("第一次升规给三十万吗", "jf-2021-67.4"),
        ("明天下雨吗", NOTHING),
    ],
)
def test_other_words_for_the_same_find_the_same(
    taught: Classifier, few: Snapshot, text: str, wanted: str
) -> None:
    assert _likeliest(taught, text, few) == wanted


def test_what_is_told_is_a_share_of_all(taught: Classifier) -> None:
    for features in ([], ["b:稳岗", "c:返"], ["b:没见", "b:过的", "l:xyz"]):
        shares = taught.shares(features)
        assert shares.shape == (4,)
        assert (shares >= 0).all()
        assert shares.sum() == pytest.approx(1, abs=1e-5)


def test_teaching_twice_teaches_the_same(taught: Classifier, few: Snapshot) -> None:
    again = learn(few, _analyzer(few), SMALL)
    features = _analyzer(few).learned("失业险的钱给退多少")
    assert again.shares(features) == pytest.approx(taught.shares(features), abs=1e-3)


def test_a_feature_no_example_holds_says_nothing(taught: Classifier, few: Snapshot) -> None:
    held = {f for _, text in examples(few) for f in _analyzer(few).learned(text)}
    rows = {bucket(feature, SMALL.buckets) for feature in held}
    strange = next(f"b:{n}" for n in range(10**6) if bucket(f"b:{n}", SMALL.buckets) not in rows)
    assert taught.shares([strange]) == pytest.approx(taught.shares([]), abs=1e-6)


def test_every_source_of_examples_is_used(snapshot: Snapshot) -> None:
    texts: dict[str, set[str]] = {}
    for key, text in examples(snapshot):
        texts.setdefault(text, set()).add(key)
    programme = snapshot.programmes["small_to_scale_award"]
    clauses = list(snapshot.clauses)
    groups = dict(zip(clauses, group_copies(snapshot).tolist(), strict=True))
    assert clauses[groups[programme.references[0]]] in texts[programme.name]
    assert texts[snapshot.unrelated[0]] == {NOTHING}
    key, question = next(curated(snapshot))
    assert clauses[groups[key]] in texts[question]
    clause = next(clause for clause in snapshot.clauses.values() if len(clause.text) < 100)
    assert clauses[groups[clause.id]] in texts[clause.text.split("。")[0]]


def test_a_file_is_read_as_it_was_written(taught: Classifier, tmp_path: Path) -> None:
    path = tmp_path / CLASSIFIER
    taught.save(path)
    assert [p.name for p in tmp_path.iterdir()] == [CLASSIFIER.name]
    features = ["b:稳岗", "b:储气", "c:规"]
    assert read_classifier(path).shares(features).tolist() == taught.shares(features).tolist()


def test_a_damaged_file_is_a_fault_of_the_base(taught: Classifier, tmp_path: Path) -> None:
    root = tmp_path / "policies_kb"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns("sources", "layouts", "vectors"))
    for bad in (
        (ROOT / CLASSIFIER).read_bytes()[:5000],
        b"nothing of the kind",
    ):
        (root / CLASSIFIER).write_bytes(bad)
        assert [fault for fault in check(root) if CLASSIFIER.name in fault]
    replace(taught, bias=taught.bias[:-1]).save(root / CLASSIFIER)
    with pytest.raises(KnowledgeError, match="bias"):
        load(root)


def test_without_the_file_the_search_does_without(few: Snapshot) -> None:
    search = Search(few)
    assert not search.evidence(search.read("失业险的钱给退多少"), "lexical").learned.any()
    assert search.find("没裁人失业险退不退", DAY).hits[0].clause.id == "jzf-2022-14.8"


def test_what_was_learned_of_a_clause_that_is_gone_tells_nothing(
    few: Snapshot, taught: Classifier
) -> None:
    left = {key: clause for key, clause in few.clauses.items() if key != "jzf-2022-14.8"}
    questions = {key: few.questions[key] for key in left}
    search = Search(replace(few, clauses=left, questions=questions, classifier=taught))
    learned = search.evidence(search.read("失业险的钱给退多少"), "lexical").learned
    assert learned.shape == (2,)
    assert learned.sum() < 0.5


def test_without_the_questions_nothing_learned_counts(few: Snapshot, taught: Classifier) -> None:
    search = Search(replace(few, classifier=taught), use_questions=False)
    assert not search.evidence(search.read("失业险的钱给退多少"), "lexical").learned.any()


def test_the_file_belongs_to_the_base(snapshot: Snapshot) -> None:
    """Every group that is asked about has its class; else ``wence kb learn`` is due."""
    assert snapshot.classifier is not None
    known = set(snapshot.classifier.classes.tolist())
    wanted = {key for key, _ in examples(snapshot)}
    assert not wanted - known, "run ./wence kb learn"
    assert len(known - wanted) < 0.02 * len(known), "run ./wence kb learn"


def test_the_file_knows_the_curated_questions(snapshot: Snapshot, search: Search) -> None:
    classifier = snapshot.classifier
    assert classifier is not None
    rows = examples(snapshot)[: sum(map(len, snapshot.questions.values()))][::97]
    right = 0
    for key, text in rows:
        shares = classifier.shares(search.analyzer.learned(text))
        right += str(classifier.classes[int(np.argmax(shares))]) == key
    # Of a file of another base or another reading of texts hardly one would be.
    assert right / len(rows) > 0.85, "run ./wence kb learn"


def test_the_command_learns_anew(
    few: Snapshot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "policies_kb").mkdir()
    monkeypatch.setattr(command, "load", lambda root: few)
    monkeypatch.setattr(command, "Course", lambda: replace(SMALL, epochs=2))
    settings = replace(Settings.load({}, tmp_path / "none.env"), root=tmp_path)
    assert write_classifier(settings) == 0
    said = capsys.readouterr()
    assert f"{CLASSIFIER}: 4 类" in said.out
    assert "第 2/2 遍" in said.err
    assert len(read_classifier(tmp_path / "policies_kb" / CLASSIFIER).classes) == 4

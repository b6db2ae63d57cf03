"""Evaluation questions stand neither in the training nor in the search data, nor nearly so."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.policies.query import normalise
from bot.settings import project_root

ROOT = project_root()
# Two texts that share so many of their character pairs are one question reworded.
NEAR = 0.7
_SHORT = 9  # characters of a turn that may well be said anywhere


def folded(text: str) -> str:
    return re.sub(r"[\W_]", "", normalise(text))


def pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)} or {text}


def evaluation() -> list[str]:
    texts = []
    for path in sorted((ROOT / "tests" / "eval" / "questions").glob("*.yml")):
        content = yaml.safe_load(path.read_text("utf-8"))
        texts += [row["text"] for key in ("questions", "refusals") for row in content[key]]
    for path in sorted((ROOT / "tests" / "eval" / "cases").glob("*.yml")):
        texts += [row["text"] for row in yaml.safe_load(path.read_text("utf-8"))["cases"]]
    for path in sorted((ROOT / "tests" / "eval" / "conversations").glob("*.yml")):
        rows = yaml.safe_load(path.read_text("utf-8"))["conversations"]
        # 算了 and 是的 are said everywhere; they teach nothing about the set.
        texts += [t["user"] for row in rows for t in row["turns"] if len(t["user"]) > _SHORT]
    for path in sorted((ROOT / "tests" / "eval" / "hearing").glob("*.yml")):
        sentences = yaml.safe_load(path.read_text("utf-8"))["sentences"]
        texts += [row["text"] for row in sentences if row["split"] == "test"]
    for path in sorted((ROOT / "tests" / "eval" / "bounds").glob("*.yml")):
        texts += [row["text"] for row in yaml.safe_load(path.read_text("utf-8"))["messages"]]
    for path in sorted((ROOT / "tests" / "eval" / "answers").glob("*.yml")):
        rows = yaml.safe_load(path.read_text("utf-8"))["answers"]
        texts += [row["text"] for row in rows if len(row["text"]) > _SHORT]
    return texts


def examples(path: Path) -> Iterator[str]:
    for line in path.read_text("utf-8").splitlines():
        match = re.match(r"\s+- (.+)$", line)
        if match and not match[1].startswith(("intent:", "action:")):
            yield match[1].strip("\"'")


def known() -> list[str]:
    texts: list[str] = []
    for path in sorted((ROOT / "policies_kb" / "questions").glob("*.yml")):
        content: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        texts += [q for rows in content["clauses"].values() for q in rows]
    for path in sorted((ROOT / "policies_kb" / "unrelated").glob("*.yml")):
        content = yaml.safe_load(path.read_text("utf-8"))
        texts += [message for rows in content["messages"].values() for message in rows]
    for path in sorted((ROOT / "policies_kb" / "programmes").rglob("*.yml")):
        texts += yaml.safe_load(path.read_text("utf-8"))["questions"]
    # The messages that the words of words.yml were found on.
    for path in sorted((ROOT / "tests" / "eligibility" / "messages").glob("*.yml")):
        texts += [row["text"] for row in yaml.safe_load(path.read_text("utf-8"))]
    rows = yaml.safe_load((ROOT / "policies_kb" / "follow_ups.yml").read_text("utf-8"))
    for row in rows["follow_ups"]:
        texts += [row["opening"], *row["stays"], *row["leaves"]]
    rows = yaml.safe_load((ROOT / "policies_kb" / "talks.yml").read_text("utf-8"))
    for row in rows["turns"]:
        texts += [row["said"], row["after"]]
    rows = yaml.safe_load((ROOT / "policies_kb" / "tellings.yml").read_text("utf-8"))
    texts += [row["text"] for row in rows["tellings"]]
    rows = yaml.safe_load((ROOT / "policies_kb" / "replies.yml").read_text("utf-8"))
    texts += [*(row["text"] for row in rows["replies"]), *rows["beside"]]
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        texts += examples(path)
    return texts


def offenders(questions: list[str], others: list[str]) -> list[tuple[str, str]]:
    exact = {folded(text): text for text in others}
    kept = [(pairs(key), text) for key, text in exact.items() if len(key) >= 6]
    holding: defaultdict[str, list[int]] = defaultdict(list)
    for index, (own, _) in enumerate(kept):
        for pair in own:
            holding[pair].append(index)
    found = []
    for question in questions:
        key = folded(question)
        if len(key) < 6:  # "你好" cannot but stand in both
            continue
        if key in exact:
            found.append((question, exact[key]))
            continue
        own = pairs(key)
        shared = Counter(index for pair in own for index in holding.get(pair, ()))
        for index, count in shared.items():
            theirs, text = kept[index]
            if count / (len(own) + len(theirs) - count) >= NEAR:
                found.append((question, text))
    return found


def test_the_sets_are_there() -> None:
    assert len(evaluation()) >= 100
    assert len(known()) >= 18_000


def test_no_evaluation_question_is_known() -> None:
    assert offenders(evaluation(), known()) == []


@pytest.mark.parametrize(
    "copy", ["我们公司 招了12个应届生，能领多少钱？", "我们公司招了12个应届生能领到多少钱呢"]
)
def test_a_copy_would_be_found(copy: str) -> None:
    assert offenders(["我们公司招了12个应届生能领多少钱"], [copy])

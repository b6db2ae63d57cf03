"""``wence eval retrieval`` as a person uses it: the table's figures, bad files, the cache."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.policies.search import open_encoder
from bot.settings import project_root

WENCE = str(Path(sys.executable).parent / "wence")
PLAIN, OURS = "只用 BM25（字词、字对）", "问策检索"

# No two share a pair of characters but for those that a question below asks for.
TEXTS = {
    "loan": "中小工厂贷款贴息由财政承担，详见公告。",
    "subsidy": "本地农户贴息按年核发下达，详见公告。",
    "upgrade-1": "机床更新补助限额五十台，详见公告。",
    "upgrade-2": "锅炉更新补助先建后付，详见公告。",
    "upgrade-3": "电梯更新补助申报两轮，详见公告。",
    "upgrade-4": "校舍更新由街道负责施行，详见公告。",
    "jobs-1": "矿山稳岗返还九成，详见公告。",
    "jobs-2": "宾馆稳岗返还六成，详见公告。",
    "jobs-3": "剧院稳岗返还七成，详见公告。",
    "travel": "旅行社保证金暂退八成，详见公告。",
    "hydrogen": "氢能重卡高速路桥通行全免，详见公告。",
    "night": "夜市摊位卫生押金取消。",
}
# Each with the place of its first right text, counted from 1, None beyond the tenth: what
# holds all of a question's words stands before what holds some, and that before the rest.
QUESTIONS: list[tuple[str, list[str], int | None]] = [
    ("旅行社保证金", ["travel"], 1),
    ("氢能重卡", ["hydrogen"], 1),
    ("夜市摊位押金", ["travel", "night"], 1),
    ("工厂贷款", ["loan"], 1),
    ("贷款贴息", ["subsidy"], 2),
    ("更新补助", ["upgrade-4"], 4),
    ("更新补助稳岗返还", ["upgrade-4"], 7),
    ("公告", ["night"], None),
]


def wence(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("WENCE_")}
    return subprocess.run(
        [WENCE, "eval", "retrieval", *map(str, arguments)],
        cwd=project_root(),
        env={**clean, **environ},
        capture_output=True,
        text=True,
        timeout=180,
        stdin=subprocess.DEVNULL,
    )


def write(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(r, ensure_ascii=False)}\n" for r in rows), "utf-8")
    return path


def corpus(folder: Path, texts: dict[str, str] = TEXTS) -> Path:
    rows = [{"id": key, "text": text} for key, text in texts.items()]
    return write(folder / "corpus.jsonl", rows)


def queries(folder: Path, rows: Sequence[tuple[str, Any]]) -> Path:
    named = [{"question": question, "gold": gold} for question, gold in rows]
    return write(folder / "queries.jsonl", named)


def run(
    folder: Path, texts: Path, asked: Path, *, encoder: bool = False
) -> subprocess.CompletedProcess[str]:
    options = () if encoder else ("--no-encoder",)
    arguments = ("--corpus", texts, "--queries", asked, *options)
    return wence(*arguments, WENCE_VAR_DIR=str(folder / "var"))


def figures(output: str) -> dict[str, list[str]]:
    """The cells of each line of the table, without the time, which no test can know."""
    lines = (re.match(r"\s*(\S.*?)((?:\s+\d+\.\d+)+)\s*$", line) for line in output.splitlines())
    return {line[1]: line[2].split()[:-1] for line in lines if line}


def expected(places: Sequence[int | None]) -> list[str]:
    """@1, @5, @10 and MRR@10 of places counted from 1; None is beyond the tenth."""
    shares = [sum(p is not None and p <= k for p in places) / len(places) for k in (1, 5, 10)]
    mrr = sum(1 / p for p in places if p is not None and p <= 10) / len(places)
    return [f"{value:.3f}" for value in (*shares, mrr)]


def test_the_figures_are_those_of_the_ranks(tmp_path: Path) -> None:
    asked = queries(tmp_path, [(question, gold) for question, gold, _ in QUESTIONS])
    result = run(tmp_path, corpus(tmp_path), asked)
    assert result.returncode == 0, result.stderr
    assert "12 篇，8 问（不用语义模型）" in result.stdout
    # 4 at once, 6 among five, 7 among ten; (4 + 1/2 + 1/4 + 1/7) / 8.
    shares = ["0.500", "0.750", "0.875", "0.612"]
    assert expected([place for _, _, place in QUESTIONS]) == shares
    assert figures(result.stdout) == {PLAIN: shares, OURS: shares}


def test_without_an_encoder_nothing_is_cached(tmp_path: Path) -> None:
    result = run(tmp_path, corpus(tmp_path), queries(tmp_path, [("氢能重卡", ["hydrogen"])]))
    assert result.returncode == 0, result.stderr
    assert not (tmp_path / "var" / "cache").exists()


def test_blank_lines_and_numbers_as_ids_are_read(tmp_path: Path) -> None:
    texts = tmp_path / "corpus.jsonl"
    texts.write_text('\n{"id": 7, "text": "氢能重卡"}\n  \n{"id": 8, "text": "夜市"}\n', "utf-8")
    result = run(tmp_path, texts, queries(tmp_path, [("夜市", [8])]))
    assert result.returncode == 0, result.stderr
    assert figures(result.stdout)[OURS] == expected([1])


def test_what_has_nothing_in_common_with_a_question_is_not_found(tmp_path: Path) -> None:
    asked = queries(tmp_path, [("苹果和香蕉", [next(iter(TEXTS))])])
    result = run(tmp_path, corpus(tmp_path), asked)
    assert figures(result.stdout) == dict.fromkeys((PLAIN, OURS), expected([None]))


GOOD_TEXT = '{"id": "a", "text": "氢能重卡高速通行全免"}'
GOOD_QUESTION = '{"question": "氢能重卡", "gold": ["a"]}'


@pytest.mark.parametrize(
    ("texts", "asked", "said"),
    [
        (f"{GOOD_TEXT}\nnonsense", GOOD_QUESTION, "corpus.jsonl:2: 不是 JSON"),
        (GOOD_TEXT, f"\n{GOOD_QUESTION}\n{{", "queries.jsonl:3: 不是 JSON"),
        (f'{GOOD_TEXT}\n{{"id": "b"}}', GOOD_QUESTION, "corpus.jsonl:2: 缺少 text"),
        ('{"text": "x"}', GOOD_QUESTION, "corpus.jsonl:1: 缺少 id"),
        ("[1]", GOOD_QUESTION, "corpus.jsonl:1: 缺少 id、text"),
        (GOOD_TEXT, '{"question": "x"}', "queries.jsonl:1: 缺少 gold"),
        (GOOD_TEXT, '{"gold": ["a"]}', "queries.jsonl:1: 缺少 question"),
        ("", GOOD_QUESTION, "corpus.jsonl: 没有内容"),
        (GOOD_TEXT, " \n\n", "queries.jsonl: 没有内容"),
        (b"\xff\xfe", GOOD_QUESTION, "corpus.jsonl: 无法读取"),
        (None, GOOD_QUESTION, "corpus.jsonl: 无法读取"),
        (GOOD_TEXT, None, "queries.jsonl: 无法读取"),
        (
            GOOD_TEXT,
            '{"question": "x", "gold": ["zz"]}',
            "queries.jsonl:1: “x”的答案 zz 不在语料里",
        ),
        (GOOD_TEXT, f'{GOOD_QUESTION}\n{{"question": "x", "gold": ["zz"]}}', "queries.jsonl:2: "),
        (GOOD_TEXT, '{"question": null, "gold": ["a"]}', "queries.jsonl:1: 缺少 question"),
        *(
            (GOOD_TEXT, f'{{"question": "x", "gold": {gold}}}', "queries.jsonl:1: ")
            for gold in ("7", "null", '"a"', "[]")
        ),
        (f'{GOOD_TEXT}\n{{"id": "a", "text": "夜市"}}', GOOD_QUESTION, "corpus.jsonl:2: "),
    ],
)
def test_a_bad_file_gets_one_line_with_its_place(
    tmp_path: Path, texts: str | bytes | None, asked: str | bytes | None, said: str
) -> None:
    for name, content in (("corpus", texts), ("queries", asked)):
        if content is not None:
            data = content if isinstance(content, bytes) else content.encode("utf-8")
            (tmp_path / f"{name}.jsonl").write_bytes(data)
    result = run(tmp_path, tmp_path / "corpus.jsonl", tmp_path / "queries.jsonl")
    # 1, as for a faulty knowledge base or a damaged backup; 2 is for a wrong call.
    assert result.returncode == 1
    assert result.stdout == ""
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith(said)


@pytest.mark.parametrize("missing", ["--corpus", "--queries"])
def test_a_call_without_one_of_the_files_exits_with_2(tmp_path: Path, missing: str) -> None:
    given = {"--corpus": corpus(tmp_path), "--queries": queries(tmp_path, [("x", ["loan"])])}
    del given[missing]
    result = wence(*(part for pair in given.items() for part in pair))
    assert result.returncode == 2
    assert missing in result.stderr


@pytest.mark.parametrize("text", ["氢能\u2028重卡", "氢能\x85重卡", "\ufeff"])
def test_what_other_tools_write_as_json_lines_is_read(tmp_path: Path, text: str) -> None:
    texts = corpus(tmp_path, {**TEXTS, "odd": text or "x"})
    if text == "\ufeff":
        texts.write_text(f"\ufeff{texts.read_text('utf-8')}", "utf-8")
    result = run(tmp_path, texts, queries(tmp_path, [("夜市摊位", ["night"])]))
    assert result.returncode == 0, result.stderr


def test_the_cache_is_written_and_used(tmp_path: Path) -> None:
    if open_encoder() is None:
        pytest.skip("no sentence encoder on this machine")
    texts = corpus(tmp_path)
    # Not a character in common: found by meaning alone, and far ahead of the others.
    asked = queries(tmp_path, [("street food stalls in the evening", ["night"])])
    cache = tmp_path / "var" / "cache" / "retrieval.npz"
    first = run(tmp_path, texts, asked, encoder=True)
    assert first.returncode == 0, first.stderr
    assert figures(first.stdout)[OURS] == expected([1])
    with np.load(cache, allow_pickle=False) as stored:
        kept = dict(stored)
    assert len(kept["keys"]) == len(TEXTS)
    # The vectors given to other texts: whoever reads them must find something else.
    kept["vectors"], kept["scales"] = np.roll(kept["vectors"], 1, 0), np.roll(kept["scales"], 1)
    np.savez(cache, **kept)
    before = cache.read_bytes()
    second = run(tmp_path, texts, asked, encoder=True)
    assert second.returncode == 0, second.stderr
    assert figures(second.stdout)[OURS] != figures(first.stdout)[OURS]
    assert cache.read_bytes() == before  # nothing was computed, so nothing is written
    # What is damaged is the same as empty.
    cache.write_bytes(b"damaged")
    third = run(tmp_path, texts, asked, encoder=True)
    assert figures(third.stdout) == figures(first.stdout)
    with np.load(cache, allow_pickle=False) as stored:
        assert len(stored["keys"]) == len(TEXTS)

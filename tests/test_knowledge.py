"""The snapshot in use: swapped as a whole, never by a faulty one, while requests go on."""

from __future__ import annotations

import asyncio
import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.knowledge import Knowledge
from bot.policies.loader import check, data_version, load
from bot.settings import project_root

DAY = date(2026, 11, 21)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    copy = tmp_path / "policies_kb"
    shutil.copytree(project_root() / "policies_kb", copy)
    return copy


def edit(root: Path, old: str, new: str, name: str = "documents/jzf-2022-14.yml") -> None:
    path = root / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_an_edited_clause_is_found_after_the_swap(root: Path, tmp_path: Path) -> None:
    knowledge = Knowledge(root)
    before = knowledge.current
    edit(root, "加强储备能力建设，完成储备要求。", "建设一座地下储气库，完成储备要求。")
    assert knowledge.refresh()
    after = knowledge.current
    assert after.snapshot.version != before.snapshot.version
    assert after.search.find("地下储气库", DAY).hits[0].clause.number == 30
    # Whoever holds the old snapshot keeps a whole one.
    assert "储气库" not in before.snapshot.clauses["jzf-2022-14.30"].text
    assert before.search.find("稳岗返还", DAY).hits
    assert not knowledge.refresh()
    knowledge.close()


def test_a_faulty_edit_is_refused_and_the_old_snapshot_stays(root: Path) -> None:
    knowledge = Knowledge(root)
    version = knowledge.current.snapshot.version
    edit(root, "number: 8\n", "number: 八\n")
    assert not knowledge.refresh()
    assert knowledge.current.snapshot.version == version
    assert knowledge.refused is not None
    assert "number" in knowledge.refused
    edit(root, "number: 八\n", "number: 8\n")
    knowledge.refresh()
    assert knowledge.refused is None
    assert knowledge.current.snapshot.version == version
    knowledge.close()


async def test_the_watch_outlives_whatever_goes_wrong(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    knowledge = Knowledge(root)
    watching = asyncio.create_task(knowledge.watch(interval=0.01))

    def broken(*_: object) -> None:
        raise AttributeError("nobody thought of this")

    with monkeypatch.context() as patched:
        patched.setattr("bot.knowledge.load_knowledge", broken)
        edit(root, "加强储备能力建设", "加强储气能力建设")
        while knowledge.refused is None:
            await asyncio.sleep(0.01)
    assert not watching.done()
    edit(root, "加强储气能力建设", "加强储油能力建设")
    while knowledge.refused is not None:
        await asyncio.sleep(0.01)
    assert "储油" in knowledge.current.snapshot.clauses["jzf-2022-14.30"].text
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    knowledge.close()


async def test_searches_go_on_during_swaps(root: Path, tmp_path: Path) -> None:
    knowledge = Knowledge(root)
    stop = asyncio.Event()
    versions: set[str] = set()

    async def search() -> int:
        count = 0
        while not stop.is_set():
            found = await knowledge.run(
                lambda loaded: (
                    loaded.snapshot.version,
                    loaded.search.find("晋政发〔2022〕14号第8条", DAY).hits,
                )
            )
            versions.add(found[0])
            assert found[1][0].clause.number == 8
            count += 1
        return count

    searching = asyncio.create_task(search())
    for number in range(3):
        edit(
            root,
            "加强储备能力建设",
            f"加强储备能力建设{number}" if not number else "加强储备能力建设了",
        )
        await asyncio.to_thread(knowledge.refresh)
        await asyncio.sleep(0.02)
    stop.set()
    assert await searching > 3
    assert len(versions) >= 2
    knowledge.close()


def test_the_version_follows_content_not_time(root: Path) -> None:
    version = data_version(root)
    path = root / "glossary.yml"
    path.touch()
    assert data_version(root) == version
    path.write_text(path.read_text("utf-8") + "\n# x\n", "utf-8")
    assert data_version(root) != version


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (
            "documents/jzf-2022-14.yml",
            "doc_no: 晋政发〔2022〕14号",
            "doc_no: 晋政发[2022]14号",
            "六角",
        ),
        ("documents/jzf-2022-14.yml", "number: 5\n", "number: 6\n", "加编号 6"),
        ("documents/jzf-2022-14.yml", "source: '000'", "source: '009'", "没有 009"),
        ("documents/jzf-2022-14.yml", "scope: province", "scop: province", "未知的键"),
        ("documents/jzf-2022-14.yml", "scope: province", "scope: ''", "不能为空"),
        ("documents/jzf-2022-14.yml", "issued_on: '2022-06-01'", "issued_on: 2022-06-01", "引号"),
        ("documents/jzf-2022-14.yml", "issued_on: '2022-06-01'", "issued_on: '2022-6-1'", "日期"),
        ("documents/jzf-2022-14.yml", "id: jzf-2022-14\n", "id: x\nid: jzf-2022-14\n", "重复的键"),
        ("documents/jzf-2022-14.yml", "clauses:", "clauses: [", "YAML"),
        ("annotations/000.yml", 'source: "000"', 'source: "009"', "没有任何一条"),
        ("annotations/000.yml", 'source: "000"', 'source: "001"', "已由 000.yml 标注"),
        ("annotations/000.yml", "jzf-2022-14.46:", "jzf-2022-14.99:", "没有这一条"),
        ("annotations/000.yml", "jzf-2022-14.46:", "jzbf-2022-34.1:", "不在 covers"),
        ("annotations/000.yml", 'verified_on: "2026', "verified_on: null #", "没有第二个人"),
        ("annotations/003.yml", "other: [", "other: [nope.1, ", "没有 nope.1"),
        ("annotations/documents.yml", "words: 已废止", "words: 已失效", "都没有这几个字"),
        ("annotations/documents.yml", "jwlf-2023-20:", "jwlf-2023-999:", "没有这份文件"),
        ("authorities.yml", "how: renamed", "how: vanished", "之一"),
        ("authorities.yml", "as_printed: [", "as_printed: [省商务厅, ", "已属于"),
        ("copies.yml", "[jzf-2022-14.9,", "[jzf-2022-14.999,", "没有 jzf-2022-14.999"),
        ("copies.yml", "kind: same", "kind: alike", "之一"),
        ("sources.yml", "kind: checklist", "kind: pile", "之一"),
        ("search.yml", "  山西转型综合改革示范区: [", "  山西转型综合改革示范区: 7 #[", "列表"),
        ("questions/jzf-2022-14.yml", "jzf-2022-14.46:", "jzf-2022-14.99:", "没有这一条"),
        ("phrases.yml", "  whole:", "  hole:", "answer.whole"),
        ("phrases.yml", "“{quote}”", "“{quotee}”", "{quotee}"),
        ("phrases.yml", "“{quote}”", "“{quote”", "花括号"),
        ("glossary.yml", "aliases: [", "aliases: [2022, ", "应为文本"),
        ("search.yml", "home:\n  [", "home:\n  [7, ", "应为文本"),
        ("search.yml", "  k1: 1.2", "  k1: many", "应为数字"),
        ("search.yml", "  k1: 1.2", "  k2: 1.2", "缺少此数"),
    ],
)
def test_every_fault_names_file_line_and_key(
    root: Path, name: str, old: str, new: str, words: str
) -> None:
    edit(root, old, new, name)
    faults = check(root)
    assert faults
    assert any(words in fault for fault in faults), faults
    for fault in faults:
        place, line, _ = fault.split(":", 2)
        assert place.endswith(".yml")
        assert int(line) >= 0
    with pytest.raises(KnowledgeError):
        load(root)


def test_a_glossary_form_belongs_to_one_term(root: Path) -> None:
    path = root / "glossary.yml"
    text = path.read_text("utf-8")
    path.write_text(text + "- id: another\n  name: 稳岗返还\n  aliases: []\n  definition: null\n")
    assert any("已属于" in fault for fault in check(root))


def test_an_empty_or_missing_base_is_a_fault(tmp_path: Path) -> None:
    assert check(tmp_path / "none")
    assert check(tmp_path)

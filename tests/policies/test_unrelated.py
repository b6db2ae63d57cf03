"""unrelated/: messages that no clause answers, read as strictly as everything else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from bot.errors import KnowledgeError
from bot.policies.loader import check, data_version, load
from bot.policies.model import Snapshot
from bot.policies.vocabulary import read_unrelated
from bot.policies.yamlfile import Faults
from bot.settings import project_root

FOLDER = project_root() / "policies_kb" / "unrelated"


def read(tmp_path: Path, text: str | bytes) -> tuple[tuple[str, ...], list[str]]:
    """The messages of a file with this content, and its faults."""
    path = tmp_path / "unrelated" / "life.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    faults = Faults()
    return read_unrelated(path, faults), list(faults)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    copy = tmp_path / "policies_kb"
    shutil.copytree(project_root() / "policies_kb", copy)
    return copy


def test_every_message_of_every_file_is_loaded(snapshot: Snapshot) -> None:
    written = [
        message
        for path in sorted(FOLDER.glob("*.yml"))
        for rows in yaml.safe_load(path.read_text("utf-8"))["messages"].values()
        for message in rows
    ]
    assert len(written) > 1_000
    assert list(snapshot.unrelated) == written
    assert all(message.strip() for message in snapshot.unrelated)


def test_messages_keep_their_order_across_headings(tmp_path: Path) -> None:
    text = "messages:\n  small_talk: [在吗, 早上好]\n  weather:\n    - 今天下雨不\n  none: []\n"
    assert read(tmp_path, text) == (("在吗", "早上好", "今天下雨不"), [])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("messages:\n  life: [", None, "YAML"),  # the line where it noticed
        ("", 1, "应为键值对照"),
        ("- 在吗\n", 1, "应为键值对照"),
        ("nothing: {}\n", 1, "messages: 缺少此键"),
        ("messages:\n", 1, "messages: 类型有误"),
        ("messages: [在吗]\n", 1, "messages: 类型有误"),
        ("messages:\n  life: [在吗]\nmore: {}\n", 3, "more: 未知的键"),
        ("messages:\n  life: 在吗\n", 2, "life: 应为消息的列表"),
        ("messages:\n  life:\n", 2, "life: 应为消息的列表"),
        ("messages:\n  life: [在吗, 7]\n", 2, "life: 应为消息的列表"),
        ("messages:\n  talk: [在吗]\n  life: ['', 早]\n", 3, "life: 应为消息的列表"),
        ("messages:\n  life: ['  ']\n", 2, "life: 应为消息的列表"),
        ("messages:\n  life: [[在吗]]\n", 2, "life: 应为消息的列表"),
        ("messages:\n  life: [在吗]\n  life: [早]\n", 3, "重复的键"),
        ("messages:\n  life: [在吗, 早, 在吗]\n", 2, "“在吗”已见于 life"),
        ("messages:\n  talk: [在吗]\n  life: [早, 在吗]\n", 3, "“在吗”已见于 talk"),
        ("messages:\n  life: [2026-11-21]\n", 2, "引号"),
        (b"messages:\n  life: [\xff]\n", None, "life.yml"),
    ],
)
def test_a_fault_names_file_line_and_key(
    tmp_path: Path, text: str | bytes, line: int | None, words: str
) -> None:
    _, faults = read(tmp_path, text)
    assert any(words in fault for fault in faults), faults
    for fault in faults:
        assert fault.startswith("unrelated/life.yml:")
    if line is not None:
        (fault,) = (fault for fault in faults if words in fault)
        assert fault.split(":")[1] == str(line)


def test_good_messages_beside_a_faulty_heading_are_no_excuse(tmp_path: Path) -> None:
    messages, faults = read(tmp_path, "messages:\n  talk: [在吗]\n  life: 7\n  more: [早]\n")
    assert messages == ("在吗", "早")
    assert len(faults) == 1


def test_a_base_with_a_faulty_file_is_not_loaded(root: Path) -> None:
    (root / "unrelated" / "more.yml").write_text("messages:\n  life: 在吗\n", "utf-8")
    with pytest.raises(KnowledgeError) as error:
        load(root)
    assert error.value.faults == ["unrelated/more.yml:2: life: 应为消息的列表"]
    assert check(root) == error.value.faults


def test_a_new_file_is_read_after_the_others_and_makes_a_new_version(
    root: Path, snapshot: Snapshot
) -> None:
    version = data_version(root)
    assert version == snapshot.version
    text = "messages:\n  space: [火星上能开店吗]\n"
    (root / "unrelated" / "space.yml").write_text(text, "utf-8")
    loaded = load(root)
    assert loaded.unrelated == (*snapshot.unrelated, "火星上能开店吗")
    assert loaded.version != version


def test_a_base_needs_no_unrelated_messages(root: Path) -> None:
    shutil.rmtree(root / "unrelated")
    loaded = load(root)
    assert loaded.unrelated == ()
    assert loaded.questions


def test_no_message_of_ours_stands_twice_or_is_also_a_question(snapshot: Snapshot) -> None:
    # The loader looks at one file at a time; the data must not have it all the same.
    questions = {question for rows in snapshot.questions.values() for question in rows}
    assert len(questions) > 1_000
    assert len(snapshot.unrelated) == len({*snapshot.unrelated})
    assert not questions & {*snapshot.unrelated}

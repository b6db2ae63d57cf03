"""The command line as a person uses it: real processes, exit codes, one clear line."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import project_root
from tests.support.stack import TODAY, Stack, running_stack

WENCE = str(Path(sys.executable).parent / "wence")
EXPORTED = [
    "id",
    "doc_no",
    "doc_title",
    "source",
    "part",
    "section",
    "subsection",
    "number",
    "text",
    "responsible",
    "status",
    "valid_from",
    "valid_until",
]


def wence(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("WENCE_")}
    return subprocess.run(
        [WENCE, *arguments],
        cwd=project_root(),
        env={**clean, "WENCE_TODAY": TODAY, **environ},
        capture_output=True,
        text=True,
        timeout=180,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("cli")) as running:
        yield running


def test_export_holds_every_clause_with_the_keys_agreed(tmp_path: Path) -> None:
    result = wence("kb", "export", "--format", "jsonl")
    assert result.returncode == 0, result.stderr
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [list(row) for row in rows] == [EXPORTED] * 1312
    assert len({row["id"] for row in rows}) == 1312
    counts = Counter(row["source"] for row in rows)
    assert counts == {"000": 46, "001": 70, "002": 417, "003": 40, "004": 739}
    assert [row["number"] for row in rows[:46]] == list(range(1, 47))
    assert {row["doc_no"] for row in rows[:46]} == {"晋政发〔2022〕14号"}
    assert sum(row["doc_no"] == "" for row in rows) == 49
    assert sum(row["part"] == "财税金融篇" for row in rows) == 232
    out = tmp_path / "kb.jsonl"
    assert wence("kb", "export", "--output", str(out)).returncode == 0
    assert out.read_text("utf-8") == result.stdout


def test_status_in_an_export_follows_the_day() -> None:
    def status(day: str) -> dict[str, str]:
        lines = wence("kb", "export", WENCE_TODAY=day).stdout.splitlines()
        return {row["id"]: row["status"] for row in map(json.loads, lines)}

    assert status("2022-12-31")["jzf-2022-14.7"] == "in_force"
    assert status("2023-01-01")["jzf-2022-14.7"] == "expired"
    assert status("2025-12-31")["jzf-2022-14.9"] == "in_force"
    assert status("2026-01-01")["jzf-2022-14.9"] == "expired"


def test_check_passes_and_says_what_it_read() -> None:
    result = wence("kb", "check")
    assert result.returncode == 0
    assert "1312 条" in result.stdout


def test_import_finds_the_documents_up_to_date() -> None:
    assert wence("kb", "import", "--check").returncode == 0


def test_search_ranks_clauses(tmp_path: Path) -> None:
    result = wence("search", "稳港返还", "--limit", "5", WENCE_VAR_DIR=str(tmp_path))
    assert result.returncode == 0
    assert "晋政发〔2022〕14号第8条" in result.stdout
    result = wence("search", "扩岗补助", "--json", WENCE_VAR_DIR=str(tmp_path))
    first = json.loads(result.stdout.splitlines()[0])
    assert (first["clause_id"], first["status"]) == ("jzf-2022-14.8", "expired")


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], [], ["search", "x", "--limit", "0"], ["kb"], ["kb", "export", "--format", "x"]],
)
def test_a_wrong_call_exits_with_2(arguments: list[str]) -> None:
    assert wence(*arguments).returncode == 2


def test_a_wrong_setting_gets_one_line_with_its_name() -> None:
    for command in (["run"], ["settings"], ["ask", "x"]):
        result = wence(*command, WENCE_PORT="abc")
        assert result.returncode == 2
        (line,) = (result.stdout + result.stderr).strip().splitlines()
        assert "WENCE_PORT" in line


def test_settings_are_shown_with_secrets_masked() -> None:
    result = wence("settings", WENCE_REST_TOKEN="very-secret", WENCE_PORT="9999")
    assert result.returncode == 0
    assert "very-secret" not in result.stdout
    assert "9999" in result.stdout
    assert "环境变量" in result.stdout


def test_ask_uses_the_running_stack(stack: Stack) -> None:
    result = wence("ask", "扩岗补助一个人多少钱", WENCE_PORT=str(stack.port))
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("注意：这项措施已过期")
    assert "1500元" in result.stdout
    assert stack.rows("select count(*) from conversations where key like 'rest:ask-%'") == [(1,)]


def test_chat_is_a_conversation(stack: Stack) -> None:
    leader, follower = pty.openpty()
    clean = {key: value for key, value in os.environ.items() if not key.startswith("WENCE_")}
    process = subprocess.Popen(
        [WENCE, "chat"],
        cwd=project_root(),
        env={**clean, "WENCE_PORT": str(stack.port), "TERM": "xterm", "COLUMNS": "200"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    seen = ""

    def until(words: str) -> None:
        nonlocal seen
        deadline = time.monotonic() + 60
        while words not in seen:
            assert time.monotonic() < deadline, seen
            if select.select([leader], [], [], 0.5)[0]:
                try:
                    seen += os.read(leader, 65536).decode("utf-8", "replace")
                except OSError:
                    break
        assert words in seen, seen
        seen = seen.split(words, 1)[1]

    try:
        until("您：")
        os.write(leader, "住房公积金能缓缴吗\n".encode())
        until("第41条")
        until("您：")
        os.write(leader, "现在还有效吗\n".encode())
        until("已过期")
        until("您：")
        os.write(leader, b"\n")
        assert process.wait(30) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(leader)


def test_backup_and_restore(stack: Stack, tmp_path: Path) -> None:
    reply = stack.ask("房租能减免吗", "keeper")
    archive = tmp_path / "backup.tar.gz"
    result = wence("backup", str(archive), WENCE_VAR_DIR=str(stack.var_dir))
    assert result.returncode == 0, result.stderr
    assert archive.stat().st_mode & 0o777 == 0o600
    with tarfile.open(archive) as tar:
        assert "manifest.json" in tar.getnames()
    elsewhere = tmp_path / "elsewhere"
    restored = wence("restore", str(archive), WENCE_VAR_DIR=str(elsewhere))
    assert restored.returncode == 0, restored.stderr
    with running_stack(elsewhere) as second:
        query = (
            "select t.replies from turns t join conversations c on c.id = t.conversation_id "
            "where c.key = 'rest:keeper'"
        )
        ((replies,),) = second.rows(query)
        assert json.loads(replies)[0]["text"] == reply["text"]
        # Rasa's tracker came along: the follow-up knows what was spoken of.
        follow_up = second.ask("现在还有效吗", "keeper")
        assert follow_up["custom"]["clauses"][0]["clause_id"] == "jzf-2022-14.35"
        running = wence("restore", str(archive), WENCE_VAR_DIR=str(elsewhere))
        assert running.returncode == 2, "refused while the stack runs over the same data"
    again = wence("restore", str(archive), WENCE_VAR_DIR=str(elsewhere))
    assert again.returncode == 1
    assert "--replace" in again.stderr
    assert len(again.stderr.strip().splitlines()) == 1


def test_a_damaged_backup_changes_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    archive.write_bytes(b"not an archive")
    result = wence("restore", str(archive), WENCE_VAR_DIR=str(tmp_path / "var"))
    assert result.returncode == 1
    assert len(result.stderr.strip().splitlines()) == 1

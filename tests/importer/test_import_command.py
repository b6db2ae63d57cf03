"""python -m bot.importer: writes, checks, names what differs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.importer import main


@pytest.fixture
def root(tmp_path: Path, source_path: Path) -> Path:
    """A knowledge base that holds the source alone."""
    (tmp_path / "sources").mkdir()
    shutil.copy(source_path, tmp_path / "sources" / "000.txt")
    return tmp_path


def test_the_committed_documents_are_up_to_date() -> None:
    assert main(["--check"]) == 0


def test_writes_what_check_then_accepts(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(root), "--check"]) == 1
    assert "documents/jzf-2022-14.yml: 文件不存在" in capsys.readouterr().err
    assert not (root / "documents").exists()
    assert main(["--root", str(root)]) == 0
    first = (root / "documents" / "jzf-2022-14.yml").read_bytes()
    assert main(["--root", str(root)]) == 0
    assert (root / "documents" / "jzf-2022-14.yml").read_bytes() == first
    assert main(["--root", str(root), "--check"]) == 0


def test_check_names_file_and_line_and_leaves_the_file_alone(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--root", str(root)])
    target = root / "documents" / "jzf-2022-14.yml"
    spoilt = target.read_text("utf-8").replace("number: 1\n", "number: 7\n")
    target.write_text(spoilt, "utf-8")
    line = spoilt[: spoilt.index("number: 7\n")].count("\n") + 1
    capsys.readouterr()
    assert main(["--root", str(root), "--check"]) == 1
    assert f"documents/jzf-2022-14.yml:{line}: 与来源生成的内容不同" in capsys.readouterr().err
    assert target.read_text("utf-8") == spoilt


def test_a_fault_in_a_source_writes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / "sources" / "000.txt"
    path.write_text(path.read_text("utf-8").replace("（11条）", "（12条）"), "utf-8")
    assert main(["--root", str(root)]) == 1
    assert (
        "sources/000.txt:306: 标题“三、稳投资促消费等政策措施（12条）”称有 12 条，实为 11 条"
        in (capsys.readouterr().err)
    )
    assert not (root / "documents").exists()

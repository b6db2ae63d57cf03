"""python -m bot.importer: writes, checks, names what differs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot.importer import Book, Library, Source, command, import_all, main

READ = ("sources", "issuers.yml", "corrections.yml")


@pytest.fixture
def real_root(tmp_path: Path, knowledge: Path) -> Path:
    """A knowledge base that holds what the importer reads and nothing else."""
    root = tmp_path / "kb"
    root.mkdir()
    for name in READ:
        if (knowledge / name).is_dir():
            shutil.copytree(knowledge / name, root / name)
        else:
            shutil.copy(knowledge / name, root / name)
    return root


@pytest.fixture
def root(
    small_root: Path, small_text: str, small_book: Book, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A knowledge base of the small source, for which the command is set up."""
    (small_root / "sources" / "small.txt").write_text(small_text, "utf-8")

    def read(root: Path) -> Library:
        return import_all(root, (Source("small", (small_book,)),))

    monkeypatch.setattr(command, "import_all", read)
    return small_root


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*.yml"))
        if path.name not in READ
    }


# The real knowledge base


def test_the_committed_files_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    out, err = capsys.readouterr()
    assert re.fullmatch(r"\d+ 份文件、1312 条，与来源一致\n", out)
    assert err == ""


def test_writes_the_committed_files_and_check_then_accepts_them(
    real_root: Path, knowledge: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--root", str(real_root)]) == 0
    made = files(real_root)
    assert {name: (knowledge / name).read_bytes() for name in made} == made
    for folder in ("documents", "layouts"):
        assert {f"{folder}/{path.name}" for path in (knowledge / folder).iterdir()} <= set(made)
    assert "copies.yml" in made
    assert capsys.readouterr().out.count(": 已写入\n") == len(made)
    assert main(["--root", str(real_root), "--check"]) == 0


def test_a_fault_in_a_real_source_writes_nothing(
    real_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = real_root / "sources" / "000.txt"
    path.write_text(path.read_text("utf-8").replace("（11条）", "（12条）"), "utf-8")
    assert main(["--root", str(real_root)]) == 1
    assert capsys.readouterr().err == (
        "sources/000.txt:306: 标题“三、稳投资促消费等政策措施（12条）”称有 12 条，实为 11 条\n"
    )
    assert files(real_root) == {}


@pytest.mark.parametrize(
    ("source", "old", "new", "message"),
    [
        ("001", "各有关部\n", "各相关部\n", "001.txt:710: 没有登记的断开处“各有关部”"),
        ("002", "\n二、促进服", "\n三、促进服", "002.txt:623: 标题序号应为第 2，实为“三”"),
        ("002", "\n60. ", "\n61. ", "002.txt:395: 条文编号应为 60，实为 61"),
        ("003", "\n2.", "\n7.", "003.txt:50: 条文编号应为 2，实为 7"),
        ("004", "评估。山\n", "评估。\n", "004.txt:2285: 没有登记的错排文字“山”"),
        ("004", "\n59\n", "\n49\n", "004.txt:2179: 页码 49 没有大于前一个页码 52"),
    ],
)
def test_faults_in_real_sources_name_file_and_line(
    real_root: Path,
    capsys: pytest.CaptureFixture[str],
    source: str,
    old: str,
    new: str,
    message: str,
) -> None:
    path = real_root / "sources" / f"{source}.txt"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert main(["--root", str(real_root)]) == 1
    assert f"sources/{message}\n" in capsys.readouterr().err
    assert files(real_root) == {}


# A small one


def test_writes_what_check_then_accepts(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(root), "--check"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    for name in ("documents/small-2022-3.yml", "layouts/small.yml", "copies.yml"):
        assert re.search(rf"{name}:1: -: 文件不存在\n", err)
    assert files(root) == {}
    assert main(["--root", str(root)]) == 0
    assert "documents/small-2022-3.yml: 已写入\n" in capsys.readouterr().out
    first = files(root)
    assert set(first) == {"copies.yml", "documents/small-2022-3.yml", "layouts/small.yml"}
    assert main(["--root", str(root)]) == 0
    assert capsys.readouterr().out == "1 份文件、3 条，与来源一致\n"
    assert files(root) == first
    assert main(["--root", str(root), "--check"]) == 0


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("documents/small-2022-3.yml", "number: 2\n", "number: 7\n"),
        ("documents/small-2022-3.yml", "甲。补助100万元。", "甲。补助10万元。"),
        ("layouts/small.yml", "label: '2.'", "label: 2．"),
        ("layouts/small.yml", "二、金融（1条）", "二、金融"),
        ("copies.yml", "copies: []", "copies:"),
    ],
)
def test_check_names_file_and_line_and_leaves_the_file_alone(
    root: Path, capsys: pytest.CaptureFixture[str], name: str, old: str, new: str
) -> None:
    main(["--root", str(root)])
    target = root / name
    text = target.read_text("utf-8")
    assert old in text
    spoilt = text.replace(old, new)
    target.write_text(spoilt, "utf-8")
    line = spoilt[: spoilt.index(new)].count("\n") + 1
    capsys.readouterr()
    assert main(["--root", str(root), "--check"]) == 1
    assert capsys.readouterr().err.endswith(f"{name}:{line}: -: 与来源生成的内容不同\n")
    assert target.read_text("utf-8") == spoilt
    # A run sets it right.
    assert main(["--root", str(root)]) == 0
    assert target.read_text("utf-8") == text


def test_check_finds_lines_too_many_and_too_few(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--root", str(root)])
    target = root / "documents" / "small-2022-3.yml"
    text = target.read_text("utf-8")
    lines = text.count("\n")
    for spoilt, line in ((f"{text}# more\n", lines + 1), (text[:-1], lines + 1), ("", 1)):
        target.write_text(spoilt, "utf-8")
        capsys.readouterr()
        assert main(["--root", str(root), "--check"]) == 1
        assert capsys.readouterr().err.startswith(f"documents/small-2022-3.yml:{line}: -: 与来源")


@pytest.mark.parametrize("folder", ["documents", "layouts"])
def test_a_stale_file_is_reported_by_check_and_removed_by_a_run(
    root: Path, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    main(["--root", str(root)])
    stale = root / folder / "old-2001-1.yml"
    stale.write_text("id: old-2001-1\n", "utf-8")
    other = root / folder / "README.md"
    other.write_text("x", "utf-8")
    capsys.readouterr()
    assert main(["--root", str(root), "--check"]) == 1
    assert capsys.readouterr().err == f"{folder}/old-2001-1.yml:1: -: 来源中没有这份文件\n"
    assert stale.is_file()
    assert main(["--root", str(root)]) == 0
    assert capsys.readouterr().out == f"{folder}/old-2001-1.yml: 已删除，来源中没有这份文件\n"
    assert not stale.exists()
    assert other.is_file()
    assert main(["--root", str(root), "--check"]) == 0


def test_a_fault_in_a_source_changes_nothing(
    root: Path, capsys: pytest.CaptureFixture[str], small_text: str
) -> None:
    main(["--root", str(root)])
    (root / "documents" / "old-2001-1.yml").write_text("id: old-2001-1\n", "utf-8")
    before = files(root)
    source = root / "sources" / "small.txt"
    source.write_text(small_text.replace("补助", "补贴").replace("（2条）", "（3条）"), "utf-8")
    for options in ([], ["--check"]):
        capsys.readouterr()
        assert main(["--root", str(root), *options]) == 1
        out, err = capsys.readouterr()
        assert (out, err) == (
            "",
            "sources/small.txt:11: 标题“一、财税（3条）”称有 3 条，实为 2 条\n",
        )
        assert files(root) == before


@pytest.mark.parametrize("name", ["issuers.yml", "corrections.yml", "sources/small.txt"])
def test_a_missing_file_is_named(root: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (root / name).unlink()
    assert main(["--root", str(root)]) == 1
    assert f"{name}:" in capsys.readouterr().err.split(" ")[0]

"""The real sources and all made from them; small made-up ones for what those lack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.importer import SOURCES, Book, Issue, Library, Source, import_all

KNOWLEDGE = Path(__file__).resolve().parents[2] / "policies_kb"

SMALL = """\
某省人民政府

关于印发某计划的通知

某政发[2022] 3 号

现将《某计划》印发给你们。

2022 年 6 月 1 日

一、财税（2条）

1.甲。补助 100

万元。

2.乙。

二、金融（1条）

3.丙。
"""

SMALL_LIST = """\
政策清单（市场篇）

一、准入

1.甲。补助

100万元。

晋某发〔2021〕4 号

2．乙。

晋某区发[2022] 5 号

3.丙。

二、审批

4.丁。

晋某发（2021）4号

省级政策汇总表

序号 政策 文号

1. 某省某厅关于

甲的通知

晋某发〔2021〕

4 号

2.

某办法

无
"""

ISSUERS = """\
issuers:
  某政发: {slug: small, issuer: 某省人民政府}
  晋某发: {slug: jmf, issuer: 某省某厅}
  晋某区发: {slug: jmqf, issuer: 某区管委会, scope: 某区}
"""

Import = Callable[..., Library]


@pytest.fixture(scope="session")
def knowledge() -> Path:
    """The knowledge base as committed."""
    return KNOWLEDGE


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """The real sources by name."""
    return {
        source.name: (KNOWLEDGE / "sources" / f"{source.name}.txt").read_bytes().decode("utf-8")
        for source in SOURCES
    }


@pytest.fixture(scope="session")
def library() -> Library:
    """All made from the real sources; made once, so no test may spoil it."""
    return import_all(KNOWLEDGE)


@pytest.fixture(scope="session")
def clauses(library: Library) -> dict[str, dict[str, Any]]:
    """Its clauses by id; no test may spoil them."""
    return library.clauses


@pytest.fixture
def own_library(library: Library) -> Library:
    """A copy of it that a test may spoil; lists of lines are to be replaced, not changed."""
    return Library(
        {
            key: {**document, "clauses": [{**clause} for clause in document["clauses"]]}
            for key, document in library.documents.items()
        },
        {
            key: {
                **layout,
                "order": [{**row} for row in layout["order"]],
                "furniture": [{**row} for row in layout["furniture"]],
            }
            for key, layout in library.layouts.items()
        },
    )


@pytest.fixture(scope="session")
def committed() -> Library:
    """The same, as the committed files hold it."""
    # libyaml is ten times as quick; where it is missing, PyYAML reads the same.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def read(folder: str) -> list[dict[str, Any]]:
        paths = sorted((KNOWLEDGE / folder).glob("*.yml"))
        return [yaml.load(path.read_text("utf-8"), loader) for path in paths]

    return Library(
        {document["id"]: document for document in read("documents")},
        {layout["source"]: layout for layout in read("layouts")},
    )


@pytest.fixture
def small_text() -> str:
    """A source of three clauses in two sections."""
    return SMALL


@pytest.fixture
def small_book() -> Book:
    """What the small source is."""
    return Book(
        "某省人民政府",
        "clauses",
        issue=Issue("small-2022-3", "某政发〔2022〕3号", "某计划", "某省人民政府", "2022-06-01"),
        front=("关于", "某政发", "现将", "2022年"),
        headings={"section": r"(?P<ordinal>[一二三四五六七八九十]+)、.+（(?P<count>\d+)条）"},
        count=3,
    )


@pytest.fixture
def list_text() -> str:
    """A list of four points, one without 文号, and a table of two documents."""
    return SMALL_LIST


@pytest.fixture
def list_books() -> tuple[Book, Book]:
    """What the small list is."""
    headings = {"section": r"(?P<ordinal>[一二三四五六七八九十]+)、.{2,8}"}
    return (
        Book("政策清单（市场篇）", "points", part="市场篇", mark="sc", headings=headings, count=4),
        Book("省级政策汇总表", "rows", front=("序号",), mark="a", count=2),
    )


@pytest.fixture
def small_root(tmp_path: Path) -> Path:
    """A knowledge base that holds no source yet."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "issuers.yml").write_text(ISSUERS, "utf-8")
    (tmp_path / "corrections.yml").write_text("doc_nos: []\nrows: []\n", "utf-8")
    return tmp_path


@pytest.fixture
def import_text(small_root: Path, small_book: Book) -> Import:
    """Import a text as sources/small.txt; by default as what the small source is."""

    def run(text: str, *books: Book, **options: Any) -> Library:
        (small_root / "sources" / "small.txt").write_bytes(text.encode())
        options = {"running_headers": frozenset({"某页眉"}), **options}
        return import_all(small_root, (Source("small", books or (small_book,), **options),))

    return run


@pytest.fixture
def import_list(import_text: Import, list_books: tuple[Book, Book]) -> Callable[[str], Library]:
    """Import a text as what the small list is."""
    return lambda text: import_text(text, *list_books)

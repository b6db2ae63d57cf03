"""The real source and its document; a small source for what the real one lacks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.importer import RECIPES, Recipe, import_source

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


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    """The recipe of the first document."""
    return next(recipe for recipe in RECIPES if recipe.source == "000")


@pytest.fixture(scope="session")
def source_path() -> Path:
    """The first source as committed."""
    return KNOWLEDGE / "sources" / "000.txt"


@pytest.fixture(scope="session")
def source(source_path: Path) -> str:
    """Its text."""
    return source_path.read_bytes().decode("utf-8")


@pytest.fixture
def document(source_path: Path, recipe: Recipe) -> dict[str, Any]:
    """The document made from it, anew for each test, which may spoil it."""
    return import_source(source_path, recipe)


@pytest.fixture
def small_source() -> str:
    """A source of three clauses in two sections."""
    return SMALL


@pytest.fixture
def small_recipe() -> Recipe:
    """The recipe that fits the small source."""
    return Recipe(
        source="small",
        document="small",
        doc_no="某政发〔2022〕3号",
        title="某计划",
        issuer="某省人民政府",
        issued_on="2022-06-01",
        scope="province",
        front=("某省", "关于", "某政发", "现将", "2022年"),
        headings={"section": r"(?P<ordinal>[一二三四五六七八九十]+)、.+（(?P<count>\d+)条）"},
        running_headers=frozenset({"某页眉"}),
    )


@pytest.fixture
def import_text(tmp_path: Path, small_recipe: Recipe) -> Callable[[str], dict[str, Any]]:
    """Import a text as sources/small.txt."""

    def run(text: str, recipe: Recipe = small_recipe) -> dict[str, Any]:
        path = tmp_path / "sources" / "small.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
        return import_source(path, recipe)

    return run

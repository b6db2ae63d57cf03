"""``wence eval``: figures are written down and held to floors."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from bot.cli.evaluation.hearing import Heard, hear, run
from bot.cli.evaluation.scores import Scores, read_rows, wilson
from bot.policies.loader import load
from bot.settings import Settings

FLOORS = {"dev": {"hearing": {"yes": 0.7, "yes_wrong": 1}}, "test": {}}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "tests" / "eval"
    folder.mkdir(parents=True)
    (folder / "floors.yml").write_text(yaml.safe_dump(FLOORS), "utf-8")
    return replace(Settings.load(), root=tmp_path, var_dir=tmp_path / "var")


def settled(scores: Scores) -> tuple[int, str]:
    said = io.StringIO()
    return scores.settle(Console(file=said, width=200)), said.getvalue()


@pytest.mark.parametrize(
    ("split", "right", "wrong", "code"),
    [("dev", 7, 1, 0), ("dev", 6, 1, 1), ("dev", 7, 2, 1), ("test", 0, 9, 0)],
)
def test_figures_are_held_to_floors(
    settings: Settings, split: str, right: int, wrong: int, code: int
) -> None:
    scores = Scores(settings, "hearing", split)
    scores.least("yes", right, 10)
    scores.most("yes_wrong", wrong)
    got, said = settled(scores)
    assert got == code
    assert ("低于底线" in said) == bool(code)
    written = json.loads((settings.var_dir / "eval" / f"hearing-{split}.json").read_text("utf-8"))
    assert written["yes"] == {"right": right, "total": 10, "share": right / 10}
    assert written["yes_wrong"] == {"count": wrong}


def test_what_has_no_floor_is_written_all_the_same(settings: Settings) -> None:
    scores = Scores(settings, "cases", "dev")
    scores.least("right", 0, 0)
    assert settled(scores)[0] == 0
    assert (settings.var_dir / "eval" / "cases-dev.json").is_file()


def test_the_interval_of_a_share() -> None:
    low, high = wilson(90, 100)  # Wilson (1927), as statistics packages give it
    assert (round(low, 4), round(high, 4)) == (0.8256, 0.9448)
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("told", "heard", "right"),
    [
        (True, True, True),
        (False, True, False),
        (True, None, False),
        (3_200_000, Decimal("3200000.0"), True),
        (3_200_000, Decimal(3_300_000), False),
        (0.15, Decimal("0.15"), True),
        (12, 12, True),
        ("industry", "industry", True),
        ("industry", "care", False),
    ],
)
def test_what_is_heard_is_what_was_told(told: object, heard: object, right: bool) -> None:
    assert Heard({"value": told}, "yes", heard).right is right  # type: ignore[arg-type]


def test_every_sentence_tells_a_fact_and_a_value_of_it() -> None:
    settings = Settings.load()
    book = load(settings.root / "policies_kb").facts
    rows = read_rows(settings, "hearing", "sentences", "all")
    assert len(rows) > 2_500
    assert {row["split"] for row in rows} == {"dev", "test"}
    assert len({row["text"] for row in rows}) == len(rows)
    for row in rows:
        book.facts[row["fact"]].value(row["value"])
    assert len(hear(rows[:20], book)) == 20


@pytest.mark.parametrize("split", ["dev", "test"])
def test_what_firms_tell_is_heard(
    split: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = replace(Settings.load(), var_dir=tmp_path)
    assert run(settings, split, failures=False) == 0, capsys.readouterr().out
    written = json.loads((tmp_path / "eval" / f"hearing-{split}.json").read_text("utf-8"))
    assert written["yes"]["total"] > 400


def test_the_floors_name_what_is_measured() -> None:
    settings = Settings.load()
    floors = yaml.safe_load((settings.root / "tests" / "eval" / "floors.yml").read_text("utf-8"))
    assert set(floors) == {"dev", "test"}
    for parts in floors.values():
        assert set(parts) <= {"questions", "cases", "conversations", "hearing"}

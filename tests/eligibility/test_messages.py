"""One message is understood: its facts, and with them the verdict and the amount.

The words of words.yml were found on these messages, so that nearly all must be right; how well
others are understood, ``wence eval cases`` tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.model import Snapshot
from bot.policies.search import Search

FILES = sorted((Path(__file__).parent / "messages").glob("*.yml"))
TODAY = date(2026, 11, 21)
UNDERSTOOD = 0.95


@pytest.fixture(scope="module")
def answers(snapshot: Snapshot) -> Iterator[EligibilityAnswers]:
    yield EligibilityAnswers(Search(snapshot))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_messages_are_understood(
    path: Path, snapshot: Snapshot, answers: EligibilityAnswers
) -> None:
    rows: list[dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    wrong = []
    for row in rows:
        programme = snapshot.programmes[row["programme"]]
        told = answers.complete(answers.heard(programme, row["text"], TODAY))
        verdict = answers.judge(programme, told, TODAY)
        wanted = row.get("amount")
        amount = verdict.amount.yuan
        if verdict.outcome != row["verdict"] or (
            (
                row["verdict"] == "eligible"
                and "amount" in row
                and (amount is None) != (wanted is None)
            )
            or (amount and wanted and abs(amount - Decimal(str(wanted))) >= 1)
        ):
            wrong.append(f"{row['text'][:50]}: {verdict.outcome} {amount}")
    assert len(rows) >= 100
    assert 1 - len(wrong) / len(rows) >= UNDERSTOOD, "\n".join(wrong)

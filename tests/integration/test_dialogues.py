"""Whole conversations over HTTP, by behaviour; the scripts stand in tests/conversations."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from bot.settings import project_root
from tests.support.stack import Stack

FOLDER = project_root() / "tests" / "conversations"
SCRIPTS = sorted(FOLDER.glob("*/*.yml"))
BEHAVIOURS = {"happy_path", "corrections", "digressions", "cancellations", "invalid_input"}
KEYS = {
    "user", "types", "programme", "programme_any", "verdict", "amount", "says", "not_says", "cites",
}  # fmt: skip


def test_every_behaviour_has_scripts() -> None:
    assert {path.parent.name for path in SCRIPTS} == BEHAVIOURS


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_conversation(stack: Stack, path: Path) -> None:
    sender = f"d-{uuid4()}"
    for turn in yaml.safe_load(path.read_text("utf-8")):
        assert set(turn) <= KEYS, turn
        status, replies = stack.send(sender, turn["user"])
        assert status == 200, turn
        wrong = list(differences(turn, replies))
        assert not wrong, f"{turn['user']}: {wrong}\n" + "\n".join(r["text"] for r in replies)


def differences(turn: dict[str, Any], replies: list[dict[str, Any]]) -> list[str]:
    """In what the replies to a turn are not what its script wants."""
    wrong = []
    custom = [reply["custom"] for reply in replies]
    types = [each["type"] for each in custom]
    if "types" in turn and types != turn["types"]:
        wrong.append(f"types {types}")
    programmes = [each["programme"]["id"] for each in custom if each["programme"]]
    if "programme" in turn and turn["programme"] not in programmes:
        wrong.append(f"programmes {programmes}")
    if turn.get("programme_any") and not programmes:
        wrong.append("no programme")
    verdicts = [each["verdict"] for each in custom if each["verdict"]]
    if "verdict" in turn and [v["verdict"] for v in verdicts] != [turn["verdict"]]:
        wrong.append(f"verdicts {[v['verdict'] for v in verdicts]}")
    if "amount" in turn and [v["amount_yuan"] for v in verdicts] != [turn["amount"]]:
        wrong.append(f"amounts {[v['amount_yuan'] for v in verdicts]}")
    cited = {clause["clause_id"] for each in custom for clause in each["clauses"]}
    if "cites" in turn and turn["cites"] not in cited:
        wrong.append(f"cites {sorted(cited)}")
    text = "\n".join(reply["text"] for reply in replies)
    wrong += [f"lacks {words}" for words in turn.get("says", ()) if words not in text]
    wrong += [f"says {words}" for words in turn.get("not_says", ()) if words in text]
    return wrong

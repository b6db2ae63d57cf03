"""What the trained model makes of messages, without a server; run by Rasa's interpreter.

    .venv-rasa/bin/python -m bot.rasa.understand MODEL MESSAGES TARGET

MESSAGES is a file with a JSON list of texts; TARGET is written with a JSON list of
``{"intent", "confidence", "entities": [[kind, words, value]]}``. Rasa logs to standard
output, so that is no place for a result. ``wence eval understanding`` scores it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent

__all__ = ["understood"]


async def understood(model: str, messages: list[str]) -> list[dict[str, Any]]:
    """The intent and the entities of each message, as the conversation would get them."""
    agent = Agent.load(model)
    return [_plain(await agent.parse_message(message), message) for message in messages]


def _plain(parsed: dict[str, Any], message: str) -> dict[str, Any]:
    return {
        "intent": parsed["intent"]["name"],
        "confidence": round(float(parsed["intent"]["confidence"]), 4),
        "entities": [
            [found["entity"], message[found["start"] : found["end"]], found["value"]]
            for found in parsed["entities"]
        ],
    }


if __name__ == "__main__":
    _, own_model, messages, target = sys.argv
    found = asyncio.run(understood(own_model, json.loads(Path(messages).read_text("utf-8"))))
    Path(target).write_text(json.dumps(found, ensure_ascii=False), "utf-8")

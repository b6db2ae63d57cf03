"""Calls the service's action endpoint exactly as Rasa does; run in Rasa's environment.

Usage: remote_action.py URL TOKEN ACTION TEXT INTENT; prints the events as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys

from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig


async def main() -> None:
    """One call."""
    url, token, name, text, intent = sys.argv[1:]
    domain = Domain.load("domain.yml")
    tracker = DialogueStateTracker("rest:contract", domain.slots)
    tracker.update(UserUttered(text, {"name": intent, "confidence": 1.0}), domain)
    endpoint = EndpointConfig(
        url, headers={"Authorization": f"Bearer {token}"}, enable_selective_domain=True
    )
    action = RemoteAction(name, endpoint)
    channel = CollectingOutputChannel()
    generator = TemplatedNaturalLanguageGenerator(domain.responses)
    try:
        events = await action.run(channel, generator, tracker, domain)
    except Exception as error:
        sys.stdout.write(json.dumps({"error": type(error).__name__}))
        return
    sys.stdout.write(json.dumps({"events": [event.as_dict() for event in events]}))


asyncio.run(main())

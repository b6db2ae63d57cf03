"""A stand-in for the WeCom AI bot in callback mode."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

from aiohttp import web

from tests.platforms.aibot_person import AiBotPerson
from tests.platforms.api import CALL, ApiServer, Refusal
from tests.platforms.calling import CallingPlatform
from tests.platforms.cards import buttons_of, card_faults, text_of_card
from tests.platforms.envelope import Envelope
from tests.platforms.person import Line

__all__ = ["AiBot", "AiBotAccount"]

MOST_BYTES = 20480


@dataclass(frozen=True)
class AiBotAccount:
    """What the admin page of an AI bot shows; callback mode or long connection."""

    bot_id: str = "aibZ8kQm2xRtWvYp4nLs"
    secret: str = "p9QwErTyUiOpAsDfGhJkLzXcVbNm1234567890"
    token: str = "T4k9Lm2Qx7"
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

    def callback_settings(self) -> dict[str, str]:
        """The environment of a stack in callback mode."""
        return {"WENCE_AIBOT_TOKEN": self.token, "WENCE_AIBOT_AES_KEY": self.aes_key}

    def socket_settings(self, url: str) -> dict[str, str]:
        """The environment of a stack that keeps a long connection."""
        return {
            "WENCE_AIBOT_BOT_ID": self.bot_id,
            "WENCE_AIBOT_SECRET": self.secret,
            "WENCE_AIBOT_WS_URL": url,
        }


class AiBot(CallingPlatform[AiBotPerson]):
    """One AI bot; serves the addresses for late answers, and posts the callbacks.

    Args:
        host: the WeCom whose interface takes the late answers, as in the real one; without
            it the stand-in takes them itself.
        poll: seconds between two looks at a stream.
        longest: seconds after which an unfinished stream is given up.
    """

    def __init__(
        self,
        account: AiBotAccount | None = None,
        callback: str = "",
        patience: float = 5.0,
        host: ApiServer | None = None,
        port: int = 0,
        poll: float = 1.0,
        longest: float = 360.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.account = account or AiBotAccount()
        envelope = Envelope(self.account.token, self.account.aes_key, "")
        super().__init__(envelope, callback, patience, port, clock)
        self.poll, self.longest = poll, longest
        self._host: ApiServer = host or self
        self.task_ids: set[str] = set()
        self._late: dict[str, tuple[float, AiBotPerson]] = {}

    async def __aenter__(self) -> Self:
        self._host.aibot_response = self._respond
        return await super().__aenter__()

    async def __aexit__(self, *_: object) -> None:
        for person in self.people.values():
            person.stop()
        await super().__aexit__()

    def person(self, name: str, group: str = "") -> AiBotPerson:
        """A member in a chat with the bot alone, or in a group."""
        return self.people.setdefault((name, group), AiBotPerson(name, group, self))

    def response_url(self, person: AiBotPerson) -> str:
        """An address that takes one answer within an hour."""
        code = uuid4().hex
        self._late[code] = (self.clock() + 3600.0, person)
        return f"{self._host.url}/cgi-bin/aibot/response?response_code={code}"

    async def _respond(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        call = request[CALL]
        code = request.query.get("response_code", "")
        until, person = self._late.get(code, (float("-inf"), None))
        if person is None or until <= self.clock():
            raise Refusal(60140, "response_code invalid, used or too old")
        if body.get("msgtype") == "markdown":
            content = (body.get("markdown") or {}).get("content")
            if not isinstance(content, str) or not content:
                raise Refusal(44004, "empty content")
            if len(content.encode("utf-8")) > MOST_BYTES:
                raise Refusal(45002, "content size out of limit")
            line = Line("bot", content, time.monotonic(), "active", call=call.number)
        elif body.get("msgtype") == "template_card" and not person.group:
            line = self.card_line(body.get("template_card"), "active", call.number)
        else:
            raise Refusal(40008, "invalid message type")
        del self._late[code]
        call.shown = True
        person.show(line)
        return {}

    def card_line(self, card: Any, via: str, call: int | None = None) -> Line:
        """A card as it is seen.

        Raises:
            Refusal: the platform would not take it.
        """
        faults = card_faults(card, self.task_ids)
        if faults:
            self.problems += faults
            raise Refusal(40058, "; ".join(faults))
        task_id = card.get("task_id")
        if task_id:
            self.task_ids.add(task_id)
        words, buttons = text_of_card(card), buttons_of(card)
        return Line("bot", words, time.monotonic(), via, buttons, task_id, call)

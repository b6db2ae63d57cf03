"""A stand-in for WeCom: the interface that a self-built app calls."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from aiohttp import web

from tests.platforms.api import CALL, FILE, Call, Refusal
from tests.platforms.calling import CallingPlatform
from tests.platforms.cards import buttons_of, card_faults, text_of_card
from tests.platforms.envelope import Envelope
from tests.platforms.person import Line
from tests.platforms.wecom_person import WeComPerson

__all__ = ["Account", "WeCom"]

MOST_BYTES = 2048
PER_MINUTE, PER_HOUR = 30, 1000
CODE_SECONDS = 72 * 3600.0


@dataclass(frozen=True)
class Account:
    """What the admin page of a self-built app shows."""

    corp_id: str = "ww1234567890abcdef"
    agent_id: int = 1000002
    secret: str = "sYm3VLwLz2qZ5pTgWb0eXr1uNk7cJd9aHfQvSiOoPlM"
    token: str = "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EYo"
    aes_key: str = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"

    def settings(self, api_base: str) -> dict[str, str]:
        """The environment of a stack that works for this account."""
        return {
            "WENCE_WECOM_CORP_ID": self.corp_id,
            "WENCE_WECOM_AGENT_ID": str(self.agent_id),
            "WENCE_WECOM_SECRET": self.secret,
            "WENCE_WECOM_TOKEN": self.token,
            "WENCE_WECOM_AES_KEY": self.aes_key,
            "WENCE_WECOM_API_BASE": api_base,
        }


class WeCom(CallingPlatform[WeComPerson]):
    """One company with one app.

    Only people who are in it can be written to.
    """

    def __init__(
        self,
        account: Account | None = None,
        callback: str = "",
        patience: float = 5.0,
        port: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.account = account or Account()
        envelope = Envelope(self.account.token, self.account.aes_key, self.account.corp_id)
        super().__init__(envelope, callback, patience, port, clock)
        self.codes: dict[str, tuple[float, str]] = {}
        self.recordings: dict[str, bytes] = {}
        self._task_ids: set[str] = set()
        self._sent: dict[str, deque[float]] = {}
        self._contents: dict[tuple[str, str], float] = {}

    def person(self, name: str) -> WeComPerson:
        """The member of that user id, who joins where there is none."""
        return self.people.setdefault(name, WeComPerson(name, self))

    def _add_routes(self, app: web.Application) -> None:
        app.router.add_get("/cgi-bin/gettoken", self.endpoint(self._gettoken))
        app.router.add_post("/cgi-bin/message/send", self.endpoint(self._send))
        app.router.add_post("/cgi-bin/message/update_template_card", self.endpoint(self._update))
        app.router.add_get("/cgi-bin/media/get", self.endpoint(self._media))
        app.router.add_get("/cgi-bin/getcallbackip", self.endpoint(self._callback_ips))

    async def _gettoken(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("corpid") != self.account.corp_id:
            raise Refusal(40013, "invalid corpid")
        if body.get("corpsecret") != self.account.secret:
            raise Refusal(40001, "invalid credential")
        return self.living_token()

    async def _callback_ips(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self.check_token(request, 40014)
        return {"ip_list": ["127.0.0.1"]}

    async def _media(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self.check_token(request, 40014)
        recording = self.recordings.get(str(body.get("media_id")))
        if recording is None:
            raise Refusal(40007, "invalid media_id")
        return {FILE: recording}

    async def _send(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self.check_token(request, 40014)
        call = request[CALL]
        self._check_agent(body)
        known, unknown = self._receivers(body.get("touser"))
        line = self._line(call, body)
        if not known:
            raise Refusal(81013, "user & party & tag all invalid")
        for person in known:
            self._show(call, person, body, line)
        answer = {"msgid": uuid4().hex, "invaliduser": "|".join(unknown)}
        if line.buttons:
            answer["response_code"] = self.new_code(line.card or "")
        return answer

    def _check_agent(self, body: dict[str, Any]) -> None:
        agent = body.get("agentid")
        if not isinstance(agent, int) or isinstance(agent, bool):
            raise Refusal(40056, "invalid agentid")
        if agent != self.account.agent_id:
            raise Refusal(301002, "agentid of another app")

    def _receivers(self, touser: Any) -> tuple[list[WeComPerson], list[str]]:
        if not isinstance(touser, str) or not touser:
            raise Refusal(40031, "touser missing")
        names = touser.split("|")
        known = [self.people[name] for name in names if name in self.people]
        return known, [name for name in names if name not in self.people]

    def _line(self, call: Call, body: dict[str, Any]) -> Line:
        kind = body.get("msgtype")
        if kind in {"text", "markdown"}:
            content = (body.get(kind) or {}).get("content")
            if not isinstance(content, str) or not content:
                raise Refusal(44004, "empty content")
            raw = content.encode("utf-8")
            cut = len(raw) > MOST_BYTES
            if cut:
                self.problems.append(f"{kind} of {len(raw)} bytes was cut at {MOST_BYTES}")
            shown = raw[:MOST_BYTES].decode("utf-8", "ignore")
            return Line("bot", shown, time.monotonic(), "active", call=call.number, cut=cut)
        if kind == "template_card":
            card = body.get("template_card")
            faults = card_faults(card, self._task_ids)
            if faults or not isinstance(card, dict):
                self.problems += faults
                # The documentation names no code of its own for a task id used before.
                raise Refusal(40058, "; ".join(faults))
            task_id = card.get("task_id")
            if task_id:
                self._task_ids.add(task_id)
            return Line(
                "bot",
                text_of_card(card),
                time.monotonic(),
                "active",
                buttons_of(card),
                task_id,
                call.number,
            )
        raise Refusal(40008, "invalid message type")

    def _show(self, call: Call, person: WeComPerson, body: dict[str, Any], line: Line) -> None:
        now = self.clock()
        if body.get("enable_duplicate_check") == 1:
            interval = min(float(body.get("duplicate_check_interval", 1800)), 4 * 3600.0)
            content = (person.name, line.text)
            before = self._contents.get(content)
            self._contents[content] = now
            if before is not None and now - before < interval:
                call.dropped = "duplicate"
                return
        else:
            self._contents[person.name, line.text] = now
        sent = self._sent.setdefault(person.name, deque())
        while sent and sent[0] <= now - 3600:
            sent.popleft()
        sent.append(now)
        if sum(at > now - 60 for at in sent) > PER_MINUTE or len(sent) > PER_HOUR:
            call.dropped = "frequency"  # silently: the answer says 0
            return
        call.shown = True
        if line.card is not None:
            person.cards[line.card] = body["template_card"]["card_type"]
        person.show(line)

    def new_code(self, task_id: str) -> str:
        """A code with which one card can be changed, once, within 72 hours."""
        code = uuid4().hex
        self.codes[code] = (self.clock() + CODE_SECONDS, task_id)
        return code

    async def _update(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self.check_token(request, 40014)
        self._check_agent(body)
        until, task_id = self.codes.pop(str(body.get("response_code")), (float("-inf"), ""))
        if until <= self.clock():
            self.problems.append("response_code unknown, used or too old")
            raise Refusal(40058, "invalid response_code")
        name = (body.get("button") or {}).get("replace_name")
        if not name and not isinstance(body.get("template_card"), dict):
            raise Refusal(40058, "neither button nor template_card")
        for user in body.get("userids") or []:
            if user in self.people:
                self.people[user].press_down(task_id, name or text_of_card(body["template_card"]))
        return {"invaliduser": []}

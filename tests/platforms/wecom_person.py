"""A member of a company, who talks to the app in WeCom."""

from __future__ import annotations

import secrets
import time
from itertools import count
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from defusedxml import ElementTree

from tests.platforms.courier import Attempt, Letter, Post
from tests.platforms.envelope import EnvelopeFault
from tests.platforms.person import Button, Line, Person

if TYPE_CHECKING:
    from tests.platforms.wecom import WeCom

__all__ = ["WeComPerson", "fields_of", "xml_of"]

_ids = count(7_000_000_000_000_000)


def xml_of(fields: dict[str, Any]) -> str:
    """Fields as the platforms write XML; a dictionary becomes nested elements."""
    rows = []
    for name, value in fields.items():
        if isinstance(value, dict):
            text = xml_of(value).removeprefix("<xml>").removesuffix("</xml>")
        elif isinstance(value, int):
            text = str(value)
        elif "]]>" in str(value):
            text = escape(str(value))
        else:
            text = f"<![CDATA[{value}]]>"
        rows.append(f"<{name}>{text}</{name}>")
    return f"<xml>{''.join(rows)}</xml>"


def fields_of(text: str) -> dict[str, str]:
    """The elements of an XML document, each with all the text in it.

    Raises:
        EnvelopeFault: it is none.
    """
    try:
        return {child.tag: "".join(child.itertext()) for child in ElementTree.fromstring(text)}
    except (ElementTree.ParseError, ValueError) as error:
        raise EnvelopeFault("not XML") from error


class WeComPerson(Person):
    """One member and the chat with the app.

    Attributes:
        posts: what this person sent, with all deliveries.
        cards: kind of every card on the screen, by task id.
    """

    def __init__(self, name: str, platform: WeCom) -> None:
        super().__init__(name)
        self.platform = platform
        self.posts: list[Post] = []
        self.cards: dict[str, str] = {}
        self._pressed: str | None = None

    async def says(self, text: str, message_id: int | None = None) -> Post:
        """Send words; the person does not wait for the answer, only for the delivery."""
        self.wrote(text)
        number = message_id or next(_ids)
        return await self.sends({"MsgType": "text", "Content": text, "MsgId": number})

    async def speaks(self, seconds: float | None = 3.0) -> Post:
        """Send a voice message; it comes without its words.

        Args:
            seconds: of the recording that can be fetched; None where it is gone by then.
        """
        self.wrote("（语音）")
        media_id = secrets.token_hex(16)
        if seconds is not None:
            # Frames of 12.2 kbit/s, 20 ms each.
            frames = (b"\x3c" + secrets.token_bytes(31)) * round(seconds / 0.02)
            self.platform.recordings[media_id] = b"#!AMR\n" + frames
        media = {"MediaId": media_id, "Format": "amr", "MsgId": next(_ids)}
        return await self.sends({"MsgType": "voice", **media})

    async def sends_kind(self, kind: str, **fields: Any) -> Post:
        """Send an image, video, file, location or link."""
        self.wrote(f"（{kind}）")
        return await self.sends({"MsgType": kind, **fields, "MsgId": next(_ids)})

    async def does(self, event: str, key: str = "", **fields: Any) -> Post:
        """What counts as an event: subscribe, enter_agent, click, view…"""
        self.wrote(f"（{event}{' ' + key if key else ''}）")
        return await self.sends({"MsgType": "event", "Event": event, "EventKey": key, **fields})

    async def presses(self, title: str) -> Post:
        """Press a button of the latest card that has any."""
        card = self.card
        button = next((b for b in card.buttons if title in b.title), None)
        if button is None or card.card is None:
            raise AssertionError(f"no button {title!r} on {[b.title for b in card.buttons]}")
        self.wrote(f"［{button.title}］")
        self._pressed = card.card
        return await self.sends(self._click(card.card, button))

    def _click(self, task_id: str, button: Button) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "MsgType": "event",
            "Event": "template_card_event",
            "EventKey": button.key,
            "TaskId": task_id,
            "CardType": self.cards.get(task_id, "button_interaction"),
            "ResponseCode": self.platform.new_code(task_id),
        }
        question, _, option = button.key.partition("\n")
        if option:
            chosen = {"QuestionKey": question, "OptionIds": {"OptionId": option}}
            fields["SelectedItems"] = {"SelectedItem": chosen}
            fields["EventKey"] = "submit"
        return fields

    async def sends(self, fields: dict[str, Any]) -> Post:
        """Post a callback and repeat it as the platform does."""
        account, envelope = self.platform.account, self.platform.envelope
        inner = xml_of(
            {
                "ToUserName": account.corp_id,
                "FromUserName": self.name,
                "CreateTime": int(time.time()),
                **fields,
                "AgentID": account.agent_id,
            }
        )
        post = Post(str(fields.get("MsgId", "")))
        self.posts.append(post)

        def write() -> Letter:
            timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
            sealed = envelope.seal(inner)
            outer = {
                "ToUserName": account.corp_id,
                "AgentID": str(account.agent_id),
                "Encrypt": sealed,
            }
            query = {
                "msg_signature": envelope.sign(timestamp, nonce, sealed),
                "timestamp": timestamp,
                "nonce": nonce,
            }
            return Letter(self.platform.callback, query, xml_of(outer).encode(), "text/xml")

        return await self.platform.courier.deliver(post, write, self._answered)

    async def _answered(self, attempt: Attempt) -> None:
        """Read what came back with the 200, if anything."""
        if not attempt.body:
            return
        try:
            outer = fields_of(attempt.body.decode("utf-8", "replace"))
            inner = fields_of(
                self.platform.envelope.open(
                    outer.get("Encrypt", ""),
                    outer.get("MsgSignature", ""),
                    outer.get("TimeStamp", ""),
                    outer.get("Nonce", ""),
                )
            )
            self._reply(inner)
        except EnvelopeFault as fault:
            self.platform.problems.append(f"passive reply: {fault}")

    def _reply(self, reply: dict[str, str]) -> None:
        if reply.get("ToUserName") != self.name:
            raise EnvelopeFault("ToUserName is not the person")
        if reply.get("FromUserName") != self.platform.account.corp_id:
            raise EnvelopeFault("FromUserName is not the company")
        if not reply.get("CreateTime", "").isdigit():
            raise EnvelopeFault("CreateTime is not a number")
        kind = reply.get("MsgType")
        if kind == "text" and reply.get("Content"):
            raw = reply["Content"].encode("utf-8")
            if len(raw) > 2048:
                self.platform.problems.append(f"passive text of {len(raw)} bytes was cut at 2048")
            text = raw[:2048].decode("utf-8", "ignore")
            self.show(Line("bot", text, time.monotonic(), "passive", cut=len(raw) > 2048))
        elif kind in {"update_button", "update_template_card"} and self._pressed is not None:
            self.press_down(self._pressed, reply.get("Button") or reply.get("TemplateCard", ""))
        else:
            raise EnvelopeFault(f"a passive reply cannot be of type {kind} here")

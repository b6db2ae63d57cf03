"""What the AI bot platform tells, in both modes, brought into a few forms.

Sources: https://developer.work.weixin.qq.com/document/path/100719 (messages) and
https://developer.work.weixin.qq.com/document/path/101027 (events).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.aibot.quoting import with_quote
from bot.conversations.message import Inbound, Kind

__all__ = [
    "CHANNEL",
    "Callback",
    "Click",
    "Entered",
    "Feedback",
    "Ignored",
    "MalformedError",
    "Message",
    "Poll",
    "Replaced",
    "button_key",
    "read",
    "readdressed",
    "without_mentions",
]

CHANNEL = "aibot"
_MAX_SENDER = 200
_MAX_ID = 512
_WITHOUT_WORDS: dict[str, Kind] = {
    "image": "image",
    "mixed": "image",
    "file": "file",
    "video": "video",
    "voice": "voice",
}
# Not within an address: there Latin letters or digits stand before the sign.
_MENTION = re.compile(r"(?<![0-9A-Za-z._%+-])@(\S{1,64})(?:\s+|$)")
_LONGEST_NAME = 10  # characters; what is longer and the whole message holds a question
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_VERDICTS = {1: "up", 2: "down", 3: "cancelled"}


class MalformedError(Exception):
    """A callback lacks what every callback has."""


@dataclass(frozen=True)
class Message:
    """A person said something."""

    inbound: Inbound


@dataclass(frozen=True)
class Click:
    """A person pressed a button of a card.

    Attributes:
        inbound: with the button's payload as text.
        title: what stood on the button.
        task_id: of the card; an update must name it.
        userid: who pressed it.
    """

    inbound: Inbound
    title: str
    task_id: str
    userid: str


@dataclass(frozen=True)
class Poll:
    """The platform asks how a stream goes on."""

    key: str
    stream_id: str


@dataclass(frozen=True)
class Entered:
    """A person opens the chat for the first time on this day."""


@dataclass(frozen=True)
class Feedback:
    """A person judged an answer.

    Attributes:
        key: of the conversation.
        turn_id: the id that was given with the answer.
        kind: ``up``, ``down`` or ``cancelled``.
        reasons: the platform's numbers, 1 to 4: beside the point, incomplete, wrong,
            wrongly computed.
        text: the person's words, if any.
    """

    key: str
    turn_id: str
    kind: str
    reasons: tuple[int, ...]
    text: str


@dataclass(frozen=True)
class Replaced:
    """Another connection of the same bot took over (long connection only)."""


@dataclass(frozen=True)
class Ignored:
    """Nothing that concerns us."""

    what: str


Callback = Message | Click | Poll | Entered | Feedback | Replaced | Ignored


def read(body: Mapping[str, Any], at: int) -> Callback:
    """A decrypted callback in one of the forms above.

    Args:
        at: when it came, in seconds since 1970; part of the address, for a reply
            address of the platform is good for an hour.

    Raises:
        MalformedError: no sender, no message id, or one that is no plain text.
    """
    kind = body.get("msgtype")
    event = _table(body, "event")
    name = event.get("eventtype")
    if kind == "event" and name == "disconnected_event":
        return Replaced()
    source = _Source.of(body)
    if kind == "stream":
        return Poll(source.key, _id(_table(body, "stream").get("id")))
    if kind != "event":
        return Message(_said(body, source, at))
    if name == "enter_chat":
        return Entered()
    if name == "template_card_event":
        return _click(body, _table(event, "template_card_event"), source, at)
    if name == "feedback_event":
        return _feedback(_table(event, "feedback_event"), source)
    return Ignored("event")


def readdressed(inbound: Inbound, **more: str) -> Inbound:
    """The message with more in its address."""
    return replace(inbound, address={**inbound.address, **more})


def without_mentions(text: str) -> str:
    """A group message without the ``@name`` that called the bot (and others).

    The platform ends a mention with a blank and does not mark it otherwise, so of a name
    that holds a blank only the first word goes. A person may leave the blank out by hand;
    then name and question cannot be told apart, and are kept rather than lost.
    """
    left = _MENTION.sub("", text).strip()
    if left:
        return left
    return " ".join(name for name in _MENTION.findall(text) if len(name) > _LONGEST_NAME)


def button_key(title: str, payload: str) -> str | None:
    """The key of a button, which comes back when it is pressed; None where it gets too long.

    It carries the title as well, for the card that is shown afterwards.
    """
    key = json.dumps([title, payload], ensure_ascii=False, separators=(",", ":"))
    return key if len(key.encode()) <= 1024 else None


@dataclass(frozen=True)
class _Source:
    chatid: str
    chattype: str
    userid: str

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> _Source:
        userid = _id(_table(body, "from").get("userid"), _MAX_SENDER)
        if body.get("chattype") != "group":
            return cls("", "single", userid)
        chatid = _id(body.get("chatid"), _MAX_SENDER)
        if len(chatid) + 1 + len(userid) > _MAX_SENDER:
            raise MalformedError("sender")
        return cls(chatid, "group", userid)

    @property
    def sender(self) -> str:
        """In a group each person has a conversation of their own."""
        return f"{self.chatid}/{self.userid}" if self.chattype == "group" else self.userid

    @property
    def key(self) -> str:
        return f"{CHANNEL}:{self.sender}"

    def inbound(self, body: Mapping[str, Any], text: str, kind: Kind, at: int) -> Inbound:
        address = {
            "chatid": self.chatid,
            "chattype": self.chattype,
            "userid": self.userid,
            "at": at,
        }
        url = body.get("response_url")
        if isinstance(url, str) and 0 < len(url) <= 2048 and not _UNPRINTABLE.search(url):
            address["response_url"] = url
        text = _UNSTORABLE.sub("", text)
        return Inbound(CHANNEL, self.sender, text, _id(body.get("msgid")), kind, address)


def _said(body: Mapping[str, Any], source: _Source, at: int) -> Inbound:
    msgtype = body.get("msgtype")
    if not isinstance(msgtype, str):
        raise MalformedError("msgtype")
    text = _words(body, source)
    if not text and msgtype != "text":
        # A picture without a word is a picture, in whatever wrapping.
        return source.inbound(body, "", _WITHOUT_WORDS.get(msgtype, "other"), at)
    text = with_quote(text, _words(_table(body, "quote"), source))
    return source.inbound(body, text, "text", at)


def _words(body: Mapping[str, Any], source: _Source) -> str:
    """The words of a message or of a quoted one; of a voice those that the platform heard."""
    kind = body.get("msgtype")
    if kind in ("text", "voice"):
        text = _text(_table(body, kind).get("content"))
    elif kind == "mixed":
        items = _table(body, "mixed").get("msg_item")
        texts = [
            _text(_table(item, "text").get("content"))
            for item in (items if isinstance(items, list) else [])
            if isinstance(item, Mapping) and item.get("msgtype") == "text"
        ]
        text = "\n".join(text for text in texts if text.strip())
    else:
        text = ""
    return without_mentions(text) if source.chattype == "group" else text.strip()


def _click(
    body: Mapping[str, Any], card: Mapping[str, Any], source: _Source, at: int
) -> Click | Ignored:
    # The platform's example says event_key, its table eventkey.
    try:
        title, payload = json.loads(_text(card.get("event_key") or card.get("eventkey")))
    except (ValueError, TypeError, RecursionError):
        return Ignored("button")
    if not (isinstance(title, str) and isinstance(payload, str) and payload):
        return Ignored("button")
    return Click(
        source.inbound(body, payload, "text", at),
        title,
        _text(card.get("task_id")),
        source.userid,
    )


def _feedback(event: Mapping[str, Any], source: _Source) -> Feedback | Ignored:
    kind = _VERDICTS.get(event["type"]) if isinstance(event.get("type"), int) else None
    turn_id = event.get("id")
    if kind is None or not isinstance(turn_id, str) or not turn_id:
        return Ignored("feedback")
    reasons = event.get("inaccurate_reason_list")
    numbers = [n for n in reasons if isinstance(n, int)] if isinstance(reasons, list) else []
    return Feedback(
        source.key,
        _id(turn_id),
        kind,
        tuple(n for n in numbers if 1 <= n <= 4),
        _UNSTORABLE.sub("", _text(event.get("content"))),
    )


def _table(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _id(value: Any, limit: int = _MAX_ID) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= limit or _UNPRINTABLE.search(value):
        raise MalformedError("id")
    return value

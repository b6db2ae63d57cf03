"""Replies as what ``message/send`` takes: plain texts, and cards with buttons for choices.

Plain text, not Markdown: those who read in WeChat (微工作台) would see none of it, and
nothing tells which client a person uses. They see no cards either, so a card never holds
what the text before it does not: it only saves typing.

Source: https://developer.work.weixin.qq.com/document/path/90236
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.platform.sentence import Sentence
from bot.channels.rendering import shorten, size, split, with_choices
from bot.channels.wecom.keys import MAX_KEY, make_key

__all__ = ["MAX_TEXT", "is_card", "make_parts", "text_of", "text_part"]

MAX_TEXT = 2048
"""Bytes of UTF-8 in a text; the platform cuts off what is beyond."""

_MAX_BUTTONS = 6
_MAX_LABEL = 10  # characters of a button, as the platform advises
_MAX_TITLE = 36
_MAX_DESCRIPTION = 44
# What is asked next after an answer is named in its last line; a card each time would be noise.
_ANSWERS = ("policy_answer", "eligibility_result")


def make_parts(replies: Sequence[Mapping[str, Any]], sentence: Sentence) -> list[dict[str, Any]]:
    """The parts of some replies in order; long texts split at sentence ends."""
    parts: list[dict[str, Any]] = []
    for reply in replies:
        text, buttons = str(reply["text"]), reply.get("buttons") or []
        card = _card(reply, sentence)
        if card is None:
            text = with_choices(
                text, buttons, lambda _, title: sentence("wecom.choice", title=title)
            )
        parts += [text_part(piece) for piece in split(text, MAX_TEXT)]
        if card is not None:
            parts.append({"msgtype": "template_card", "template_card": card})
    return parts


def text_part(text: str) -> dict[str, Any]:
    """A text as a part; it fits the platform's limit."""
    return {"msgtype": "text", "text": {"content": text}}


def is_card(part: Mapping[str, Any]) -> bool:
    """Whether a part is a card, which only an active send can bring."""
    return part.get("msgtype") == "template_card"


def text_of(part: Mapping[str, Any]) -> str:
    """The words of a text part."""
    return str(part["text"]["content"])


def _card(reply: Mapping[str, Any], sentence: Sentence) -> dict[str, Any] | None:
    """A card with a reply's buttons; None where they are too many, too long or needless."""
    buttons = reply.get("buttons") or []
    kind = (reply.get("custom") or {}).get("type")
    if not 1 <= len(buttons) <= _MAX_BUTTONS or kind in _ANSWERS:
        return None
    made = [
        _button(number, button, str(reply["text"]), sentence)
        for number, button in enumerate(buttons, 1)
    ]
    keys = {button["key"] for button in made if button is not None}
    if len(keys) < len(buttons):  # one did not fit, or two are the same
        return None
    return {
        "card_type": "button_interaction",
        "main_title": {
            "title": shorten(sentence("wecom.choose"), _MAX_TITLE),
            "desc": shorten(sentence("wecom.or_type"), _MAX_DESCRIPTION),
        },
        "button_list": made,
    }


def _button(
    number: int, button: Mapping[str, Any], text: str, sentence: Sentence
) -> dict[str, Any] | None:
    label, payload = str(button["title"]), str(button["payload"])
    if len(label) > _MAX_LABEL:
        # The numbered list above says what the number stands for.
        if not re.search(rf"^{number}[.、．]", text, re.MULTILINE):
            return None
        label = sentence("wecom.item", number=number)
    key = make_key(label, payload)
    return {"text": label, "style": 1, "key": key} if size(key) <= MAX_KEY else None

"""What the platforms take for a template card, and what they show of it."""

from __future__ import annotations

import re
from typing import Any

from tests.platforms.person import Button

__all__ = ["buttons_of", "card_faults", "text_of_card"]

TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
_KINDS = {
    "text_notice",
    "news_notice",
    "button_interaction",
    "vote_interaction",
    "multiple_interaction",
}
_PRESSED = {"button_interaction", "vote_interaction", "multiple_interaction"}


def card_faults(card: Any, used: set[str]) -> list[str]:
    """Why the platform would refuse a card; empty where it takes it.

    Args:
        card: the ``template_card`` of a request.
        used: task ids of earlier cards; one may never be used again.
    """
    if not isinstance(card, dict) or card.get("card_type") not in _KINDS:
        return ["unknown card_type"]
    kind, faults = card["card_type"], []
    title = (card.get("main_title") or {}).get("title")
    if kind in _PRESSED and not title:
        faults.append("main_title.title missing")
    if not title and not card.get("sub_title_text"):
        faults.append("neither main_title.title nor sub_title_text")
    if kind in {"text_notice", "news_notice"} and not card.get("card_action"):
        faults.append("card_action missing")
    if len(card.get("horizontal_content_list") or []) > 6:
        faults.append("more than 6 rows")
    if kind in _PRESSED or card.get("action_menu"):
        faults += _task_id_faults(card.get("task_id"), used)
    if kind == "button_interaction":
        faults += _button_faults(card.get("button_list"))
    if kind == "vote_interaction":
        faults += _option_faults([card.get("checkbox") or {}], 20)
    if kind == "multiple_interaction":
        faults += _option_faults(card.get("select_list") or [], 10)
    if kind in {"vote_interaction", "multiple_interaction"}:
        faults += _button_faults([card.get("submit_button") or {}])
    return faults


def _task_id_faults(task_id: Any, used: set[str]) -> list[str]:
    if not isinstance(task_id, str) or not TASK_ID.fullmatch(task_id):
        return ["task_id malformed"]
    return ["task_id used before"] if task_id in used else []


def _button_faults(buttons: Any) -> list[str]:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 6:
        return ["1 to 6 buttons"]
    faults = []
    for button in buttons:
        if not button.get("text"):
            faults.append("button without text")
        key = button.get("key")
        if not isinstance(key, str) or not 1 <= len(key.encode("utf-8")) <= 1024:
            faults.append("button key not within 1024 bytes")
    if len({button.get("key") for button in buttons}) < len(buttons):
        faults.append("two buttons with one key")
    return faults


def _option_faults(questions: list[dict[str, Any]], most: int) -> list[str]:
    faults = [] if questions else ["no questions"]
    for question in questions:
        options = question.get("option_list") or []
        if not question.get("question_key") or not 1 <= len(options) <= most:
            faults.append("question without key or options")
    return faults


def text_of_card(card: dict[str, Any]) -> str:
    """All the words on a card, from top to bottom."""
    title = card.get("main_title") or {}
    emphasis, quote = card.get("emphasis_content") or {}, card.get("quote_area") or {}
    words = [title.get("title"), title.get("desc"), emphasis.get("title"), emphasis.get("desc")]
    words += [quote.get("title"), quote.get("quote_text"), card.get("sub_title_text")]
    for row in card.get("horizontal_content_list") or []:
        words.append(f"{row.get('keyname', '')}：{row.get('value', '')}")
    return "\n".join(word for word in words if word)


def buttons_of(card: dict[str, Any]) -> tuple[Button, ...]:
    """What can be pressed; of a vote or a choice each option counts as a button."""
    if card["card_type"] == "button_interaction":
        return tuple(Button(b["text"], b["key"]) for b in card["button_list"])
    questions = [card["checkbox"]] if "checkbox" in card else card.get("select_list") or []
    return tuple(
        Button(option["text"], f"{question['question_key']}\n{option['id']}")
        for question in questions
        for option in question["option_list"]
    )

"""What is asked of all that was offered, where nobody has chosen yet (找谁要, 有钱没).

Who asks on without choosing is not asked once more which it is: each of the few is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.policies.answer.compose import status_sentence, whom_of
from bot.policies.answer.follow_up import guide_in
from bot.policies.answer.items import Item
from bot.policies.answer.needs import needs_answered, needs_asked, needs_of
from bot.policies.answer.point import names_an_amount
from bot.policies.answer.wording import hopes_for_money, names_whom
from bot.policies.query import normalise
from bot.policies.search import Search

__all__ = ["asked_of_each", "each_told", "wanted_place"]

_SHORT = 12  # characters; a longer message says which it means
_MONEY = re.compile(r"钱|多少|几[万千百个成]|额度|上限|封顶|最高")
_PLACE = re.compile(
    r"那?(?:我们?|俺)?(?:要|问|说|想看|就看|只看)?的?(?:就?是)?"
    r"(?:(?P<province>省里|省上|省级|全省|本?省)|综改区|示范区)(?:范围)?的?(?:那个|那种|那条)?[呢啊吧嘛]?[。?？]?"
)
_STILL = re.compile(r"有效|过期|作废|失效|还[能有在]|现在(?:能|有)")


def wanted_place(text: str) -> str | None:
    """Whether of what was listed that of the province is meant, or a zone's (省里的).

    Returns:
        ``province`` or ``zone``; None where the message says something else.
    """
    match = _PLACE.fullmatch(normalise(text).strip())
    return None if match is None else "province" if match["province"] else "zone"


def asked_of_each(text: str) -> tuple[str, tuple[str, ...]] | None:
    """What a short message asks that can be told of each of several; None where nothing.

    Returns:
        The intent (amount, department, validity or the way), and the needs asked by name.
    """
    said = normalise(text).strip()
    if len(said) > _SHORT:
        return None
    needs = needs_asked(said, "")
    if needs:
        return "ask_how_to_apply", needs
    if names_whom(said):
        return "ask_department", ()
    if hopes_for_money(said) or _MONEY.search(said):
        return "ask_amount", ()
    return ("ask_validity", ()) if _STILL.search(said) else None


def each_told(
    items: Sequence[Item], intent: str, needs: Sequence[str], search: Search, as_of: date
) -> list[Item]:
    """The items, each with what is asked of it in its clause's words or said to be silent.

    Args:
        items: what was offered, each with the words that say what it gives.
        intent: what is asked of them.
        needs: what is asked for by name.
        search: over the knowledge base.
        as_of: the day.
    """
    phrases = search.snapshot.phrases

    def told(item: Item) -> str:
        hit, whom = item.hit, whom_of(item.hit, phrases)
        if needs:
            guide = guide_in(hit.clause.id, None, search)
            found = needs_of(hit.clause.text, hit.judgement.measure, guide, needs)
            return "".join(needs_answered(needs, found, whom, phrases, of_whom=False))
        if intent == "ask_department":
            return whom
        if intent == "ask_validity":
            span = hit.judgement.span
            return status_sentence(item.status, span, hit.document, phrases, as_of)
        # Another sentence of the clause may name a sum: then nothing is said to be missing.
        if item.words and names_an_amount(hit.clause.text):
            return phrases("answer.words", words=item.words)
        return phrases("answer.amount_missing")

    return [
        replace(
            item,
            name=phrases("offer.gives", caption=item.label, names=told(item).rstrip("。")),
            words="",
        )
        for item in items
    ]

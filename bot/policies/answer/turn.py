"""A message as it was read, before it is answered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from bot.policies.answer.breadth import lists_policies, wants_a_list
from bot.policies.answer.context import Context
from bot.policies.answer.lists import LISTED, subject_of
from bot.policies.answer.needs import of_the_measure
from bot.policies.answer.thread import Thread
from bot.policies.answer.turnabout import Turnabout, turned
from bot.policies.answer.wording import names_a_matter, names_whom
from bot.policies.search import Outcome, Search

__all__ = ["Turn", "read_turn"]

# What the answer to a plain question serves as well.
_PLAIN = {
    "ask_materials": "ask_how_to_apply",
    "ask_deadline": "ask_how_to_apply",
    "ask_eligible": "ask_conditions",
    "ask_our_amount": "ask_amount",
    "ask_match": "ask_list",
}
# 我江苏的, 我们是浙江老板: where a speaker comes from.
_COMES = re.compile(
    r"(?:我|俺|咱)们?(?:是|从)?[\u4e00-\u9fff]{2,4}(?:的(?!政策|补|奖)|老板|人|来|那边过来)"
)
# Intents that may be answered with many clauses.
_LISTS = frozenset({"ask_list", "ask_definition"})


@dataclass(frozen=True)
class Turn:
    """A message as it was read.

    Attributes:
        text: the message, cleaned.
        meant: the intent that Rasa understood.
        intent: what is answered; of a finer intent the plain one that serves it as well.
        question: what is searched for; of a list its subject alone.
        outcome: what that found.
        context: what the conversation remembers.
        as_of: the day of asking.
        stays: whether it goes on with what was spoken of before.
        says: what it puts right.
        barred: the scopes in which the firm is known not to be.
    """

    text: str
    meant: str
    intent: str
    question: str
    outcome: Outcome
    context: Context
    as_of: date
    stays: bool = False
    says: Turnabout = field(default_factory=lambda: Turnabout(""))
    barred: frozenset[str] = frozenset()


def read_turn(
    search: Search, thread: Thread, text: str, meant: str, context: Context, as_of: date
) -> Turn:
    """A message with what it asks, what the search finds for it, and whether it goes on."""
    if meant == "ask_department" and not names_whom(text):
        meant = "ask_policy"
    intent = _PLAIN.get(meant, meant)
    if intent == "ask_list" and not wants_a_list(text):
        intent = "ask_policy"
    broad = intent in _LISTS
    # Who begins takes nothing back: 不要抵押的小额信用贷 is what is wanted.
    begins = context.clause_id is None and not context.offered and not context.talked
    says = Turnabout(text) if begins else turned(text)
    meant_words = says.meant
    question = subject_of(meant_words, search.snapshot.lexicon) if broad else meant_words
    before = search.snapshot.clauses.get(context.clause_id or "")
    within = context.document or (before.document_id if before else None)
    outcome = search.find(question, as_of, LISTED, within, broad=broad)
    if not begins and outcome.elsewhere and _COMES.search(meant_words):
        # 我江苏的 不是老外: who speaks, not whose policy is wanted.
        question = meant_words.replace(outcome.elsewhere, "")
        outcome = search.find(question, as_of, LISTED, within)
    subject = outcome.weights and not outcome.named
    unlisted = outcome.decision == "nothing" or not lists_policies(text)
    if intent == "ask_list" and subject and unlisted:
        # What asks for a list loses words as a list; as a question it may be clear. So it
        # is where the parts of one measure are wanted (KPI卡在哪几条).
        plain = search.find(text, as_of, LISTED, within)
        if plain.decision == "answer":
            question, intent, outcome = text, "ask_policy", plain
    stays = thread.stays(outcome, text, context)
    if before is not None and of_the_measure(text) and not names_a_matter(text):
        stays = True
    stays = stays and not says.missed
    return Turn(text, meant, intent, question, outcome, context, as_of, stays, says)

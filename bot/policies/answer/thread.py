"""The thread of a conversation: what a short message leaves unsaid is what was spoken of before."""

from __future__ import annotations

from datetime import date

from bot.policies.answer.context import Context
from bot.policies.answer.lists import LISTED
from bot.policies.answer.wording import asks_on, elliptic, leans
from bot.policies.search import Outcome, Search

__all__ = ["FEW", "in_context"]

FEW = 2
"""Words that a question may name and still be about the clause before."""
_SHORT = 20  # characters; a longer message names what it is about
_BRIEF = 8  # characters; so brief a question asks of what was spoken of


def in_context(
    search: Search, outcome: Outcome, text: str, context: Context, as_of: date
) -> tuple[Outcome, str]:
    """What a message finds, taken with the subject before where it leans on that.

    It leans on it where it is short and finds nothing for certain by itself, or is worded
    as going on; and where what both find together holds its words, or is the clause that
    was spoken of.

    Returns:
        What is to be answered from, and the question that it answers.
    """
    alone = (outcome, text)
    clause_id = context.clause_id
    if (
        not context.subject
        or clause_id is None
        or len(text) > _SHORT
        or outcome.named
        or outcome.vague
    ):
        return alone
    if outcome.decision == "answer" and not (leans(text) or elliptic(text)):
        return alone
    together = f"{context.subject}，{text}"
    joint = search.find(together, as_of, LISTED)
    if joint.decision == "nothing" or not joint.hits:
        return alone
    top = joint.hits[0].clause
    named = search.subject(outcome.weights)
    holds = _holds(search, top.text, outcome)
    if outcome.decision == "answer":
        surer = elliptic(text) and joint.confidence >= outcome.confidence
        going_on = (leans(text) and holds) or surer
        return (joint, together) if going_on and joint.decision == "answer" else alone
    brief = len(text) <= _BRIEF and asks_on(text) is not None
    same = top.id == clause_id and (leans(text) or brief or not named)
    if not holds and outcome.decision == "offer":
        # 那见习的呢: another clause holds what is named now.
        same = same and not _holds(search, outcome.hits[0].clause.text, outcome)
    return (joint, together) if holds or same else alone


def _holds(search: Search, words: str, outcome: Outcome) -> bool:
    """Whether a clause holds all that a message names; of a brief one its term, if any."""
    named = search.subject(outcome.weights)
    brief = len(outcome.analysis.text) <= _BRIEF
    terms = [feature for feature in named if feature[0] == "t" and brief]
    weights = outcome.weights
    return all(search.likeness(words, {f: weights[f]}) > 0 for f in terms or named)

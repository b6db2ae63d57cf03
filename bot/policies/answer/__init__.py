"""Answers: an outcome of the search becomes sentences, every figure from a cited clause."""

from bot.policies.answer.context import Context, Interview, Topic
from bot.policies.answer.dialogue import Assistant
from bot.policies.answer.reply import Reply, clause_record
from bot.policies.answer.talked import remember
from bot.policies.answer.truth import held_to

__all__ = [
    "Assistant",
    "Context",
    "Interview",
    "Reply",
    "Topic",
    "clause_record",
    "held_to",
    "remember",
]

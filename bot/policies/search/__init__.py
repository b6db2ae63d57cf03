"""Finding the clause: analysis of text, an index over clauses and questions, a confidence."""

from bot.policies.search.engine import Decision, Hit, Outcome, Search

__all__ = ["Decision", "Hit", "Outcome", "Search"]

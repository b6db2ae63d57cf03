"""Answers to what is asked of a document as it is printed: its card, its next clause."""

from __future__ import annotations

from bot.policies.answer.cards import document_card
from bot.policies.answer.clauses import ClauseAnswers
from bot.policies.answer.conduct import beside_it
from bot.policies.answer.context import Context
from bot.policies.answer.reply import Reply, make_reply
from bot.policies.answer.turn import Turn
from bot.policies.answer.wording import asks_on

__all__ = ["DocumentAnswers"]

# What is asked of a document as a whole gets its card.
_OF_DOCUMENTS = frozenset({"ask_document", "ask_policy"})


class DocumentAnswers(ClauseAnswers):
    """Answers about documents, over one search index."""

    def _of_a_document(self, turn: Turn) -> Reply | None:
        """The card of a document that is named as a whole, or the list of what it holds."""
        outcome = turn.outcome
        whole = outcome.whole and turn.intent in _OF_DOCUMENTS
        if not outcome.named or (outcome.hits and not whole):
            return None
        articles = outcome.analysis.values("article")
        if turn.intent == "ask_list" and not articles and outcome.named[0].clauses:
            return self._list(outcome, turn.question, turn.context, turn.as_of)
        card = document_card(outcome.named[0], self._snapshot, asked=bool(articles))
        kept = Context(document=outcome.named[0].id, facts=turn.context.facts)
        return make_reply(self._snapshot, "text", card, kept)

    def _of_the_document(self, turn: Turn) -> Reply | None:
        """The card again, where something is asked of the document that was named (归谁管)."""
        document = self._snapshot.documents.get(turn.context.document or "")
        outcome = turn.outcome
        if document is None or turn.context.clause_id is not None or outcome.named:
            return None
        if outcome.analysis.values("article") or asks_on(turn.text) is None:
            return None
        card = document_card(document, self._snapshot)
        return make_reply(self._snapshot, "text", card, turn.context)

    def _beside(self, turn: Turn) -> Reply | None:
        """The clause before or after the one spoken of (下一条)."""
        step = beside_it(turn.text)
        clause = self._snapshot.clauses.get(turn.context.clause_id or "")
        if step is None or clause is None:
            return None
        clauses = self._snapshot.documents[clause.document_id].clauses
        place = [one.id for one in clauses].index(clause.id) + step
        there = 0 <= place < len(clauses)
        hit = self.search.hit(clauses[place].id, {}, turn.as_of) if there else None
        if hit is None:
            return self._say("text", "list.no_more", turn.context)
        return self._answer(hit, {}, ("ask_document",), turn.as_of, hit.clause.headline)

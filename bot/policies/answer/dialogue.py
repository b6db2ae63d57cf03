"""From a message, an intent and what was said before to a reply. Pure; no Rasa."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.policies.answer.compose import answer_text
from bot.policies.answer.reply import Context, Reply, make_reply
from bot.policies.model import Document, Phrases
from bot.policies.query import analyse, normalise, parse_document_number, parse_number
from bot.policies.search import Hit, Outcome, Search

__all__ = ["Assistant"]

# Intents that may lean on the clause last spoken of when they name nothing themselves.
_FOLLOW_UPS = frozenset(
    {
        "ask_amount",
        "ask_conditions",
        "ask_how_to_apply",
        "ask_department",
        "ask_validity",
        "ask_document",
    }
)
_OFFERED = 3
_LEANING = 2  # words that a question may name and still be about the clause before
_FADED = 0.1  # how much the question before counts where this one names something
_ORDINAL = re.compile(
    r"第\s*([一二三四五六七八九十两\d]{1,3})\s*(?:个|项|条|种|款)?|^\s*(?:选|要|看)?\s*([一二三四五六七八九十\d]{1,2})\s*$"
)
_LAST = re.compile(r"最后(?:一|那)?个|末(?:一|尾)")


class Assistant:
    """Answers over one search index; holds no state of any conversation."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self._phrases: Phrases = search.snapshot.phrases

    def respond(self, text: str, intent: str, context: Context, as_of: date) -> Reply:
        """Answer, offer a choice, or say that nothing fits.

        Args:
            text: the message, cleaned.
            intent: what Rasa understood; the search's confidence decides more.
            context: what the conversation remembers.
            as_of: the day of asking.
        """
        outcome = self.search.find(text, as_of)
        features = outcome.weights
        if outcome.unknown_document is not None:
            return self._unknown_document(outcome.unknown_document, context)
        if outcome.elsewhere is not None:
            return self._say("text", "nothing.elsewhere", context, place=outcome.elsewhere)
        if outcome.named and not outcome.hits:
            return self._document(outcome, context)
        picked = self._picked(text, context)
        if picked is not None:
            return self._from_offer(picked, intent, context, as_of)
        if intent in _FOLLOW_UPS:
            reply = self._follow_up(outcome, features, intent, context, as_of)
            if reply is not None:
                return reply
        if not features and not outcome.hits and intent.startswith("ask_"):
            return self._say("clarify", "nothing.follow_up", context)
        names_term = any(feature[0] == "t" for feature in features)
        if intent == "out_of_scope" and outcome.decision != "answer" and not names_term:
            return self._say("text", "nothing.out_of_scope", context)
        if outcome.decision == "answer":
            return self._answer(outcome.hits[0], features, intent, as_of, text)
        if outcome.decision == "offer":
            return self._offer(outcome, text)
        return self._nothing(context)

    def choose(self, text: str, context: Context, as_of: date) -> Reply:
        """Answer with the item chosen from the last offer (第二个, 2, 最后一个).

        An ordinal beyond the offer that reads as an article (第八条) is one.
        """
        picked = self._picked(text, context)
        if picked is not None:
            return self._from_offer(picked, "ask_policy", context, as_of)
        analysis = analyse(text, self.search.snapshot.lexicon)
        if analysis.values("article") or self._ordinal(text, 1) is None:
            return self.respond(text, "ask_document", context, as_of)
        if not context.offered:
            return self._say("clarify", "nothing.no_offer", context)
        return self._say("clarify", "nothing.beyond_offer", context, count=len(context.offered))

    def _picked(self, text: str, context: Context) -> int | None:
        """Which item of the last offer a message names, by ordinal or by its title."""
        if not context.offered or parse_document_number(normalise(text)) is not None:
            return None
        clauses = self.search.snapshot.clauses
        for index, clause_id in enumerate(context.offered):
            clause = clauses.get(clause_id)
            if clause is not None and normalise(text) == normalise(clause.headline):
                return index
        named = self._ordinal(text, len(context.offered))
        return named if named is not None and named < len(context.offered) else None

    def _from_offer(self, index: int, intent: str, context: Context, as_of: date) -> Reply:
        before = self._weights(context.subject)
        hit = self.search.hit(context.offered[index], before, as_of)
        if hit is None:  # the knowledge base changed in between
            return self._say("clarify", "nothing.no_offer", Context())
        return self._answer(hit, before, intent, as_of, context.subject)

    @staticmethod
    def _ordinal(text: str, count: int) -> int | None:
        normalised = normalise(text)
        if _LAST.search(normalised):
            return count - 1
        match = _ORDINAL.search(normalised)
        number = parse_number(match[1] or match[2]) if match else None
        return int(number) - 1 if number and number >= 1 else None

    def _follow_up(
        self,
        outcome: Outcome,
        features: Mapping[str, float],
        intent: str,
        context: Context,
        as_of: date,
    ) -> Reply | None:
        """An answer from the clause spoken of before, where the question leans on it.

        A question that names something is about another measure of that clause if
        the clause has it, and about something else if not.
        """
        if outcome.named or outcome.analysis.values("article"):
            return None
        named = self.search.subject(features)
        if named and (outcome.decision == "answer" or len(named) > _LEANING):
            return None
        clause = self.search.snapshot.clauses.get(context.clause_id or "")
        if clause is None:
            if not features or outcome.vague:
                return self._say("clarify", "nothing.follow_up", context)
            return None
        words = normalise(clause.text)
        terms = {feature: features[feature] for feature in named if feature[0] == "t"}
        here = any(f[2:] in words for f in named) or self.search.likeness(clause.text, terms) > 0
        if named and not here:
            return None
        before = self._weights(context.subject)
        # What is named now outweighs what was named before.
        weights = {f: w * (_FADED if named else 1) for f, w in before.items()} | dict(features)
        hit = self.search.hit(clause.id, weights, as_of)
        if hit is None:
            return None
        return self._answer(hit, weights, intent, as_of, context.subject)

    def _weights(self, question: str) -> Mapping[str, float]:
        return self.search.weigh(analyse(question, self.search.snapshot.lexicon))

    def _answer(
        self, hit: Hit, features: Mapping[str, float], intent: str, as_of: date, subject: str
    ) -> Reply:
        text = answer_text(hit, features, intent, self.search, as_of)
        asked = {"ask_validity": "validity", "ask_department": "department"}.get(intent)
        quick = [
            {
                "title": self._phrases(f"quick_reply.{name}.title"),
                "payload": self._phrases(f"quick_reply.{name}.payload"),
            }
            for name in ("validity", "department", "apply")
            if name != asked and not (name == "apply" and intent == "ask_how_to_apply")
        ]
        context = Context(clause_id=hit.clause.id, subject=subject)
        return make_reply(self.search.snapshot, "policy_answer", text, context, [hit], quick)

    def _offer(self, outcome: Outcome, subject: str) -> Reply:
        hits = outcome.hits[:_OFFERED]
        lines = [self._phrases("offer.vague" if outcome.vague else "offer.opening")]
        quick = []
        for index, hit in enumerate(hits, 1):
            lines.append(
                self._phrases(
                    "offer.item",
                    index=index,
                    headline=hit.clause.headline,
                    doc_no=hit.document.doc_no,
                    locator=hit.clause.locator,
                    status=self._phrases(f"status.{hit.judgement.status}.badge"),
                )
            )
            payload = f"{hit.document.doc_no}{hit.clause.locator}"
            quick.append({"title": hit.clause.headline, "payload": payload})
        lines.append(self._phrases("offer.closing"))
        context = Context(offered=tuple(hit.clause.id for hit in hits), subject=subject)
        return make_reply(self.search.snapshot, "clarify", "\n".join(lines), context, hits, quick)

    def _nothing(self, context: Context) -> Reply:
        key = "nothing.first" if context.misses == 0 else "nothing.again"
        return self._say("text", key, replace(context, offered=(), misses=context.misses + 1))

    def _unknown_document(self, doc_no: str, context: Context) -> Reply:
        known = "、".join(
            self._phrases("document.item", title=doc.title, doc_no=doc.doc_no)
            for doc in self.search.snapshot.documents.values()
        )
        said = doc_no.replace("*〔*〕", "").replace("*", "")
        return self._say("text", "nothing.document_unknown", context, doc_no=said, list=known)

    def _document(self, outcome: Outcome, context: Context) -> Reply:
        document: Document = outcome.named[0]
        values = {"title": document.title, "doc_no": document.doc_no, "issuer": document.issuer}
        if outcome.analysis.values("article"):
            key = "nothing.article_unknown"
        else:
            key = "document.card" if document.doc_no else "document.card_undated"
        return self._say("text", key, context, count=len(document.clauses), **values)

    def _say(self, kind: str, key: str, context: Context, **values: object) -> Reply:
        text = self._phrases(key, **values)
        return make_reply(self.search.snapshot, kind, text, context)

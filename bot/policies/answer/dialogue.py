"""From a message, an intent and what was said before to a reply. Pure; no Rasa."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.policies.answer.compose import answer_text
from bot.policies.answer.places import name_of, place_of
from bot.policies.answer.reply import Context, Reply, beside, make_reply
from bot.policies.model import PROVINCE, Phrases
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
        self._snapshot = search.snapshot
        self._phrases: Phrases = search.snapshot.phrases

    def respond(self, text: str, intent: str, context: Context, as_of: date) -> Reply:
        """Answer, offer a choice, or say that nothing fits.

        Args:
            text: the message, cleaned.
            intent: what Rasa understood; the search's confidence decides more.
            context: what the conversation remembers.
            as_of: the day of asking.
        """
        before = self._snapshot.clauses.get(context.clause_id or "")
        outcome = self.search.find(text, as_of, within=before.document_id if before else None)
        features = outcome.weights
        if outcome.unknown_document is not None:
            said = outcome.unknown_document.replace("*〔*〕", "").replace("*", "")
            count = len(self._snapshot.documents)
            return self._say("text", "nothing.document_unknown", context, doc_no=said, count=count)
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
        if outcome.unplaced and not outcome.hits:
            return self._say("clarify", "nothing.article_which", context)
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
        analysis = analyse(text, self._snapshot.lexicon)
        if analysis.values("article") or self._ordinal(text, 1) is None:
            return self.respond(text, "ask_document", context, as_of)
        if not context.offered:
            return self._say("clarify", "nothing.no_offer", context)
        return self._say("clarify", "nothing.beyond_offer", context, count=len(context.offered))

    def _picked(self, text: str, context: Context) -> int | None:
        """Which item of the last offer a message names, by ordinal or by its title."""
        if not context.offered or parse_document_number(normalise(text)) is not None:
            return None
        clauses = self._snapshot.clauses
        for index, clause_id in enumerate(context.offered):
            clause = clauses.get(clause_id)
            if clause is not None and normalise(text) == normalise(clause.caption):
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
        clause = self._snapshot.clauses.get(context.clause_id or "")
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
        return self.search.weigh(analyse(question, self._snapshot.lexicon))

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
        # Whatever figure a caution tells of another clause, that clause is cited too.
        others = (self.search.hit(key, {}, as_of) for key in beside(hit.clause, self._snapshot))
        hits = [hit, *(other for other in others if other is not None)]
        return make_reply(self._snapshot, "policy_answer", text, context, hits, quick)

    def _offer(self, outcome: Outcome, subject: str) -> Reply:
        hits = outcome.hits[:_OFFERED]
        lines = [self._phrases("offer.vague" if outcome.vague else "offer.opening")]
        quick = []
        for index, hit in enumerate(hits, 1):
            zone = hit.clause.scope != PROVINCE
            lines.append(
                self._phrases(
                    "offer.item_scope" if zone else "offer.item",
                    index=index,
                    headline=hit.clause.caption,
                    place=place_of(hit.clause, self._snapshot),
                    scope=hit.clause.scope,
                    status=self._phrases(f"status.{hit.judgement.status}.badge"),
                )
            )
            payload = f"{hit.document.doc_no}{hit.clause.locator}"
            quick.append({"title": hit.clause.caption, "payload": payload})
        lines.append(self._phrases("offer.closing"))
        context = Context(offered=tuple(hit.clause.id for hit in hits), subject=subject)
        return make_reply(self._snapshot, "clarify", "\n".join(lines), context, hits, quick)

    def _nothing(self, context: Context) -> Reply:
        key = "nothing.first" if context.misses == 0 else "nothing.again"
        return self._say("text", key, replace(context, offered=(), misses=context.misses + 1))

    def _document(self, outcome: Outcome, context: Context) -> Reply:
        """What is held of a document that is named, where no clause of it is asked for."""
        document, phrases = outcome.named[0], self._phrases
        own = [clause for clause in document.clauses if clause.part is None]
        points = [clause for clause in document.clauses if clause.part is not None]
        values: dict[str, object] = {
            "document": name_of(document, phrases),
            "doc_no": document.doc_no,
            "issuer": document.issuer or phrases("document.issuer_unknown"),
            "count": len(own),
        }
        if own:
            asked = outcome.analysis.values("article")
            key = "nothing.article_unknown" if asked else "document.card"
            values["unit"] = own[0].unit
        elif points:
            asked = outcome.analysis.values("article")
            key = "nothing.article_excerpt" if asked else "document.card_excerpt"
            values["source"] = self._snapshot.sources[points[0].source].title
            values |= {"count": len(points), "example": points[0].caption}
        else:
            key = "document.card_listed"
        text = phrases(key, **values)
        if document.repealed is not None:
            text = phrases("document.repealed", words=document.repealed.words) + text
        return make_reply(self._snapshot, "text", text, context)

    def _say(self, kind: str, key: str, context: Context, **values: object) -> Reply:
        text = self._phrases(key, **values)
        return make_reply(self._snapshot, kind, text, context)

"""Answers from programmes: how a verdict is worded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from bot.policies.answer.choosing import Choosing
from bot.policies.answer.compose import BAD_NEWS, points_of, status_sentence
from bot.policies.answer.context import Context
from bot.policies.answer.places import cite, elsewhere, issuer_said, place_of
from bot.policies.answer.reply import Reply, beside, cautions_of, make_reply
from bot.policies.answer.verdicts import hit_of, verdict_record
from bot.policies.answer.wording import aspects
from bot.policies.eligibility.amounts import quantity
from bot.policies.eligibility.facts import Value
from bot.policies.eligibility.judge import Verdict
from bot.policies.eligibility.programme import GUIDE, Programme
from bot.policies.eligibility.telling import Told as Said
from bot.policies.eligibility.telling import facts_said, judgement_of, names_said, tell
from bot.policies.model import PROVINCE, Span
from bot.policies.query import normalise
from bot.policies.search import Hit

__all__ = ["EligibilityAnswers"]


class EligibilityAnswers(Choosing):
    """Chooses programmes and words verdicts, over one search index."""

    def reply(
        self,
        verdict: Verdict,
        subject: str,
        told: Mapping[str, Value] | None = None,
        lead: str = "",
        found: Hit | None = None,
        *,
        brief: bool = False,
    ) -> Reply:
        """The verdict as an answer.

        Args:
            verdict: what is told.
            subject: the message that it answers.
            told: what of the firm it rests on.
            lead: what is said first.
            found: the clause that the message was found to ask about; where another one of
                the programme is the principal, its words are quoted as well.
            brief: only what the verdict is now: a verdict on this programme was told before.
        """
        programme, snapshot = verdict.programme, self._snapshot
        said = tell(verdict, snapshot)
        record = verdict_record(verdict, snapshot, said)
        # What is said of figures that stand elsewhere is cited too.
        principal = snapshot.clauses[programme.references[0]]
        cited = (*said.clauses, *programme.references)
        asked = self._asked_of(found, verdict, subject)
        keys = (found.clause.id,) if found is not None and asked else ()
        hits = self._hits((*keys, *cited, *beside(principal, snapshot)), verdict)
        context = Context(hits[0].clause.id, subject=subject, programme=programme.id)
        text = (
            self._briefly(verdict, said, told or {})
            if brief
            else self._text(verdict, said, told or {}, asked)
        )
        text = "\n".join(part for part in (lead, text) if part)
        reply = make_reply(snapshot, "eligibility_result", text, context, hits, programme=programme)
        reply.custom["verdict"] = record
        return reply

    def _asked_of(self, found: Hit | None, verdict: Verdict, subject: str) -> list[str]:
        """What another clause of the programme says of what was asked; mostly nothing.

        Nothing of one that is over where the programme is not, or that holds elsewhere; and
        nothing where the sum is worked out: it says all that was asked.
        """
        settled = verdict.outcome == "eligible" and verdict.amount.kind == "exact"
        if found is None or settled:
            return []
        group, programme = self._search.group, verdict.programme
        own, first = group(found.clause.id), programme.references[0]
        if own == group(first) or own not in map(group, programme.references):
            return []
        over = found.judgement.status in BAD_NEWS
        if over and verdict.status not in BAD_NEWS:
            return []
        if found.clause.scope != programme.region.scope:
            return []
        weights = self._search.weigh(self._search.read(subject))
        points = points_of(found, weights, aspects(subject, "ask_policy"), self._search, ())
        phrases = self._snapshot.phrases
        said = [phrases("answer.quote", quote=words.rstrip("。")) for words in points]
        return [*said, cite(found.clause, self._snapshot)]

    def _hits(self, clauses: Sequence[str], verdict: Verdict) -> list[Hit]:
        return [hit_of(key, verdict, self._snapshot) for key in dict.fromkeys(clauses)]

    def _text(
        self, verdict: Verdict, told: Said, facts: Mapping[str, Value], asked: Sequence[str]
    ) -> str:
        snapshot, phrases = self._snapshot, self._snapshot.phrases
        programme = verdict.programme
        clause = snapshot.clauses[programme.references[0]]
        document = snapshot.document_of(clause)
        status = status_sentence(
            verdict.status, self._span(verdict), document, phrases, verdict.as_of, said=True
        )
        bad_news = verdict.status in BAD_NEWS
        abroad = programme.region.scope != PROVINCE
        results = {True: "met", False: "failed", None: "open"}
        checked: dict[str, list[str]] = {name: [] for name in results.values()}
        for condition in verdict.conditions:
            if condition.counts and condition.id not in ("validity", "scope"):
                checked[results[condition.result]].append(f"“{condition.words}”")
        # One of several ways that is barred bars nothing; and what is open is not met yet.
        if verdict.outcome != "ineligible":
            checked["failed"] = []
        still = {*checked["failed"], *checked["open"]}
        checked["met"] = [words for words in checked["met"] if words not in still]
        lines = [
            phrases("answer.scope_other", scope=programme.region.scope) if abroad else "",
            *(() if bad_news else asked),
            *self._first(verdict, told),
            status if bad_news else "",
            *(asked if bad_news else ()),
            "" if self._open(verdict) else self._sum(told),
            phrases("verdict.said.told", list=facts_said(facts, snapshot)) if facts else "",
            phrases("verdict.said.gaps", gaps="；".join(told.gaps)) if told.gaps else "",
            *(
                phrases(f"verdict.said.{name}", list="、".join(dict.fromkeys(words)))
                for name, words in checked.items()
                if words and not (name == "failed" and told.gaps)
            ),
            *self._table(verdict),
            *(
                phrases(
                    "verdict.said.elsewhere",
                    words=words.words,
                    place=place_of(snapshot.clauses[words.clause], snapshot),
                    why=why,
                )
                for words, why in told.alternatives
            ),
            "" if bad_news else status,
            "" if abroad else phrases("answer.scope_province"),
            cite(clause, snapshot),
            *elsewhere(clause, snapshot),
            self._whom(programme),
            *self._guide(programme),
            *(phrases("answer.caution", text=text) for text in self._cautions(programme)),
            phrases(
                "verdict.said.not_modelled",
                list="；".join(said.rstrip("。") for said in programme.not_modelled),
            )
            if programme.not_modelled
            else "",
            phrases("answer.whole", text=clause.text),
            phrases("answer.reminder"),
        ]
        return "\n".join(line for line in lines if line)

    def _briefly(self, verdict: Verdict, told: Said, facts: Mapping[str, Value]) -> str:
        """What a verdict came to, on what, and where it stands; the rest was said before."""
        snapshot, phrases, programme = self._snapshot, self._snapshot.phrases, verdict.programme
        clause = snapshot.clauses[programme.references[0]]
        document, bad_news = snapshot.document_of(clause), verdict.status in BAD_NEWS
        still = [
            f"“{condition.words}”"
            for condition in verdict.conditions
            if condition.result is None and condition.id not in ("validity", "scope")
        ]
        lines = [
            phrases("answer.scope_other", scope=programme.region.scope)
            if programme.region.scope != PROVINCE
            else "",
            *self._first(verdict, told),
            status_sentence(
                verdict.status, self._span(verdict), document, phrases, verdict.as_of, said=True
            )
            if bad_news
            else "",
            "" if self._open(verdict) else self._sum(told),
            phrases("verdict.said.gaps", gaps="；".join(told.gaps)) if told.gaps else "",
            phrases("verdict.said.told", list=facts_said(facts, snapshot)) if facts else "",
            phrases("verdict.said.open", list="、".join(dict.fromkeys(still))) if still else "",
            cite(clause, snapshot),
        ]
        return "\n".join(line for line in lines if line)

    @staticmethod
    def _open(verdict: Verdict) -> bool:
        return verdict.outcome == "unknown" and verdict.status in {"in_force", "not_stated"}

    def _sum(self, told: Said) -> str:
        if not told.amount:
            return ""
        return self._snapshot.phrases("verdict.said.amount", amount=told.amount)

    def _first(self, verdict: Verdict, told: Said) -> list[str]:
        """What the verdict comes to; while it is open, first what there is to be had."""
        if not self._open(verdict):
            return [told.verdict]
        if not (told.amount and verdict.missing):
            return [told.verdict, self._sum(told)]
        phrases, names = self._snapshot.phrases, names_said(verdict.missing, self._snapshot)
        return [
            phrases("verdict.said.first", name=verdict.programme.title, amount=told.amount),
            phrases("verdict.said.lacking", facts=names),
        ]

    def _span(self, verdict: Verdict) -> Span | None:
        """The stated period that the programme's own rests on."""
        ends = verdict.programme.period.ends
        for key in verdict.programme.references:
            # Of several periods with one end, that of the measure the programme speaks of.
            span = judgement_of(self._snapshot.clauses[key], verdict, self._snapshot).span
            if span is not None and ends is not None and span.ends == ends:
                return span
        for key in verdict.programme.references:
            for span in self._snapshot.clauses[key].validity:
                if span.ends == ends and (ends or span.starts == verdict.programme.period.starts):
                    return span
        return None

    def _table(self, verdict: Verdict) -> list[str]:
        """The programme's figures of the day, where there are several."""
        ends = verdict.programme.period.ends
        over = verdict.status == "expired" and ends is not None
        return self.table(verdict.programme, ends if over and ends else verdict.as_of)

    def table(self, programme: Programme, day: date) -> list[str]:
        """A line for each figure of a day; nothing where there is but one."""
        rows = []
        for history in programme.parameters.values():
            figure = history.at(day)
            if figure is None or figure.value is None:
                continue
            said = quantity(figure.value, history.unit)
            # 减半 is told in the clause's words, not as a 50% that it does not print.
            number = re.search(r"\d+(?:\.\d+)?", said)
            clause = self._snapshot.clauses[figure.clause]
            if number is not None and number[0] in normalise(clause.text):
                name = history.description
                rows.append(self._snapshot.phrases("verdict.said.figure", name=name, value=said))
        if len(rows) < 2:
            return []
        return [self._snapshot.phrases("verdict.said.figures"), *rows]

    def _whom(self, programme: Programme) -> str:
        clause = self._snapshot.clauses[programme.references[0]]
        phrases = self._snapshot.phrases
        if clause.responsible:
            return phrases("answer.responsible", names="、".join(clause.responsible))
        return issuer_said(self._snapshot.document_of(clause), phrases)

    def _guide(self, programme: Programme) -> list[str]:
        phrases, guide = self._snapshot.phrases, programme.guide or {}
        lines = [
            phrases("needs.stated", name=phrases(f"guide.{name}"), words=words.words)
            for name in GUIDE
            if (words := guide.get(name)) is not None
        ]
        silent = [phrases(f"guide.{name}") for name in GUIDE if guide.get(name) is None]
        if silent:
            lines.append(phrases("needs.missing", names="、".join(silent)))
        return lines

    def _cautions(self, programme: Programme) -> list[str]:
        clause = self._snapshot.clauses[programme.references[0]]
        # Of a clause of several measures, what is doubtful in another is not this one's.
        doubts = cautions_of(clause, self._snapshot, programme.quotes)
        return list(dict.fromkeys((*programme.cautions, *doubts)))

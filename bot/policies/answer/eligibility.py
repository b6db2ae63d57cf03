"""Answers from programmes: which one a message means, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache

from bot.policies.answer.compose import BAD_NEWS, points_of, status_sentence
from bot.policies.answer.context import Context
from bot.policies.answer.manners import as_of_its_own
from bot.policies.answer.naming import Names, at_odds
from bot.policies.answer.places import cite, elsewhere, issuer_said, place_of
from bot.policies.answer.reply import Reply, beside, cautions_of, make_reply
from bot.policies.answer.verdicts import hit_of, verdict_record
from bot.policies.answer.wording import aspects, tells_a_case, wants_a_grant
from bot.policies.eligibility.amounts import quantity
from bot.policies.eligibility.facts import Fact, FactError, Told, Value
from bot.policies.eligibility.judge import Verdict, judge_programme
from bot.policies.eligibility.listener import Listener
from bot.policies.eligibility.mentions import mentions
from bot.policies.eligibility.programme import GUIDE, Programme
from bot.policies.eligibility.telling import Told as Said
from bot.policies.eligibility.telling import facts_said, judgement_of, names_said, tell
from bot.policies.model import PROVINCE, Span
from bot.policies.query import normalise
from bot.policies.search import Hit, Search
from bot.policies.search.encoder import Vectors

__all__ = ["EligibilityAnswers"]

_RECENT = 64  # messages whose facts are kept
_LOOKED_AT = 5  # hits whose programmes may be meant
_NEAR = 0.6  # of the best hit's score
_MEANING = 1.0  # what nearness in meaning to one of its questions counts
_OVER = 0.85  # what one that is over counts
_AS_NEAR = 0.05  # so much less near in meaning, one that is not over takes its place
_ITS_YEAR = 1.25  # what one of the year that is named counts
_LEVEL = 0.8  # of the best score: nearly as likely
_AT_ODDS = 0.8  # what one counts whose names say the opposite of the message
_NO_SUM = 0.85  # what one without a sum counts where money is asked for
_ELSEWHERE = 0.5  # what a zone's programme counts where the zone is not told
# Facts that say who asks, and nothing of whether the programme is for them.
_WHO = frozenset({"city", "entity_type", "sector", "enterprise_size", "manufacturing"})


def _is_number(value: Value | None) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _of_its_year(programme: Programme, said: str, form: str = "%y") -> bool:
    """Whether a message names the year in which a programme ends (23年, 2023年)."""
    ends = programme.period.ends
    return ends is not None and f"{ends.strftime(form)}年" in said


class EligibilityAnswers:
    """Chooses programmes and words verdicts, over one search index."""

    def __init__(self, search: Search) -> None:
        self._search, self._snapshot = search, search.snapshot
        self.names = Names(search.snapshot.programmes.values())
        self._led: dict[str, tuple[str, ...]] = {}
        # One turn listens to the same words more than once.
        self._hearings = lru_cache(maxsize=_RECENT)(self._hear)
        self._mentioned = lru_cache(maxsize=_RECENT)(self._mention)

    def programme(
        self,
        hits: Sequence[Hit],
        weights: Mapping[str, float],
        text: str,
        day: date,
        vector: Vectors | None = None,
    ) -> Programme | None:
        """The programme that a message means, among those of the clauses found.

        One that is over on the day stands behind one that is not, unless its year is named.
        """
        if not hits:
            return None
        scores: dict[str, float] = {}
        top = hits[0].score or 1.0
        said = normalise(text)
        near = self._search.index.programmes_near(vector)
        money = wants_a_grant(text, "ask_amount")
        for place, hit in enumerate(hits):
            share = hit.score / top
            far = share < _NEAR or place >= _LOOKED_AT
            for key in self._snapshot.programmes_of.get(hit.clause.id, ()):
                programme = self._snapshot.programmes[key]
                # One that is called by its name is meant though its clause came late.
                if far and not self._named(programme, said):
                    continue
                meaning = _MEANING * max(near.get(key, 0.0), 0.0)
                score = max(share, _NEAR) * (
                    0.1 + self._likeness(programme, said, weights) + meaning
                )
                # What holds in a zone only is held back where nobody speaks of the zone.
                score *= 1.0 if self._there(programme, said) else _ELSEWHERE
                if programme.period.over(day) and not _of_its_year(programme, said):
                    score *= _OVER
                if _of_its_year(programme, said, "%Y"):
                    score *= _ITS_YEAR
                if money and not programme.states_a_sum:
                    score *= _NO_SUM
                score *= _AT_ODDS if at_odds(programme, said) else 1.0
                scores[key] = max(score, scores.get(key, 0.0))
        if not scores:
            return None
        best = self._fitting(scores, text, day)
        return self._successor(best, hits, said, near, day) or best

    def _fitting(self, scores: Mapping[str, float], text: str, day: date) -> Programme:
        """The likeliest programme; of two as likely not the one that is not for them.

        我们是铸造厂，头一年进规上: not the award for service firms.
        """
        first = max(scores, key=lambda key: scores[key])
        level = [key for key, score in scores.items() if score >= _LEVEL * scores[first]]
        if len(level) > 1 and self._ruled_out(first, text, day):
            rest = [key for key in level if not self._ruled_out(key, text, day)]
            first = max(rest, key=lambda key: scores[key], default=first)
        return self._snapshot.programmes[first]

    def _ruled_out(self, key: str, text: str, day: date) -> bool:
        """Whether a programme is not for whoever asks, be it met or not."""
        programme = self._snapshot.programmes[key]
        heard = self.heard(programme, text, day)
        told = self.complete({fact: value for fact, value in heard.items() if fact in _WHO})
        failed = (c.id for c in self.judge(programme, told, day).conditions if c.result is False)
        return any(name != "validity" for name in failed)

    def _successor(
        self,
        over: Programme,
        hits: Sequence[Hit],
        said: str,
        near: Mapping[str, float],
        day: date,
    ) -> Programme | None:
        """Of a programme that is over, the one not over that a message may as well mean."""
        if not over.period.over(day) or _of_its_year(over, said):
            return None
        if over.id not in near or self._named(over, said):
            return None
        best: tuple[float, Programme] | None = None
        for key in {k for hit in hits for k in self._snapshot.programmes_of.get(hit.clause.id, ())}:
            programme, nearness = self._snapshot.programmes[key], near.get(key, 0.0)
            if nearness < near.get(over.id, 0.0) - _AS_NEAR or not self._there(programme, said):
                continue
            lasts = programme.kind == over.kind and not programme.period.over(day)
            if lasts and (best is None or nearness > best[0]):
                best = (nearness, programme)
        return best[1] if best else None

    def _likeness(self, programme: Programme, said: str, weights: Mapping[str, float]) -> float:
        """How much of a message's weight a programme's names and questions hold."""
        total = sum(weights.values()) or 1.0
        likeness = self._search.likeness(programme.words, weights) / total
        return likeness + (0.3 if self._named(programme, said) else 0.0)

    def _named(self, programme: Programme, said: str) -> bool:
        return programme.id in self.names.called(said)

    def _there(self, programme: Programme, said: str) -> bool:
        """Whether a programme holds everywhere, or a message speaks of where it does."""
        if programme.region.scope == PROVINCE or programme.region.scope in said:
            return True
        fact = self._snapshot.facts.facts.get(programme.region.fact or "")
        if fact is None:
            return False
        found = mentions(said, [fact], date.min)
        return any(mention.value == programme.region.value for mention in found)

    def mentioned(self, facts: Sequence[Fact], text: str, today: date) -> dict[str, Value]:
        """What a message tells of some facts."""
        said = as_of_its_own(text)
        return dict(self._mentioned(tuple(fact.id for fact in facts), said, today))

    def _mention(self, keys: tuple[str, ...], text: str, today: date) -> dict[str, Value]:
        facts = [self._snapshot.facts.facts[key] for key in keys]
        return {mention.fact: mention.value for mention in mentions(text, facts, today)}

    def heard(self, programme: Programme, text: str, today: date) -> dict[str, Value]:
        """The facts of a programme that a message tells, and those that lead to them."""
        return dict(self._hearings(programme.id, as_of_its_own(text), today))

    def _hear(self, programme_id: str, text: str, today: date) -> dict[str, Value]:
        book, programme = self._snapshot.facts, self._snapshot.programmes[programme_id]
        own = mentions(text, [book.facts[key] for key in programme.facts], today)
        others = [book.facts[key] for key in self._leading(programme)]
        # A number that a fact of its own took is not told a second time.
        taken = {mention.words for mention in own}
        led = [m for m in mentions(text, others, today) if m.words not in taken]
        told = {m.fact: m.value for m in (*own, *led)}
        return {**self._denied(programme, text, told), **told}

    @cached_property
    def _listener(self) -> Listener:
        return Listener(self._snapshot.facts.facts, self._snapshot.programmes.values())

    def _denied(
        self, programme: Programme, text: str, told: Mapping[str, Value]
    ) -> Mapping[str, Value]:
        """What a told case denies of a programme's facts in words that are not written down."""
        model, book = self._snapshot.listening, self._snapshot.facts
        if model is None or not tells_a_case(text):
            return {}
        known = {fact: value for fact, value in told.items() if fact in programme.facts}
        whole = self._complete(dict(told))
        unheard = [
            book.facts[key]
            for key in programme.facts
            if key not in whole and book.facts[key].type == "boolean"
        ]
        least = self._snapshot.tuning.numbers["listen_no_from"]
        return self._listener.denied(text, unheard, programme, known, model, least)

    def _leading(self, programme: Programme) -> tuple[str, ...]:
        """The facts that those of a programme are derived from."""
        known = self._led.get(programme.id)
        if known is None:
            book, wanted = self._snapshot.facts, dict.fromkeys(programme.facts)
            while True:
                more = {
                    key
                    for rule in book.derivations
                    if rule.fact in wanted
                    for key in rule.asks
                    if key not in wanted
                }
                if not more:
                    break
                wanted.update(dict.fromkeys(sorted(more)))
            known = tuple(key for key in wanted if key not in programme.facts)
            self._led[programme.id] = known
        return known

    def concerns(self, programme: Programme, known: Mapping[str, Value]) -> dict[str, Value]:
        """Of what is known, that which a programme asks for or derives its facts from."""
        wanted = {*programme.facts, *self._leading(programme)}
        return {key: value for key, value in known.items() if key in wanted}

    def complete(
        self, heard: Mapping[str, Value], known: Mapping[str, Value] | None = None
    ) -> Told:
        """What was heard, with what was known before and all that follows.

        What is heard now counts before what was known; of facts that contradict each
        other as few as need be are left out.
        """
        older = {key: value for key, value in (known or {}).items() if key not in heard}
        while older:
            try:
                return self._snapshot.facts.complete({**older, **heard})
            except FactError as error:
                wrong = (error.field or "").removeprefix("facts.")
                older.pop(wrong if wrong in older else next(iter(older)))
        return self._complete(dict(heard))

    def _complete(self, found: dict[str, Value]) -> Told:
        """With all that follows; of facts that contradict each other as few as need be are left."""
        book = self._snapshot.facts
        try:
            return book.complete(found)
        except FactError as error:
            wrong = (error.field or "").removeprefix("facts.")
        told = [*(other for other in reversed(found) if other != wrong), wrong]
        # 小微，305人: what was counted stands against what somebody calls himself.
        for key in sorted(told, key=lambda key: _is_number(found.get(key))):
            rest = {other: value for other, value in found.items() if other != key}
            if key in found:
                try:
                    return book.complete(rest)
                except FactError:
                    continue
        return book.complete({})

    def judge(self, programme: Programme, told: Told, day: date) -> Verdict:
        """The verdict on a programme."""
        repealed = self._snapshot.repealed(programme)
        return judge_programme(programme, told, day, self._snapshot.facts, repealed)

    def speaks(self, programme: Programme, told: Told) -> bool:
        """Whether enough was told of a firm for a verdict to be an answer."""
        return any(fact in told for fact in self.telling(programme))

    @staticmethod
    def telling(programme: Programme) -> Sequence[str]:
        """The facts of a programme that tell more than who somebody is, where it has such."""
        return [fact for fact in programme.facts if fact not in _WHO] or programme.facts

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

        Nothing of one that is over where the programme is not, or that holds elsewhere.
        """
        if found is None:
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

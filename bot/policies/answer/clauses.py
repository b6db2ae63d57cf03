"""Answers from clauses: the one found, the one spoken of before, a list, a definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.policies.answer.compose import BAD_NEWS, answer_text, definition_text, next_questions
from bot.policies.answer.context import Context
from bot.policies.answer.definitions import definitions, term_asked
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.answer.follow_up import guide_in, names_beside
from bot.policies.answer.items import Item, item_of, telling_item
from bot.policies.answer.lists import choice_reply, list_reply, listed, opening_of
from bot.policies.answer.point import counted_as_asked, names_an_amount
from bot.policies.answer.reply import Reply, beside, make_reply
from bot.policies.answer.sums import adds_up, most_of
from bot.policies.answer.turn import Turn
from bot.policies.answer.wording import asks_of_now, asks_of_then, aspects, wants_a_grant
from bot.policies.eligibility.judge import standing
from bot.policies.eligibility.programme import Programme
from bot.policies.model import PROVINCE, Phrases
from bot.policies.query import Analysis, normalise
from bot.policies.search import Hit, Outcome, Search
from bot.policies.search.encoder import Vectors

__all__ = ["ClauseAnswers", "foreign"]

_OFFERED = 3  # hits to choose from
_LOOKED_AT = 4  # hits that may go before the first
_NEAR = 0.7  # of the first one's score …
_LEVEL = 0.9  # … what is as good, and what may stand behind one that is over
_BEHIND = 0.4
_LIKELY = 0.4  # nearness in meaning from which a programme's words are quoted …
_MEANT = 0.55  # … and from which it is meant
_OWN = 0.1  # … and what it counts that the first clause is one of its own
# Share of a message that is no policy's, from which it is said to be none; the second, where
# its words make no clause likely either.
_ELSEWHERE, _UNKNOWN, _UNLIKELY = 0.6, 0.4, 0.1
_PARTICLES = "吗呢呀啊吧哦嘛的，。,.！!？? "


class ClauseAnswers:
    """Answers from clauses, over one search index."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self._snapshot = search.snapshot
        self._phrases: Phrases = search.snapshot.phrases
        self._definitions = definitions(search.snapshot)
        self._eligibility = EligibilityAnswers(search)

    def _preferred(self, outcome: Outcome, text: str, intent: str, as_of: date) -> Hit:
        """The hit to answer from: nearly as good a one goes before a first that serves less.

        That is one of the whole province before a zone's that nobody spoke of, and, where
        a grant is asked for, one that says how much before one that does not.
        """
        hits = outcome.hits
        first = hits[0] if asks_of_then(text) else self._in_force(outcome)
        near = [hit for hit in hits[:_LOOKED_AT] if hit.score >= _NEAR * first.score]
        if first.clause.scope != PROVINCE and first.clause.scope not in text and "区" not in text:
            near_by = [hit for hit in near if hit.clause.scope == PROVINCE]
            first = near_by[0] if near_by else first
        first = self._called(outcome, text, first, as_of) or first
        current = None if asks_of_then(text) else self._current(outcome, text, as_of, first)
        wanted = wants_a_grant(text, intent) or asks_of_now(text)
        if current is not None and (wanted or self._over(first, as_of)):
            return current
        if not wants_a_grant(text, intent):
            return first
        if _says_how_much(first):
            return self._later(near, first)
        meant = self._granting(outcome, first)
        if meant is None and intent == "ask_amount":
            giving = (hit for hit in near if _says_how_much(hit) and _alike(hit, first))
            meant = next(giving, None)
        return meant or first

    def _called(self, outcome: Outcome, text: str, first: Hit, as_of: date) -> Hit | None:
        """The clause of a programme that is called by its name, where the first one's is not.

        科小创新券: not the clause of the 创新券, whose name stands inside. 小规模免增值税到哪年:
        not that of a year that is over.
        """
        names, said = self._eligibility.names, normalise(text)
        own = set(self._snapshot.programmes_of.get(first.clause.id, ()))
        called = [self._snapshot.programmes[key] for key in sorted(names.called(said))]
        if own & names.called(said):
            return None
        if not own & names.swallowed(said):
            over = self._over(first, as_of)
            called = [one for one in called if over and not one.period.over(as_of)]
        groups = {self.search.group(key) for one in called for key in one.references}
        return next((h for h in outcome.hits if self.search.group(h.clause.id) in groups), None)

    def _current(self, outcome: Outcome, text: str, as_of: date, first: Hit) -> Hit | None:
        """The clause of the programme that is meant which states its figures of today.

        None where the first does, or where no programme is meant for certain or it is over.
        """
        programme = self._eligibility.programme(
            outcome.hits, outcome.weights, text, as_of, outcome.vector
        )
        near = self.search.index.programmes_near(outcome.vector)
        if programme is None or near.get(programme.id, 0.0) < _MEANT:
            return None
        if programme.period.over(as_of):
            return None
        keys = programme.clauses_at(as_of)
        if any(self.search.group(key) == self.search.group(first.clause.id) for key in keys):
            return None
        found = {hit.clause.id: hit for hit in outcome.hits}
        hits = (found.get(key) or self.search.hit(key, outcome.weights, as_of) for key in keys)
        return next((h for h in hits if h and _says_how_much(h) and _alike(h, first)), None)

    def _over(self, hit: Hit, as_of: date) -> bool:
        """Whether the programmes of a clause are all over."""
        programmes = [
            self._snapshot.programmes[key]
            for key in self._snapshot.programmes_of.get(hit.clause.id, ())
        ]
        return bool(programmes) and all(one.period.over(as_of) for one in programmes)

    def _in_force(self, outcome: Outcome) -> Hit:
        """The first hit; of what is over, the one that was over last or is not."""
        hits, first = outcome.hits, outcome.hits[0]
        if first.judgement.status != "expired":
            return first
        asked = {f: outcome.weights[f] for f in self.search.subject(outcome.weights)}
        held = self.search.likeness(first.clause.text, asked)
        alike = [
            hit
            for hit in hits[:_LOOKED_AT]
            if hit.score >= _BEHIND * first.score
            and _ends(hit) > _ends(first)
            and self.search.likeness(hit.clause.text, asked) >= held > 0
        ]
        return max(alike, key=_ends, default=first)

    def _later(self, near: Sequence[Hit], first: Hit) -> Hit:
        """The latest of the clauses that come as near and tell of the same programme."""
        own = {*self._snapshot.programmes_of.get(first.clause.id, ())}
        alike = [
            hit
            for hit in near
            if hit.score >= _LEVEL * first.score
            and own & {*self._snapshot.programmes_of.get(hit.clause.id, ())}
            and _says_how_much(hit)
            and _alike(hit, first)
        ]
        return max(alike, key=lambda hit: hit.document.year or 0, default=first)

    def _granting(self, outcome: Outcome, first: Hit) -> Hit | None:
        """The clause of the programme that is meant, where its words say how much."""
        near = self.search.index.programmes_near(outcome.vector)
        programmes = self._snapshot.programmes
        own = self._snapshot.programmes_of.get(first.clause.id, ())
        principal = [key for key in own if programmes[key].references[0] == first.clause.id]
        if any(near.get(key, 0.0) >= _MEANT for key in principal):
            return None
        found = {hit.clause.id: hit for hit in outcome.hits}
        best: tuple[float, Hit] | None = None
        for key, meaning in near.items():
            likely = meaning + (_OWN if key in own else 0.0)
            if likely < _MEANT or (best is not None and likely <= best[0]):
                continue
            hits = (found.get(clause_id) for clause_id in programmes[key].references)
            said = (hit for hit in hits if hit and _says_how_much(hit) and _alike(hit, first))
            hit = next(said, None)
            best = (likely, hit) if hit is not None else best
        return best[1] if best else None

    def _offer(self, outcome: Outcome, text: str, as_of: date) -> Reply:
        """A choice of the first few, where none is sure enough to answer with."""
        if outcome.vague:  # 补贴: none is nearer than another
            hits = [item_of(hit, self._snapshot) for hit in outcome.hits[:_OFFERED]]
            return choice_reply(self._phrases("offer.vague"), hits, text, self._snapshot)
        return self._choice("offer.opening", outcome, text, as_of)

    def _choice(self, key: str, outcome: Outcome, text: str, as_of: date) -> Reply:
        """The first few, each with what it says; ``key`` names what opens."""
        items = [*map(self._telling(outcome, text, as_of), outcome.hits[:_OFFERED])]
        return choice_reply(self._phrases(key), items, text, self._snapshot)

    def _telling(
        self, outcome: Outcome, text: str, as_of: date, intent: str = ""
    ) -> Callable[[Hit], Item]:
        """What tells of a clause what of it answers a message best, or an ``intent``."""
        near = self.search.index.programmes_near(outcome.vector)
        features = outcome.weights
        if not intent:
            money = wants_a_grant(text, "ask_policy")
            intent = "ask_amount" if money else aspects(text, "ask_policy")[0]
        return lambda hit: telling_item(hit, features, intent, self.search, near, as_of)

    def _list(self, outcome: Outcome, text: str, context: Context, as_of: date) -> Reply:
        """The first page of all that is held on a subject; a word that names none is asked back."""
        if outcome.vague and outcome.hits:
            return self._offer(outcome, text, as_of)
        if not outcome.weights and not outcome.named:
            return self._say("clarify", "list.which", context)
        if outcome.decision == "nothing" and not outcome.names_a_term and not outcome.named:
            return self._nothing(context)
        hits = listed(outcome, self.search, as_of)
        if not hits:
            return self._nothing(context)
        if len(hits) == 1:
            return self._answer(hits[0], outcome.weights, ("ask_policy",), as_of, text)
        opening, telling = opening_of(outcome, self._snapshot), self._telling(outcome, text, as_of)
        return list_reply(hits, text, 0, self._snapshot, opening, telling)

    def _define(self, outcome: Outcome, text: str, context: Context, as_of: date) -> Reply | None:
        """A definition with its clause; without one, the clauses that use the word.

        None where the question names no term and no word that a clause found holds.
        """
        defined = self._defined(outcome.analysis, text, as_of)
        if defined is not None:
            return defined
        term = term_asked(outcome.analysis, self._definitions)
        hits = listed(outcome, self.search, as_of)
        name = next((t.name for t in self._snapshot.lexicon.terms if t.id == term), None)
        if name is None:
            name = text.strip(_PARTICLES)
            hits = [hit for hit in hits if name and normalise(name) in normalise(hit.clause.text)]
            if not hits:
                return None
        if not hits:
            return self._say("text", "definition.none", context, term=name)
        # 新型学徒制是咋回事: the one clause that speaks of it tells; bad news would go first.
        if len(hits) == 1 and hits[0].judgement.status not in BAD_NEWS:
            reply = self._answer(hits[0], outcome.weights, ("ask_policy",), as_of, text)
            said = self._phrases("definition.one", term=name)
            return replace(reply, text=f"{said}\n{reply.text}")
        opening = self._phrases("definition.list", term=name)
        telling = self._telling(outcome, text, as_of)
        return list_reply(hits, text, 0, self._snapshot, opening, telling)

    def _defined(self, analysis: Analysis, asked: str, as_of: date) -> Reply | None:
        """What a document says that a term means; None where none does."""
        term = term_asked(analysis, self._definitions)
        definition = self._definitions.get(term or "")
        if definition is None:
            return None
        hit = self.search.hit(definition.clause_id, self._weights(definition.words), as_of)
        if hit is None:
            return None
        said = definition_text(hit, definition, self.search, as_of)
        return self._reply(hit, said, ("ask_definition",), as_of, Context(subject=asked))

    def _weights(self, question: str) -> Mapping[str, float]:
        return self.search.weigh(self.search.read(question))

    def _answer(
        self,
        hit: Hit,
        features: Mapping[str, float],
        asked: Sequence[str],
        as_of: date,
        subject: str,
        wanted: Sequence[str] = (),
        programme: Programme | None = None,
    ) -> Reply:
        """The answer from a clause; ``programme`` where it is known which measure is meant."""
        said, meant = "", list[str]()
        if programme is not None:
            meant, given = [*programme.quotes], programme.amount.said(as_of)
            said = given.words if given is not None else ""
        else:
            vector = self.search.evidence(self.search.read(subject)).vector
            programme = self._eligibility.programme([hit], features, subject, as_of, vector)
            meant = [*self._clearly(programme, vector, subject, hit)]
            meant = counted_as_asked(normalise(subject), hit.clause.text) or meant
        if meant:
            hit = self.search.hit(hit.clause.id, features, as_of, meant) or hit
        context, table = Context(subject=subject), list[str]()
        if programme is not None and not self._ended(hit, programme, as_of):
            table = self._eligibility.table(programme, as_of)
        alone = len(self._snapshot.programmes_of.get(hit.clause.id, ())) == 1
        guide = guide_in(hit.clause.id, programme if alone else None, self.search)
        text = answer_text(
            hit,
            features,
            asked,
            self.search,
            as_of,
            table,
            meant,
            wanted,
            guide,
            said,
            names_beside(hit.clause.id, programme if meant else None, self.search),
        )
        cited = programme.clauses_at(as_of) if programme is not None and table else ()
        return self._reply(hit, text, asked, as_of, context, programme, cited)

    def _in_all(self, turn: Turn, reply: Reply) -> Reply:
        """An answer that first says what its programme comes to in all, where that is asked."""
        named = reply.custom["programme"]
        if named is None or not adds_up(turn.text):
            return reply
        programme = self._snapshot.programmes[named["id"]]
        line = most_of(programme, turn.as_of, self._phrases)
        # That it holds in a zone only is said before anything else.
        abroad = programme.region.scope != PROVINCE
        head, _, rest = reply.text.partition("\n") if abroad else ("", "", reply.text)
        said = "\n".join(part for part in (head, line, rest) if part)
        return replace(reply, text=said) if line else reply

    def _clearly(
        self, programme: Programme | None, vector: Vectors | None, question: str, hit: Hit
    ) -> Sequence[str]:
        """The words that a programme rests on, where it is clearly the one that is meant.

        Of a clause with several that is also the one called by its name.
        """
        if programme is None:
            return ()
        near = self.search.index.programmes_near(vector).get(programme.id, 0.0)
        several = len(self._snapshot.programmes_of.get(hit.clause.id, ())) > 1
        called = several and programme.id in self._eligibility.names.called(normalise(question))
        return programme.quotes if called or near >= _LIKELY else ()

    def _ended(self, hit: Hit, programme: Programme | None, as_of: date) -> str:
        """That a measure is over, where its clause outlives it (how 稳岗返还 is paid out)."""
        if programme is None or hit.judgement.status != "not_stated":
            return ""
        status = standing(programme, self._snapshot, as_of)
        over = status in ("expired", "repealed")
        return self._phrases(f"verdict.{status}", name=programme.title) if over else ""

    def _reply(
        self,
        hit: Hit,
        text: str,
        asked: Sequence[str],
        as_of: date,
        context: Context,
        programme: Programme | None = None,
        cited: Sequence[str] = (),
    ) -> Reply:
        """An answer from one clause and others ``cited``, with what can be asked next.

        Where its programme is over and the clause does not say so, that is said first.
        """
        ended = self._ended(hit, programme, as_of)
        if programme is not None and ended:
            text, cited = f"{ended}\n{text}", programme.references
        quick = [
            {
                "title": self._phrases(f"quick_reply.{name}.title"),
                "payload": self._phrases(f"quick_reply.{name}.payload"),
            }
            for name in next_questions(asked)
        ]
        # Whatever figure a caution tells of another clause, that clause is cited too.
        keys = dict.fromkeys((*beside(hit.clause, self._snapshot), *cited))
        keys.pop(hit.clause.id, None)
        others = (self.search.hit(key, {}, as_of) for key in keys)
        hits = [hit, *(other for other in others if other is not None)]
        context = replace(context, clause_id=hit.clause.id)
        return make_reply(self._snapshot, "policy_answer", text, context, hits, quick, programme)

    def _nothing(self, context: Context, outcome: Outcome | None = None) -> Reply:
        # What is plainly no policy's is not to be put in other words.
        known = outcome is not None and outcome.names_a_term
        if outcome is not None and not known and foreign(outcome.signals):
            return self._say("text", "nothing.out_of_scope", replace(context, offered=(), misses=0))
        key = "nothing.first" if context.misses == 0 else "nothing.again"
        return self._say("text", key, replace(context, offered=(), misses=context.misses + 1))

    def _say(self, kind: str, key: str, context: Context, **values: object) -> Reply:
        text = self._phrases(key, **values)
        return make_reply(self._snapshot, kind, text, context)


def foreign(signals: Mapping[str, float]) -> bool:
    """Whether the search's signals say that a message is about no policy at all."""
    unrelated = signals.get("unrelated", 0.0)
    least = _UNKNOWN if signals.get("known", 1.0) < _UNLIKELY else _ELSEWHERE
    return unrelated >= least


def _says_how_much(hit: Hit) -> bool:
    return names_an_amount(hit.clause.text)


def _ends(hit: Hit) -> date:
    """The last day of what a hit was judged by; of what is not over, the last there is."""
    span = hit.judgement.span
    over = hit.judgement.status == "expired"
    return span.ends if over and span is not None and span.ends is not None else date.max


def _alike(one: Hit, other: Hit) -> bool:
    """Whether one holds where another does, and is over only if that is."""
    over = [hit.judgement.status in ("expired", "repealed") for hit in (one, other)]
    return one.clause.scope == other.clause.scope and over[0] <= over[1]

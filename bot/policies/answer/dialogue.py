"""From a message, an intent and what was said before to a reply. Pure; no Rasa."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.policies.answer.answering import CLEAR
from bot.policies.answer.breadth import (
    asks_at_large,
    asks_for_current,
    asks_for_others,
    at_large,
    city_asked,
    compares,
)
from bot.policies.answer.conduct import (
    advertises,
    changes,
    fears_a_swindle,
    forges,
    forgets,
    in_despair,
    leaves,
    of_the_profile,
    orders,
    pages,
    pages_back,
    pretends,
    sounds_shady,
    swapped,
)
from bot.policies.answer.context import Context
from bot.policies.answer.definitions import meaning_asked
from bot.policies.answer.firm import FirmTalk
from bot.policies.answer.follow_up import AskedOn, follow_up_text
from bot.policies.answer.judging import also_told, corrects
from bot.policies.answer.leading import Leading
from bot.policies.answer.lists import (
    LISTED,
    PAGE,
    list_reply,
    listed,
    opening_of,
    subject_of,
)
from bot.policies.answer.manners import (
    drops,
    of_firms_like_it,
    of_private_life,
    of_which_kind,
    wants_anything,
    wants_the_outcome,
)
from bot.policies.answer.needs import NEEDS, OF_THE_MEASURE, needs_asked, of_the_measure
from bot.policies.answer.picking import ordinal, picked
from bot.policies.answer.places import cite
from bot.policies.answer.repeating import gist
from bot.policies.answer.reply import Reply, make_reply
from bot.policies.answer.several import each_reply, matters_of
from bot.policies.answer.sums import adds_up
from bot.policies.answer.talked import Talked
from bot.policies.answer.thread import Thread
from bot.policies.answer.topics import OVER, Topics
from bot.policies.answer.turn import Turn, read_turn
from bot.policies.answer.turning import ThreadTurns
from bot.policies.answer.wording import (
    asked_about,
    asks,
    asks_on,
    asks_whether,
    aspects,
    introduces,
    leans,
    names_a_matter,
)
from bot.policies.eligibility.programme import Programme
from bot.policies.eligibility.telling import facts_said
from bot.policies.model import PROVINCE
from bot.policies.query import normalise
from bot.policies.search import Hit, Search
from bot.policies.search.analyzer import sounding_like

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
        "ask_definition",
    }
)
_FEW = 1  # words named by a question that leans on an offer (一个人给几个钱)
_SOME, _MUCH = 2, 3  # facts by which a firm introduces itself; so many whatever else it names
_AKIN = 0.3  # of the best score, for what is of the same kind
_FAINTLY = 0.1  # … where all that comes near is over
_FEW_CHARACTERS, _AS_NEAR = 8, 0.8  # of what adds to the matter before; of the best score
_BRIEF = 12  # characters of a word that only refines
# What is asked of some matter, never in passing.
_OF_A_MATTER = frozenset(
    {
        "ask_department",
        "ask_how_to_apply",
        "ask_document",
        "ask_materials",
        "ask_deadline",
        "ask_validity",
        "ask_conditions",
    }
)
# Answers to a question; where none was asked they say nothing.
_REPLIES = frozenset({"affirm", "deny", "dont_know", "wont_say"})


class Assistant(ThreadTurns):
    """Answers over one search index; holds no state of any conversation."""

    def __init__(self, search: Search) -> None:
        super().__init__(search)
        self._firm = FirmTalk(search, self._eligibility)
        self._talked = Talked(search, self._eligibility, self._firm)
        self._thread = Thread(search)
        self._topics = Topics(search, self._eligibility.names)
        self.leading = Leading(self._snapshot, self._firm, self.respond, self._leaves)

    def respond(self, text: str, intent: str, context: Context, as_of: date) -> Reply:
        """Answer, offer a choice, or say that nothing fits.

        Args:
            text: the message, cleaned.
            intent: what Rasa understood; the search's confidence decides more.
            context: what the conversation remembers.
            as_of: the day of asking.
        """
        turn = read_turn(self.search, self._thread, text, intent, context, as_of)
        kept = self._firm.taken_back(turn.says, context, as_of)
        turn = self._firm.reached(replace(turn, context=kept))
        reply = self._in_all(turn, self._replied(turn))
        reply = self._and_what_is_near(turn, self._and_what_lasts(turn, reply))
        reply = self._firm.keep(turn, self._not_twice(turn, reply))
        facts = reply.context.facts
        if facts is None and kept.facts != context.facts:
            facts = kept.facts
        return replace(reply, context=replace(reply.context, facts=facts, said=gist(reply)))

    def _leaves(self, text: str, context: Context, as_of: date) -> bool:
        """Whether a message turns to something else that the search is sure of."""
        turn = read_turn(self.search, self._thread, text, "ask_policy", context, as_of)
        spoken = context.clause_id is not None
        return spoken and not turn.stays and turn.outcome.decision == "answer"

    def _replied(self, turn: Turn) -> Reply:
        for step in (
            self._in_need,
            self._at_home,
            self._out_of_reach,
            self._of_a_document,
            self._of_the_document,
            self._beside,
            self._chosen,
            self._by_its_figure,
            self._missed,
            self._summed_up,
            self._of_each,
            self._narrowed,
            self._put_off,
            self._resumed,
            self._dropped,
            self._on_top,
            self._of_a_city,
            self._others,
            self._introduced,
            self._at_large,
            self._each,
            self._of_its_kind,
            self._refined,
            self._reworded,
            self._of_meaning,
            self._firm.hear,
            self._without_a_question,
            self._set_side_by_side,
            self._of_a_word,
            self._goes_on,
            self._of_both,
            self._without_a_subject,
        ):
            reply = step(turn)
            if reply is not None:
                return reply
        return self._found(turn)

    def _in_need(self, turn: Turn) -> Reply | None:
        """What is said to somebody who speaks of ending his life, or whom a swindler calls."""
        for key, meant in (("nothing.crisis", in_despair), ("nothing.swindle", fears_a_swindle)):
            if meant(turn.text):
                return self._say("text", key, turn.context)
        return None

    def _out_of_reach(self, turn: Turn) -> Reply | None:
        """What is said of a document or a place that the base does not hold."""
        outcome = turn.outcome
        if outcome.unknown_document is not None:
            said = outcome.unknown_document.replace("*〔*〕", "").replace("*", "")
            count = len(self._snapshot.documents)
            key = "nothing.document_unknown"
            return self._say("text", key, turn.context, doc_no=said, count=count)
        if outcome.elsewhere is not None:
            place = outcome.elsewhere
            kept = self._asked_elsewhere(turn, place)
            return self._say("text", "nothing.elsewhere", kept, place=place)
        return None

    def _chosen(self, turn: Turn) -> Reply | None:
        """The item of the last offer that a message names."""
        index = picked(turn.text, turn.context, self._snapshot)
        if index is None:
            return None
        return self._from_offer(index, turn.intent, turn.context, turn.as_of)

    def _put_off(self, turn: Turn) -> Reply | None:
        """What is no question to answer: orders, advertisements, cheating, back, later."""
        text, context, found = turn.text, turn.context, turn.outcome.decision
        if orders(text) or advertises(text):
            return self._say("text", "nothing.out_of_scope", context)
        if of_private_life(text) and found != "answer":
            key = "nothing.aside" if context.clause_id else "nothing.out_of_scope"
            return self._say("text", key, context)
        # Nobody is told off for a question that has an answer or is only oddly put.
        advice = pretends(text) or (found == "nothing" and sounds_shady(text))
        if (turn.meant == "ask_evasion" and advice) or forges(text):
            return self._say("text", "nothing.evasion", context)
        if turn.meant == "go_back":
            return self.back(text, context, turn.as_of)
        named = found == "answer" and self.search.subject(turn.outcome.weights)
        if context.clause_id is None and not named and leans(text) and asks_on(text):
            return self._say("clarify", "nothing.follow_up", context)
        if leaves(text) and found != "answer":
            return self._say("text", "interview.later", context)
        return None

    def _each(self, turn: Turn) -> Reply | None:
        """Several matters, each answered shortly; a firm's own case is judged instead."""
        found = []
        for outcome in () if turn.stays else matters_of(turn, self.search):
            part = outcome.analysis.text
            hit = self._preferred(outcome, part, aspects(turn.text, turn.intent)[0], turn.as_of)
            about = self._eligibility.programme([hit], outcome.weights, part, turn.as_of)
            found.append((outcome, hit, self._ended(hit, about, turn.as_of)))
        return each_reply(found, turn, self.search) if found else None

    def _of_a_city(self, turn: Turn) -> Reply | None:
        """What is said of a city by itself (大同有什么补贴).

        None within a matter of the province: there the city is one of its cases.
        """
        before = self._snapshot.clauses.get(turn.context.clause_id or "")
        named = city_asked(turn.text)
        if named is None or (before is not None and before.scope == PROVINCE):
            return None
        told = self._firm.fitting.heard(named, turn.as_of)
        if set(told) != {"city"}:
            return None
        city = self._snapshot.facts.facts["city"].choice_name(str(told["city"]))
        return self._say("text", "nothing.city", turn.context, city=city)

    def _introduced(self, turn: Turn) -> Reply | None:
        """What fits a firm that introduces itself and asks at large (太原的，120人，有啥补贴)."""
        alike = of_firms_like_it(turn.text) and at_large(turn.text)
        own = asks_at_large(turn.text) and introduces(turn.text)
        if not (own or alike) or turn.outcome.named:
            return None
        told = self._firm.fitting.heard(turn.text, turn.as_of)
        if alike and told:
            return self._firm.fitting_now(turn.context, told, turn.as_of)
        if len(told) < _MUCH and (len(told) < _SOME or turn.outcome.confidence >= CLEAR):
            return None
        listed = self._firm.fitting_now(turn.context, told, turn.as_of)
        if listed is not None or turn.outcome.decision == "answer":
            return listed
        # Nothing fits so far: what it holds and means to do is asked.
        reply, context = self._firm.fits(turn.text, turn.context, turn.as_of)
        return reply or self._say("clarify", "fitting.any", context)

    def _at_large(self, turn: Turn) -> Reply | None:
        """What leads somebody on who hopes for help of any kind (有甚补贴了)."""
        if not wants_anything(turn.text) or turn.stays or turn.context.offered:
            return None
        reply, context = self._firm.fits(turn.text, turn.context, turn.as_of)
        return reply or self._say("clarify", "fitting.any", context)

    def _others(self, turn: Turn) -> Reply | None:
        """What else there is of the kind spoken of, what is in force first (还有别的吗).

        None where nothing else is, or the message names a matter of its own.
        """
        context, others = turn.context, asks_for_others(turn.text)
        current = asks_for_current(turn.text)
        spoken = self.search.hit(context.clause_id or "", {}, turn.as_of)
        if spoken is None or not (others or current):
            return None
        named = self.search.subject(turn.outcome.weights)
        programme = self._firm.spoken_of(context, turn.as_of)
        over = spoken.judgement.status in OVER or bool(self._ended(spoken, programme, turn.as_of))
        today = over and current
        if not today and (not others or len(named) > _FEW):
            return None
        new = today and self._thread.names_newly(turn.outcome, context)
        subject = f"{context.subject}，{turn.says.meant}" if new else context.subject
        outcome = self._found_for(subject, turn)
        best = outcome.hits[0].score if outcome.hits else 0.0
        telling = self._telling(outcome, subject, turn.as_of)
        hits = [
            hit
            for hit in self._besides(outcome, self._spoken_of(context))
            if hit.score >= (_FAINTLY if today else _AKIN) * best
            if telling(hit).status not in OVER
        ]
        if not hits and today:
            said = f"{self._phrases('list.none_today')}\n{cite(spoken.clause, self._snapshot)}"
            return make_reply(self._snapshot, "policy_answer", said, context, [spoken])
        if not hits:
            return None
        opening = self._phrases("list.others")
        return list_reply(hits[:PAGE], context.subject, 0, self._snapshot, opening, telling)

    def _refined(self, turn: Turn) -> Reply | None:
        """The matter spoken of once more, with a word that tells which of it (国家级的).

        None where the word tells of the firm, or stands in no clause of the matter.
        """
        context, text = turn.context, turn.text
        spoken = context.clause_id is not None or context.offered
        if not spoken or asks(text) or turn.intent in _REPLIES or corrects(text):
            return None
        new = self.search.subject(turn.outcome.weights)
        if not new or len(text) > _BRIEF or self._firm.tells(turn):
            return None
        joint = self.search.find(f"{context.subject}，{text}", turn.as_of, LISTED)
        if joint.decision != "answer":
            return None
        hit, weights = joint.hits[0], turn.outcome.weights
        held = self.search.likeness(hit.clause.text, {f: weights[f] for f in new})
        if held * 2 < sum(weights[f] for f in new):
            return None
        before = aspects(context.subject, "ask_policy")
        return self._answer(hit, joint.weights, before, turn.as_of, joint.analysis.text)

    def _of_its_kind(self, turn: Turn) -> Reply | None:
        """The measure that is called as the one spoken of, with its kind before (那服务业呢)."""
        context, kind = turn.context, of_which_kind(turn.text)
        if not kind or context.clause_id is None or not context.subject:
            return None
        names, subject = self._eligibility.names, f"{kind}{normalise(context.subject)}"
        called = names.called(subject) - names.called(normalise(context.subject))
        called = called if len(called) == 1 else self._sister(kind, context)
        if len(called) != 1:
            return None
        programme = self._snapshot.programmes[min(called)]
        weights, asked = self._weights(subject), aspects(context.subject, "ask_policy")
        stated = self._topics.clause(programme, weights, turn.as_of)
        return self._answer(stated, weights, asked, turn.as_of, subject, (), programme)

    def _sister(self, kind: str, context: Context) -> frozenset[str]:
        """The other measures of the clause spoken of whose names hold a word (境外呢, 北交所呢)."""
        programmes, clause = self._snapshot.programmes, context.clause_id or ""
        called = {
            key: "。".join((programmes[key].name, *programmes[key].aliases))
            for key in self._snapshot.programmes_of.get(clause, ())
        }
        own = called.pop(context.programme or "", context.subject)
        if kind in own or kind in normalise(self._snapshot.clauses[clause].text):
            return frozenset()
        return frozenset(key for key, names in called.items() if kind in names)

    def _reworded(self, turn: Turn) -> Reply | None:
        """The question before once more, with a word taken back for another (是商标 不是专利)."""
        words, context = swapped(turn.text), turn.context
        if words is None or not context.subject:
            return None
        before = self.search.read(context.subject).normalised
        wrong = sounding_like(words[0], before)
        if not wrong:
            return None
        again = before.replace(wrong, words[1])
        fresh = replace(context, clause_id=None, programme=None, offered=(), misses=0)
        return self.respond(again, "ask_policy", fresh, turn.as_of)

    def _without_a_question(self, turn: Turn) -> Reply | None:
        """What is said to an answer where none was asked for."""
        asked = turn.stays and (of_the_measure(turn.text) or asks_whether(turn.text))
        told = turn.intent in _REPLIES and not asked
        if told and turn.outcome.decision != "answer":
            return self._say("clarify", "nothing.follow_up", turn.context)
        return None

    def _set_side_by_side(self, turn: Turn) -> Reply | None:
        if compares(turn.text, turn.meant):
            return self._talked.compare(turn.text, turn.context, turn.as_of)
        return None

    def _of_meaning(self, turn: Turn) -> Reply | None:
        """What a word of the clause spoken of means, or that no document says (啥叫规上呀)."""
        context, word = turn.context, meaning_asked(turn.text)
        hit = self.search.hit(context.clause_id or "", {}, turn.as_of) if word else None
        if hit is None:
            return None
        defined = self._defined(self.search.read(word), word, turn.as_of)
        if defined is not None:
            return defined
        stands = word in normalise(hit.clause.text)
        if not stands and not self._firm.names(word):
            return None
        source = [cite(hit.clause, self._snapshot)] if stands else []
        not_given = self._phrases("definition.not_given", term=word)
        lines = [not_given, *source, self._phrases("answer.reminder")]
        text = "\n".join(lines)
        return make_reply(self._snapshot, "policy_answer", text, context, [hit])

    def _of_a_word(self, turn: Turn) -> Reply | None:
        if turn.intent != "ask_definition":
            return None
        return self._define(turn.outcome, turn.question, turn.context, turn.as_of)

    def _goes_on(self, turn: Turn, words: Sequence[str] = ()) -> Reply | None:
        """What is asked of the matter spoken of before, from its clause.

        Args:
            turn: the message.
            words: those of the clause that it means, where they are known.
        """
        if not turn.stays or turn.intent == "ask_list":
            return None
        outcome, context, text = turn.outcome, turn.context, turn.text
        bare = of_the_measure(text) or asks_whether(text)
        in_passing = turn.meant not in _OF_A_MATTER and not bare
        if in_passing and self._thread.strays(outcome, text, context):
            return self._say("text", "nothing.aside", context)
        needs = needs_asked(text, turn.meant)
        intent = turn.intent if turn.intent in _FOLLOW_UPS else asked_about(text, turn.intent)
        if needs and (intent not in _FOLLOW_UPS or not set(needs).isdisjoint(OF_THE_MEASURE)):
            intent = "ask_how_to_apply"
        asked = aspects(text, intent)
        of_the_way = "ask_how_to_apply" in asked and set(needs).isdisjoint(OF_THE_MEASURE)
        guide = of_the_way or not set(needs).isdisjoint(NEEDS)
        hit, weights = self._thread.clause(outcome, text, context, turn.as_of, guide=guide)
        if not self._thread.own(hit.clause.id, context):
            return self._answer(hit, outcome.weights, asked, turn.as_of, text, needs)
        programme = self._firm.spoken_of(context, turn.as_of)
        known = bool(words) or bare or asked[0] in _FOLLOW_UPS
        stated = known or self._thread.states(hit, outcome, context)
        meant = self._measure_of(programme, turn, hit)
        if meant:
            hit = self.search.hit(hit.clause.id, weights, turn.as_of, meant) or hit
        put = AskedOn(weights, asked, needs, meant, words, stated)
        said = follow_up_text(hit, put, self.search, turn.as_of, programme)
        if self._topics.first_of(context, hit):
            said = f"{self._phrases('topic.first')}\n{said}"
        kept = replace(context, misses=0)
        reply = self._reply(hit, said, asked, turn.as_of, kept, programme)
        if stated:
            return reply
        return self._with_near(turn, reply, self._spoken_of(context))

    def _of_both(self, turn: Turn) -> Reply | None:
        """The clause of the matter before and of what a few words name newly.

        After a charging station 电价咋算 asks what its power costs, not what power costs.
        """
        context, outcome = turn.context, turn.outcome
        spoken = context.clause_id in self._snapshot.clauses and context.subject
        if not spoken or len(turn.text) > _FEW_CHARACTERS or turn.says.anew or outcome.named:
            return None
        if not self._thread.names_newly(outcome, context):
            return None
        joint = self._found_for(f"{context.subject}，{turn.question}", turn)
        least = _AS_NEAR * joint.hits[0].score if joint.decision == "answer" else 0.0
        near = [hit for hit in joint.hits if hit.score >= least > 0]
        own = [hit for hit in near if self._thread.holds_both(hit, outcome, context)]
        if not own:
            return None
        asked, needs = aspects(turn.text, turn.intent), needs_asked(turn.text, turn.meant)
        # Of the clause that sentence is told which speaks of what is named newly.
        reply = self._answer(own[0], outcome.weights, asked, turn.as_of, turn.question, needs)
        return replace(reply, context=replace(reply.context, facts=context.facts))

    def _measure_of(self, programme: Programme | None, turn: Turn, hit: Hit) -> Sequence[str]:
        """The words of the measure spoken of, where a message names no other.

        Words that ask for a date (执行到什么时候) stand with the dates of its neighbours in the
        clause; they do not tell which measure is meant.
        """
        if programme is None or hit.clause.id not in programme.references:
            return ()
        # 扩岗呢还有效吗: what the clause holds and the programme does not is another measure.
        clause, own = (normalise(text) for text in (hit.clause.text, programme.words))
        # 22年的文件算不算数 names none: a year stands in any clause.
        features = self.search.subject(turn.outcome.weights)
        named = [f[2:] for f in features if not f[2:].isdigit()]
        other = any(word in clause and word not in own for word in named)
        return () if other else programme.quotes

    def _without_a_subject(self, turn: Turn) -> Reply | None:
        """What is asked back where a question leans on something that nobody named."""
        outcome, context = turn.outcome, turn.context
        placed = outcome.named or outcome.analysis.values("article")
        if len(self.search.subject(outcome.weights)) <= _FEW and not placed:
            again = self._of_the_offer(turn)
            if again is not None:
                return again
        nothing = not placed and (not outcome.weights or outcome.vague)
        if context.clause_id is None and turn.intent in _FOLLOW_UPS and nothing:
            return self._say("clarify", "nothing.follow_up", context)
        if outcome.unplaced and not outcome.hits:
            return self._say("clarify", "nothing.article_which", context)
        return None

    def back(self, text: str, context: Context, as_of: date) -> Reply:
        """An earlier topic once more (回到刚才升规那个)."""
        reply = self._talked.back(text, context, as_of)
        if reply is not None:
            return self._asked_of_it(text, reply, context, as_of) or reply
        if self._talked.names(text):
            return self.respond(text, "ask_policy", context, as_of)
        return self._say("clarify", "earlier.none", context)

    def compare(self, text: str, context: Context, as_of: date) -> Reply:
        """Two programmes, or one through the years (跟前面那个能一起拿吗)."""
        summed = self._firm.summed_up(text, context, as_of)
        if summed is not None:
            return summed
        if compares(text, "compare") or adds_up(text):
            reply = self._talked.compare(text, context, as_of)
            if reply is not None:
                return reply
        if self._talked.names(text):
            return self.respond(text, "ask_policy", context, as_of)
        return self._say("clarify", "compare.which", context)

    def fits(self, text: str, context: Context, as_of: date) -> tuple[Reply | None, Context]:
        """What fits the firm, or the questions that come before (看看我们能享受什么).

        What names a matter of its own is answered from the clauses instead, whatever it
        was taken for (担保费收2%，上面要求平均压到几个点).
        """
        wide = at_large(text) or wants_the_outcome(text)
        if not wide or self._clear(text, as_of):
            return self.respond(text, "ask_match", context, as_of), context
        return self._firm.fits(text, context, as_of)

    def _clear(self, text: str, as_of: date) -> bool:
        return self.search.find(text, as_of, 1).confidence >= CLEAR

    def profile(self, text: str, context: Context, as_of: date) -> Reply:
        """What is kept of the firm; changed first where the message says how."""
        dropped = self._left_out(text, context)
        if dropped is not None:
            return dropped
        changed = corrects(text) or changes(text)
        if not (changed or of_the_profile(text)):  # 我们是制造业企业
            return self.respond(text, "give_fact", context, as_of)
        known = self._firm.known(context)
        heard = self._firm.fitting.changed(text, known, as_of) if changed else {}
        context = also_told(context, heard)
        known = self._firm.known(context)
        if not known:
            return self._say("text", "profile.none", context)
        key = "profile.changed" if heard else "profile.shown"
        said = facts_said(known, self._snapshot)
        return self._say("text", key, context, list=said)

    def facts_said(self, facts: Mapping[str, Any]) -> str:
        """A profile as a person reads it."""
        return facts_said(self._firm.known(Context(facts=facts)), self._snapshot)

    @staticmethod
    def asks_afresh(text: str) -> bool:
        """Whether a message taken for starting over is none about a matter (那重新认定的呢)."""
        return not names_a_matter(text)

    def afresh(self) -> Reply:
        """Said when everything spoken of is put aside."""
        return self._say("text", "earlier.afresh", Context())

    @staticmethod
    def asks_to_forget(text: str) -> bool:
        """Whether a message asks in so many words for all that is kept to be deleted."""
        return forgets(text) and not drops(text)

    def forgotten(self) -> Reply:
        """Said once everything that was kept of a firm is gone."""
        return self._say("text", "profile.forgotten", Context(facts={}))

    def more(self, text: str, context: Context, as_of: date) -> Reply:
        """The next page of the last list (上一页: the one before it).

        Without a list, the others on the subject of the last answer; where the message
        names a subject of its own (还有稳岗方面的吗), a list on that.
        """
        if context.clause_id is not None and not pages(text):  # 就给一次吗
            return self.respond(text, "ask_policy", context, as_of)
        lexicon = self._snapshot.lexicon
        if self.search.subject(self._weights(subject_of(text, lexicon))):
            return self.respond(text, "ask_list", context, as_of)
        if self._firm.fitting.listed(context):
            return self._say("text", "fitting.no_more", context)
        query = context.query or context.subject
        if not query:
            return self._say("clarify", "list.which", context)
        outcome = self.search.find(subject_of(query, lexicon), as_of, LISTED, broad=True)
        hits = listed(outcome, self.search, as_of)
        step = -1 if pages_back(text) else 1
        page = context.page + step if context.query else 0
        if page < 0 or not hits[page * PAGE :]:
            return self._say("text", "list.no_more", context)
        opening, telling = opening_of(outcome, self._snapshot), self._telling(outcome, query, as_of)
        return list_reply(hits, query, page, self._snapshot, opening, telling)

    def choose(self, text: str, context: Context, as_of: date) -> Reply:
        """Answer with the item chosen from the last offer (第二个, 2, 最后一个).

        An ordinal beyond the offer that reads as an article (第八条) is one.
        """
        chosen = picked(text, context, self._snapshot)
        if chosen is not None:
            return self._from_offer(chosen, "ask_policy", context, as_of)
        analysis = self.search.read(text)
        if analysis.values("article") or ordinal(text, 1) is None:
            return self.respond(text, "ask_document", context, as_of)
        if not context.offered:
            return self._say("clarify", "nothing.no_offer", context)
        return self._say("clarify", "nothing.beyond_offer", context, count=len(context.offered))

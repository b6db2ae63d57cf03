"""What is said of the firm that asks: verdicts, the questions that lead to them, what fits.

What a firm has told is kept as its profile and never asked twice; what it tells now counts
before what it told earlier. Pure: the profile comes with the context and goes with the reply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.policies.answer.conduct import restated
from bot.policies.answer.context import Context, Interview
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.answer.fitting import Fitting
from bot.policies.answer.interview import Interviewer, Step
from bot.policies.answer.manners import (
    counts_it_in,
    of_several,
    urges,
    wants_a_sum,
    wants_the_outcome,
)
from bot.policies.answer.reply import Reply, make_reply
from bot.policies.answer.turn import Turn
from bot.policies.answer.verdicts import number
from bot.policies.answer.wording import (
    asks,
    calls_for,
    elliptic,
    introduces,
    names_a_matter,
    plans,
    speaks_of_itself,
    tells_a_case,
)
from bot.policies.eligibility.answers import read_answer
from bot.policies.eligibility.facts import FactError, Value
from bot.policies.eligibility.judge import Verdict
from bot.policies.eligibility.programme import Programme
from bot.policies.eligibility.telling import facts_heard
from bot.policies.query import holds, normalise
from bot.policies.search import Hit, Outcome, Search

__all__ = ["FirmTalk", "also_told", "corrects", "supposes"]

_SHORT = 14  # characters of a supposition
_SEVERAL = 2  # facts told at once, by somebody who introduces the firm
_TELLING = 16  # characters of a case told without a word of whose it is
_CERTAIN = 0.74  # confidence of the search that needs no programme beside it
_CLEARLY = 0.7  # of the first one's score; what has less answers clearly worse
_NEAR = 0.43  # to a question of its own, for a programme that is not of the first clause

# Intents by which a firm asks of itself.
_ABOUT_US = frozenset({"ask_eligible", "ask_our_amount"})
# Intents by which it tells something.
_TELLS = frozenset({"give_fact", "correct_fact", "affirm", "deny", "dont_know", "wont_say"})
# Intents under which a firm may tell its case.
_JUDGED = frozenset(
    {
        "ask_policy",
        "ask_amount",
        "ask_conditions",
        "ask_how_to_apply",
        "ask_materials",
        "ask_deadline",
        "ask_department",
        "ask_validity",
        "ask_list",
        "ask_match",
        "ask_evasion",
        "compare",
        "out_of_scope",
        "nlu_fallback",
        *_ABOUT_US,
        *_TELLS,
    }
)
_CORRECTS = re.compile(
    r"^(?:不对|错了|不是这样|搞错|弄错)|说错|打错|写错|记错|更正|纠正|我改一?下|应该是|不是.{1,8}[,，]?\s*是"
)
# A number of nothing in particular.
_BARE = re.compile(r"^\D{0,4}[\d一二两三四五六七八九十百]+个?[\W]*$")
_INSTEAD = re.compile(r"其实是?|应该是|应为|改成")
# 那大型企业呢, 要是在综改区呢: nothing is told of the firm.
_SUPPOSES = re.compile(
    r"^.{0,4}(?:要是|如果|假如|换成|万一|若是?)|^那.{1,12}呢[?？]?$|^.{2,8}呢[?？]?$"
)


def corrects(text: str) -> bool:
    """Whether a message takes something back (不对，我们是服务业的)."""
    return holds(_CORRECTS, text)


def supposes(text: str) -> bool:
    """Whether a message asks what would be (那大型企业呢)."""
    return holds(_SUPPOSES, text)


class FirmTalk:
    """Speaks of the firm that asks, over one search index."""

    def __init__(self, search: Search, eligibility: EligibilityAnswers) -> None:
        self._search, self._snapshot = search, search.snapshot
        self._eligibility = eligibility
        self.interviewer = Interviewer(search.snapshot, eligibility)
        self.fitting = Fitting(search.snapshot, eligibility)

    def known(self, context: Context) -> dict[str, Value]:
        """The profile as values; what the knowledge base no longer knows is left out."""
        book, found = self._snapshot.facts.facts, {}
        for key, value in (context.facts or {}).items():
            try:
                found[key] = book[key].value(value)
            except (KeyError, FactError):
                continue
        return found

    def programme(
        self, outcome: Outcome, text: str, as_of: date, *, clear: bool = True
    ) -> Programme | None:
        """The programme that a message means; None where the search is not sure of it."""
        if outcome.decision != "answer" and clear:
            return None
        return self._eligibility.programme(
            outcome.hits, outcome.weights, text, as_of, outcome.vector
        )

    def hear(self, turn: Turn) -> Reply | None:
        """What goes on about the firm: 不对，我们是服务业的; 那大型企业呢; 我们能享受吗."""
        outcome, intent, text, context = turn.outcome, turn.meant, turn.text, turn.context
        if outcome.named:
            return None
        spoken = context.clause_id is not None or bool(context.offered)
        # 小升规 30万 names a measure anew, whatever it looks like.
        anew = outcome.decision == "answer" and not turn.stays and outcome.names_a_term
        told = not asks(text) and spoken and not anew
        statement = told and self._states(text, context, turn.as_of)
        again_put = restated(text) != text  # 不是，我问的是…: a question, whatever it looks like
        tells = (not asks(text) and intent in _TELLS) or statement or corrects(text)
        tells = tells and not again_put
        supposed = supposes(text) and len(normalise(text)) <= _SHORT
        again = intent == "ask_amount" and self._told_of(context, turn.as_of)
        asked = supposed or intent in _ABOUT_US or speaks_of_itself(text) or again or urges(text)
        if not (tells or (turn.stays and asked)):
            return None
        reply = self.go_on(intent, text, context, turn.as_of)
        if reply is not None or not tells:
            return reply
        return self._heard(turn, spoken)

    def _heard(self, turn: Turn, spoken: bool) -> Reply | None:
        """That what was told is kept; None where it may well be a question."""
        heard = self.fitting.heard(turn.text, turn.as_of)
        if self.fitting.listed(turn.context) and (heard or len(turn.text) <= _SHORT):
            return self._told_on(turn, heard)
        if not spoken and not self._introduces(turn, heard):
            return None
        if not heard:
            # Within a conversation what is told is no question, whatever it resembles.
            told = spoken and (
                turn.meant in _TELLS
                or turn.outcome.decision != "answer"
                or speaks_of_itself(turn.text)
            )
            return self._say("interview.nothing_heard", turn.context) if told else None
        said = facts_heard(heard, turn.text, self._snapshot)
        return self._say("interview.kept", also_told(turn.context, heard), list=said)

    def _told_on(self, turn: Turn, heard: Mapping[str, Value]) -> Reply:
        """What fits once more, with what is told after the list of it."""
        if not heard:
            return self._say("fitting.same", turn.context)
        noted = self.interviewer.noted(heard, turn.text)
        return self._fitting_reply(also_told(turn.context, heard), turn.as_of, noted)

    def summed_up(self, text: str, context: Context, as_of: date) -> Reply | None:
        """What fits once more, where after the list of it is asked what it comes to."""
        several = self.fitting.chosen_of(context) and of_several(text)
        listed = self.fitting.listed(context) or several
        more = counts_it_in(text) and len(context.facts or {}) >= _SEVERAL
        if not (listed and wants_the_outcome(text)) and not more:
            return None
        context = also_told(context, self.fitting.heard(text, as_of))
        known = self.known(context)
        first = self.fitting.sum_of(known, as_of) if wants_a_sum(text) else ""
        return self._fitting_reply(context, as_of, first)

    def keep(self, turn: Turn, reply: Reply) -> Reply:
        """A reply with what the message told of the firm, whatever it was answered with."""
        text = turn.text
        own = tells_a_case(text) or speaks_of_itself(text) or not asks(text)
        if not own or supposes(text) or turn.outcome.named:
            return reply
        heard = self.fitting.heard(text, turn.as_of)
        facts = reply.context.facts if reply.context.facts is not None else turn.context.facts
        new = {key: value for key, value in heard.items() if key not in (facts or {})}
        if not new:
            return reply
        context = replace(reply.context, facts=facts)
        return replace(reply, context=also_told(context, new))

    def _told_of(self, context: Context, as_of: date) -> bool:
        """Whether anything is known of the firm that counts for the programme spoken of."""
        programme = self.spoken_of(context, as_of)
        return programme is not None and bool(
            self._eligibility.concerns(programme, self.known(context))
        )

    def tells(self, turn: Turn) -> bool:
        """Whether a message tells anything of the firm."""
        programme = self.spoken_of(turn.context, turn.as_of)
        heard = self._eligibility.heard(programme, turn.text, turn.as_of) if programme else {}
        return bool(heard) or bool(self.fitting.heard(turn.text, turn.as_of))

    @staticmethod
    def _introduces(turn: Turn, heard: Mapping[str, Value]) -> bool:
        """Whether a first message tells of a firm, and is no question without its mark."""
        found, text = turn.outcome.decision, turn.text
        if found == "offer" and heard and len(text) <= _SHORT and not names_a_matter(text):
            return True  # 我们是制造业企业
        return found == "nothing" or (found == "offer" and len(heard) >= _SEVERAL)

    def _states(self, text: str, context: Context, as_of: date) -> bool:
        """Whether a message that asks nothing tells of the firm, and names no new matter."""
        if not calls_for(text) and (speaks_of_itself(text) or not names_a_matter(text)):
            return True
        programme = self.spoken_of(context, as_of)
        return programme is not None and bool(self._eligibility.heard(programme, text, as_of))

    def about(
        self, outcome: Outcome, intent: str, text: str, context: Context, as_of: date
    ) -> Reply | None:
        """A verdict on what a message names, where it tells enough or asks for one."""
        if intent not in _JUDGED or outcome.named:
            return None
        programme = self.programme(outcome, text, as_of)
        if programme is None or not self._meant(programme, outcome):
            return None
        heard = self._eligibility.heard(programme, text, as_of)
        told = self._eligibility.complete(heard, self.known(context))
        speaks = self._eligibility.speaks(programme, told)
        own = speaks and speaks_of_itself(text)
        case = tells_a_case(text) or self._told_much(programme, heard, text)
        if not (own or case or intent in _ABOUT_US):
            return None
        verdict = self._eligibility.judge(programme, told, as_of)
        # Of a firm that told nothing that counts, a yes would be a guess.
        if verdict.outcome == "eligible" and not (speaks or (case and _rests(verdict))):
            return None
        over = verdict.status in {"expired", "repealed"}
        # Who asks before doing it is told what there is, not that it is not done yet.
        wants = plans(text) and intent != "ask_eligible"
        if wants and verdict.outcome == "ineligible" and not over and _can_be_mended(verdict):
            return None
        # Where nothing was told, that it is over is better said with what it was.
        said = outcome.hits[0].judgement.status in {"expired", "repealed"}
        if over and said and not (own or case):
            return None
        return self._verdict(verdict, heard, text, context, self._apart(programme, outcome))

    def _told_much(self, programme: Programme, heard: Mapping[str, Value], text: str) -> bool:
        """Whether so much is told for a programme that it is a case, whoever it is told of.

        给县医院盖门诊楼的，进度款人家只给六成: nobody says 我, and nobody asks in general so.
        """
        told = [heard[key] for key in self._eligibility.telling(programme) if key in heard]
        much = len(told) >= _SEVERAL or any(value is False for value in told)
        return much and len(text) >= _TELLING and asks(text)

    def torn(self, outcome: Outcome, text: str, as_of: date) -> bool:
        """Whether a case is told of which the programme and the first clause differ.

        Where neither is certain, the choice is for the person to make.
        """
        if not tells_a_case(text) or outcome.confidence >= _CERTAIN:
            return False
        programme = self.programme(outcome, text, as_of)
        return programme is not None and not self._meant(programme, outcome)

    def _meant(self, programme: Programme, outcome: Outcome) -> bool:
        """Whether a programme may be judged that is not one of the clause found first.

        It must come near the question itself; else the clause is answered with.
        """
        first = self._search.group(outcome.hits[0].clause.id)
        if outcome.vector is None or first in map(self._search.group, programme.references):
            return True
        near = self._search.index.programmes_near(outcome.vector)
        return near.get(programme.id, 0.0) >= _NEAR

    def _apart(self, programme: Programme, outcome: Outcome) -> Hit | None:
        """The clause found first, where it answers clearly better than the principal one."""
        first = outcome.hits[0]
        group = self._search.group
        principal = group(programme.references[0])
        scores = [hit.score for hit in outcome.hits if group(hit.clause.id) == principal]
        return first if max(scores, default=0.0) < _CLEARLY * first.score else None

    def _say(self, key: str, context: Context, **values: object) -> Reply:
        return make_reply(self._snapshot, "text", self._snapshot.phrases(key, **values), context)

    def go_on(self, intent: str, text: str, context: Context, as_of: date) -> Reply | None:
        """A verdict on the programme spoken of before, with what is told now.

        None where nothing is told of it and nothing is asked of the firm.
        """
        programme = self.spoken_of(context, as_of)
        if programme is None:
            return None
        heard = self._eligibility.heard(programme, text, as_of)
        if not heard and corrects(text):
            heard = self._corrected(programme, text, context, as_of)
        if supposes(text):
            # Only what is put in place of something: 那大型企业呢.
            return self._suppose(programme, heard, context, as_of) if heard else None
        wants_it = intent in _ABOUT_US or (intent == "ask_amount" and elliptic(text))
        wants_it = wants_it or urges(text)
        if not heard and not wants_it:
            return None
        told = self._eligibility.complete(heard, self.known(context))
        verdict = self._eligibility.judge(programme, told, as_of)
        if verdict.outcome == "eligible" and not self._eligibility.speaks(programme, told):
            return None
        return self._verdict(verdict, heard, context.subject or text, context)

    def _corrected(
        self, programme: Programme, text: str, context: Context, as_of: date
    ) -> dict[str, Value]:
        """The one fact told before that a correction gives another value (说错了，是80张)."""
        # 5个人说错了，其实4个: what stands after the correction counts.
        said = _INSTEAD.split(_CORRECTS.sub("", normalise(text)))[-1]
        found: dict[str, Value] = {}
        for key in self._eligibility.concerns(programme, self.known(context)):
            answer = read_answer(said, self._snapshot.facts.facts[key], as_of, alone=False)
            if answer is not None and answer.kind == "value" and answer.value is not None:
                found[key] = answer.value
        if len(found) != 1:
            return {}
        # 裁了2个。不对，是3个: bare things are those counted last, not the staff told before.
        last = [*(context.facts or {})][-1:]
        return found if list(found) == last or not _BARE.search(said) else {}

    def spoken_of(self, context: Context, as_of: date) -> Programme | None:
        """The programme last spoken of, also where it was spoken of by its clause alone."""
        if context.programme in self._snapshot.programmes:
            return self._snapshot.programmes[context.programme or ""]
        if context.clause_id is None:
            return None
        hit = self._search.hit(context.clause_id, {}, as_of)
        if hit is None:
            return None
        weights = self._search.weigh(self._search.read(context.subject))
        return self._eligibility.programme([hit], weights, context.subject, as_of)

    def _suppose(
        self, programme: Programme, heard: Mapping[str, Value], context: Context, as_of: date
    ) -> Reply:
        told = self._eligibility.complete(heard, self.known(context))
        verdict = self._eligibility.judge(programme, told, as_of)
        rests_on = {**self._eligibility.concerns(programme, self.known(context)), **heard}
        brief = self._told_before(programme, context)
        return self._eligibility.reply(verdict, context.subject, rests_on, brief=brief)

    def _told_before(self, programme: Programme, context: Context) -> bool:
        """Whether a verdict on a programme was told before: what counts for it was known."""
        known = self._eligibility.complete({}, self.known(context))
        spoken = {context.programme, *(topic.programme for topic in context.talked)}
        return programme.id in spoken and self._eligibility.speaks(programme, known)

    def _verdict(
        self,
        verdict: Verdict,
        heard: Mapping[str, Value],
        subject: str,
        context: Context,
        found: Hit | None = None,
    ) -> Reply:
        known = self._eligibility.concerns(verdict.programme, self.known(context))
        # A changed fact changes a line or two; the clause and all that goes with it was said.
        brief = bool(heard) and self._told_before(verdict.programme, context)
        told = {**known, **heard}
        reply = self._eligibility.reply(verdict, subject, told, found=found, brief=brief)
        facts = also_told(context, heard).facts
        interview = self.interviewer.begin(verdict, subject)
        return replace(reply, context=replace(reply.context, facts=facts, interview=interview))

    def resume(self, programme: Programme, subject: str, context: Context, as_of: date) -> Reply:
        """The verdict on what is known of the firm, with the next question where one is left."""
        told = self._eligibility.complete({}, self.known(context))
        verdict = self._eligibility.judge(programme, told, as_of)
        return self._verdict(verdict, {}, subject, context)

    def fits(self, text: str, context: Context, as_of: date) -> tuple[Reply | None, Context]:
        """What fits the firm, or the questions that come before.

        Returns:
            The list where enough is known, else None; and the conversation, whose
            interview then waits for the first answer.
        """
        own = tells_a_case(text) or introduces(text)
        heard = self.fitting.heard(text, as_of) if own else {}
        context = also_told(context, heard)
        # 按我说的这些列一列: nothing more is to be asked first.
        enough = len(self.known(context)) >= _SEVERAL and wants_the_outcome(text)
        listed = self.fitting_now(context, {}, as_of) if enough else None
        if listed is not None:
            return listed, context
        interview = self.fitting.begin(self.known(context), text)
        if interview is not None:
            return None, replace(context, interview=interview)
        return self._fitting_reply(context, as_of), context

    def fitting_now(self, context: Context, told: Mapping[str, Value], as_of: date) -> Reply | None:
        """What fits a firm by what it told; None where nothing does so far."""
        reply = self._fitting_reply(also_told(context, told), as_of)
        return reply if reply.custom["type"] == "policy_list" else None

    def _fitting_reply(self, context: Context, as_of: date, noted: str = "") -> Reply:
        """What fits the firm by all that is known of it."""
        reply = self.fitting.reply(self.known(context), as_of, noted)
        return replace(reply, context=replace(reply.context, facts=context.facts))

    def listen(
        self, interview: Interview, text: str, context: Context, as_of: date
    ) -> Context | None:
        """What an answer makes of the conversation; None where it answers nothing."""
        corrected = self._put_right(interview, text, context, as_of)
        if corrected is not None:
            return corrected
        asker = self.interviewer if interview.programme else self.fitting
        step = asker.take(interview, text, as_of)
        if not step.understood:
            # 太原的，六十来人: what is told beside the question is kept, and the question waits.
            beside = {} if asks(text) else self.fitting.heard(text, as_of)
            if not beside:
                return None
            noted = self.interviewer.noted(beside, text)
            step = Step(replace(step.interview, prefix=noted), beside)
        context = also_told(context, step.facts)
        return replace(context, interview=self._advance(step.interview, context, as_of))

    def enough(self, interview: Interview, text: str, context: Context, as_of: date) -> Context:
        """The interview ended where it stands, since its outcome is wanted now."""
        programme = self._snapshot.programmes.get(interview.programme)
        heard = self.fitting.heard(text, as_of)
        if programme is not None:
            heard |= self._eligibility.heard(programme, text, as_of)
        context = also_told(context, heard)
        return replace(context, interview=replace(interview, prefix="", ended="done"))

    def _put_right(
        self, interview: Interview, text: str, context: Context, as_of: date
    ) -> Context | None:
        """What a correction makes of the conversation (不对，是80万); None where it is none."""
        programme = self._snapshot.programmes.get(interview.programme)
        if programme is None or not corrects(text):
            return None
        heard = self._eligibility.heard(programme, text, as_of)
        heard = heard or self._corrected(programme, text, context, as_of)
        if not heard:
            return None
        context = also_told(context, heard)
        interview = replace(interview, misses=0, prefix=self.interviewer.noted(heard, text))
        return replace(context, interview=self._advance(interview, context, as_of))

    def unclear(self, interview: Interview, context: Context, as_of: date) -> Context:
        """After a message that answered nothing."""
        interview = self.interviewer.unclear(interview)
        return replace(context, interview=self._advance(interview, context, as_of))

    def afresh(self, interview: Interview, context: Context, as_of: date) -> Context:
        """The same interview from its beginning; what was told of its facts is put aside."""
        if not interview.programme:
            context = replace(context, facts={})
            begun = self.fitting.begin({}, interview.subject)
        else:
            programme = self._snapshot.programmes[interview.programme]
            told = self._eligibility.concerns(programme, self.known(context))
            facts = {k: value for k, value in (context.facts or {}).items() if k not in told}
            context = replace(context, facts=facts)
            verdict = self._eligibility.judge(programme, self._eligibility.complete({}), as_of)
            begun = self.interviewer.begin(verdict, interview.subject)
        return replace(context, interview=begun or replace(interview, ended="done"))

    def _advance(self, interview: Interview, context: Context, as_of: date) -> Interview:
        if not interview.programme:
            return self.fitting.advance(interview, self.known(context))
        return self.interviewer.advance(interview, self.known(context), as_of)

    def question(self, interview: Interview, context: Context, as_of: date) -> Reply:
        """The question that is waited for."""
        if not interview.programme:
            return self.fitting.question(interview)
        verdict = self.interviewer.verdict(interview, self.known(context), as_of)
        return self.interviewer.question(interview, verdict)

    def conclude(self, interview: Interview, context: Context, as_of: date) -> Reply:
        """What an interview ends with: the verdict, or all that fits."""
        known = self.known(context)
        if not interview.programme:
            reply = self.fitting.reply(known, as_of)
        else:
            verdict = self.interviewer.verdict(interview, known, as_of)
            concerned = self._eligibility.concerns(verdict.programme, known)
            lead = interview.prefix
            reply = self._eligibility.reply(verdict, interview.subject, concerned, lead, brief=True)
        return replace(reply, context=replace(reply.context, facts=context.facts))


def _rests(verdict: Verdict) -> bool:
    """Whether a yes rests on a condition that was told (个体户 of what is for 个体户)."""
    return any(c.result and c.id not in ("validity", "scope") for c in verdict.conditions)


def _can_be_mended(verdict: Verdict) -> bool:
    """Whether all that keeps a firm from something can still be brought about."""
    return all(gap.changeable for gap in verdict.gaps)


def also_told(context: Context, heard: Mapping[str, Value]) -> Context:
    """A context whose profile holds, as JSON has it, what was heard now as well."""
    record = {
        key: number(value)
        if isinstance(value, Decimal)
        else value.isoformat()
        if isinstance(value, date)
        else value
        for key, value in heard.items()
    }
    # What was told last stands last.
    before = {key: value for key, value in (context.facts or {}).items() if key not in record}
    return replace(context, facts={**before, **record})

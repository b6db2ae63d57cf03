"""One turn of an interview: an answer, a question in between, a change of mind, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from bot.policies.answer.conduct import in_despair, leaves, waits
from bot.policies.answer.context import Context, Interview
from bot.policies.answer.firm import FirmTalk
from bot.policies.answer.judging import supposes
from bot.policies.answer.manners import drops, of_private_life, urges, wants_the_outcome
from bot.policies.answer.repeating import gist
from bot.policies.answer.reply import Reply, make_reply
from bot.policies.answer.talked import remember
from bot.policies.answer.turnabout import Turnabout, turned
from bot.policies.answer.wording import asks
from bot.policies.model import Snapshot
from bot.policies.query import normalise

__all__ = ["LEAVING", "Leading", "left_to_rules"]

Respond = Callable[[str, str, Context, date], Reply]

Leaves = Callable[[str, Context, date], bool]

LEAVING = frozenset({"ask_human", "complain", "goodbye", "forget_me"})
"""Intents under which the rules end an interview."""
# … and those under which they come back to it.
_COMING_BACK = frozenset({"greet", "thank", "praise", "ask_identity", "ask_profile"})
# A nod is an answer, whatever small talk it may be elsewhere.
_NODS = re.compile(r"(?:嗯+|是|对|是的|对的|没错)[呢啊哒]?[。.!！~～]*")
_SURE = 0.85  # of so much certainty small talk is small talk, whatever was asked
_AFRESH = re.compile(r"^(?:重新(?:来|开始|问|填|算)|从头|重来|重头)")
# What is asked in passing, beside an answer (三千万，那归谁管).
_IN_PASSING = frozenset(
    {
        "ask_department",
        "ask_how_to_apply",
        "ask_materials",
        "ask_deadline",
        "ask_validity",
        "ask_document",
        "ask_definition",
    }
)
# By these somebody tells; a mark of a question in them asks nothing.
_TELLS = frozenset({"give_fact", "correct_fact", "affirm", "deny", "dont_know", "wont_say"})
# What a message that names a matter is taken for where it is only oddly put.
_ANY = frozenset({"out_of_scope", "nlu_fallback", "deny", "complain", "correct_fact", "no_use"})
_BRIEF = 4  # characters; so few, if they are no question, are a failed answer


def left_to_rules(text: str, intent: str, confidence: float) -> bool:
    """Whether a message is small talk or calls for a person, whatever was asked."""
    if _NODS.fullmatch(text.strip()) or confidence < _SURE:
        return False
    return intent in LEAVING or intent in _COMING_BACK


class Leading:
    """Takes the turns of an interview.

    Args:
        snapshot: for the sentences.
        firm: who asks and judges.
        respond: answers what is asked in between.
        leaves: tells whether a message leaves what a conversation speaks of.
    """

    def __init__(
        self, snapshot: Snapshot, firm: FirmTalk, respond: Respond, leaves: Leaves
    ) -> None:
        self._snapshot, self._firm, self._respond = snapshot, firm, respond
        self._leaves = leaves

    def listen(
        self, text: str, intent: str, context: Context, as_of: date
    ) -> tuple[Reply | None, Context]:
        """What a message makes of the interview that ``context`` holds.

        Returns:
            What is answered in between, if anything, and the conversation as it then
            stands; its interview waits for the next answer or has ended.
        """
        interview = context.interview
        if interview is None:
            return None, context
        back = interview.prefix == self._snapshot.phrases("interview.back")
        interview = replace(interview, prefix="")
        said = normalise(text)
        if in_despair(text):
            return self._respond(text, intent, context, as_of), replace(context, interview=None)
        says = turned(text)
        taken_for = "ask_policy" if intent in _ANY else intent
        if says.missed and not self._firm.puts_right(text, self._beside(context), as_of):
            # 跟飞机有啥关系: no answer to whether it is one.
            reply = self._respond(text, taken_for, self._beside(context), as_of)
            return reply, replace(reply.context, talked=remember(context, reply))
        text = self._plainly(says, text)
        if says.away and not self._answers(says, interview, as_of):
            # 不是电费 盖大棚补不补: the questions are left, and not come back to.
            told = self._firm.listen(interview, text, context, as_of) if asks(says.meant) else None
            away = replace(told or context, interview=None)
            reply = self._respond(text, taken_for, away, as_of)
            return reply, replace(reply.context, talked=remember(context, reply))
        instead = self._firm.instead(interview, text, as_of)
        if leaves(text) or instead == "stop":
            return None, replace(context, interview=replace(interview, ended="cancelled"))
        if waits(text):
            kept = replace(context, interview=replace(interview, prefix=""))
            said = self._snapshot.phrases("interview.waits")
            return make_reply(self._snapshot, "text", said, kept), kept
        if _AFRESH.search(said) is not None:
            return None, self._firm.afresh(interview, context, as_of)
        if (of_private_life(text) and asks(text)) or drops(text):
            here = replace(context, interview=interview)
            return self._in_between(text, intent, here, as_of, again=back)
        wanted = urges if interview.programme else wants_the_outcome
        if wanted(text):
            return None, self._firm.enough(interview, text, context, as_of)
        answer, rest = self._firm.answer_and_question(interview, text, as_of)
        if answer:
            # 嗯头一回 还有外头那个20万能一块拿不: kept, and then what is asked.
            told = self._firm.listen(interview, answer, context, as_of)
            if told is not None:
                return self._in_between(rest, taken_for, told, as_of)
        asked = asks(text) or intent == "go_back" or instead == "question"
        if not supposes(text):
            heard = self._firm.listen(interview, text, context, as_of)
            if heard is not None:
                passing = intent in _IN_PASSING or _unanswered(interview, heard, intent)
                # 我哪有门票 评上好民宿给钱的那种有没: an answer, and a matter of its own.
                else_asked = asks(text) and self._leaves(text, self._here(interview), as_of)
                if not (asked and (passing or else_asked)):
                    return None, heard
                return self._in_between(text, intent, heard, as_of)
        if not asked and (intent not in _IN_PASSING or len(said) <= _BRIEF):
            return None, self._firm.unclear(interview, context, as_of)
        here = replace(context, interview=interview)
        return self._in_between(text, intent, here, as_of, again=back)

    @staticmethod
    def _plainly(says: Turnabout, text: str) -> str:
        """A message without what it complains of (都说三遍了 是 第一次)."""
        return text if says.refused else says.meant

    def _answers(self, says: Turnabout, interview: Interview, as_of: date) -> bool:
        """Whether a message that turns something down answers all the same.

        It does where it names nothing else, corrects what it told (不是十个 一百一十来个), or
        turns down just what was asked (不是战新 是传统的).
        """
        if not self._firm.names(says.meant):
            return True
        if asks(says.meant) and self._leaves(says.meant, self._here(interview), as_of):
            return False  # 不是外商 那国内的招商引资 土地上有啥优惠
        told = not asks(says.meant) and bool(self._firm.fitting.heard(says.meant, as_of))
        question = self._firm.asked(interview)
        pairs = {word[i : i + 2] for word in says.refused for i in range(len(word) - 1)}
        return told or any(pair in question for pair in pairs)

    def _in_between(
        self, text: str, intent: str, context: Context, as_of: date, *, again: bool = False
    ) -> tuple[Reply, Context]:
        """An answer to what has nothing to do with the question asked, then back to it.

        Where the turn before was such a one as well the question is not put ``again``.
        """
        interview = context.interview
        assert interview is not None
        reply = self._respond(text, intent, self._beside(context), as_of)
        facts = reply.context.facts if reply.context.facts is not None else context.facts
        after = reply.context
        if after.interview is not None and after.interview.programme != interview.programme:
            # Another programme is to be judged: the one left stays among what was talked of.
            return reply, replace(after, facts=facts, talked=context.talked)
        if not interview.ended:
            if again:
                talked = remember(context, reply)
                return reply, replace(after, interview=None, facts=facts, talked=talked)
            back = self._snapshot.phrases("interview.back")
            interview = replace(interview, prefix=back)
        kept = replace(context, interview=interview, facts=facts)
        return reply, replace(kept, offered=after.offered, said=after.said)

    def _beside(self, context: Context) -> Context:
        """The conversation beside its interview: what that is about is spoken of."""
        interview = context.interview
        assert interview is not None
        here = replace(context, interview=None)
        if interview.programme not in self._snapshot.programmes:
            return here
        about = self._here(interview)
        return replace(
            here,
            clause_id=about.clause_id,
            programme=about.programme,
            subject=about.subject,
        )

    def _here(self, interview: Interview) -> Context:
        """What a question's programme is about; nothing where the questions are of none."""
        programme = self._snapshot.programmes.get(interview.programme)
        if programme is None:
            return Context()
        return Context(programme.references[0], subject=interview.subject, programme=programme.id)

    def question(self, context: Context, as_of: date) -> Reply:
        """The question that is waited for."""
        interview = self._under_way(context)
        reply = self._firm.question(interview, context, as_of)
        kept = replace(
            context,
            clause_id=reply.context.clause_id or context.clause_id,
            programme=interview.programme or None,
        )
        return replace(reply, context=kept)

    def conclude(self, context: Context, as_of: date) -> Reply:
        """What an interview that has ended comes to."""
        interview = self._under_way(context)
        if interview.ended != "cancelled":
            reply = self._firm.conclude(interview, context, as_of)
            return replace(reply, context=replace(reply.context, said=gist(reply)))
        programme = self._snapshot.programmes.get(interview.programme)
        if programme is None:
            text = self._snapshot.phrases("fitting.cancelled")
            return make_reply(self._snapshot, "text", text, Context(facts=context.facts))
        text = self._snapshot.phrases("interview.cancelled", name=programme.title)
        kept = Context(
            programme.references[0],
            subject=interview.subject,
            programme=programme.id,
            facts=context.facts,
        )
        return make_reply(self._snapshot, "text", text, kept)

    @staticmethod
    def _under_way(context: Context) -> Interview:
        if context.interview is None:
            raise ValueError("no interview is under way")
        return context.interview


def _unanswered(interview: Interview, heard: Context, intent: str) -> bool:
    """Whether a message that asks told something, but not what it was asked for."""
    after = heard.interview
    waits = after is not None and not after.ended and after.asked[-1] == interview.asked[-1]
    return waits and intent not in _TELLS

"""What turns a conversation: the same asked of the province, questions taken up, facts left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.policies.answer.answering import Answering
from bot.policies.answer.context import Context
from bot.policies.answer.manners import after_going_back, at_home, drops, resumes
from bot.policies.answer.needs import needs_asked
from bot.policies.answer.reply import Reply
from bot.policies.answer.talked import Talked
from bot.policies.answer.turn import Turn
from bot.policies.answer.wording import asked_about, asks
from bot.policies.eligibility.telling import facts_said
from bot.policies.query import normalise

__all__ = ["ThreadTurns"]

_SOME = 2  # words by which a question names a matter of its own


class ThreadTurns(Answering):
    """Takes a conversation up again, back or elsewhere, over one search index."""

    _talked: Talked

    def respond(self, text: str, intent: str, context: Context, as_of: date) -> Reply:
        """Answer a message within a conversation."""
        raise NotImplementedError

    def _at_home(self, turn: Turn) -> Reply | None:
        """What was asked of another place, asked of the province (山西的呢)."""
        context = turn.context
        if not context.subject or context.clause_id or context.offered or context.query:
            return None
        if not at_home(turn.text):
            return None
        afresh = replace(context, subject="")
        return self.respond(context.subject, "ask_policy", afresh, turn.as_of)

    def _asked_elsewhere(self, turn: Turn, place: str) -> Context:
        """What is remembered of a question on another place: the same, asked of the province.

        Where a matter is spoken of already (河北那边给多少) it stays as it was.
        """
        asked = normalise(turn.text).replace(place, "")
        if turn.context.clause_id or len(self.search.subject(self._weights(asked))) < _SOME:
            return turn.context
        return Context(subject=asked, facts=turn.context.facts, talked=turn.context.talked)

    def _resumed(self, turn: Turn) -> Reply | None:
        """The questions that were broken off, taken up where they stood (还能接着算吗)."""
        programme = self._snapshot.programmes.get(turn.context.programme or "")
        if programme is None or not resumes(turn.text):
            return None
        if self._talked.names(turn.text) and turn.outcome.decision == "answer":
            return None
        return self._firm.resume(programme, turn.context.subject, turn.context, turn.as_of)

    def _dropped(self, turn: Turn) -> Reply | None:
        return self._left_out(turn.text, turn.context)

    def _left_out(self, text: str, context: Context) -> Reply | None:
        """What is kept of the firm without what it wants left out (贷款那条去掉吧)."""
        if not drops(text):
            return None
        known = self._firm.known(context)
        kept = self._firm.fitting.without(text, known)
        if kept is None and known and not asks(text):
            said = facts_said(known, self._snapshot)
            return self._say("text", "profile.not_kept", context, list=said)
        if kept is None:
            return None
        facts = {key: value for key, value in (context.facts or {}).items() if key in kept}
        context = replace(context, facts=facts)
        said = facts_said(kept, self._snapshot) or self._phrases("profile.nothing")
        return self._say("text", "profile.changed", context, list=said)

    def _summed_up(self, turn: Turn) -> Reply | None:
        return self._firm.summed_up(turn.text, turn.context, turn.as_of)

    def _asked_of_it(self, text: str, reply: Reply, context: Context, as_of: date) -> Reply | None:
        """The answer to what is asked of what is gone back to (回到稳岗那个，哪天到账)."""
        asked = after_going_back(text)
        if not asked or not (asks(asked) and (needs_asked(asked, "") or asked_about(asked, ""))):
            return None
        here = replace(reply.context, interview=None, talked=context.talked)
        return self.respond(asked, asked_about(asked, "ask_policy"), here, as_of)

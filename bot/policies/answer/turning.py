"""What turns a conversation: the same asked of the province, questions taken up, facts left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.policies.answer.answering import Answering
from bot.policies.answer.context import Context
from bot.policies.answer.items import lines_of
from bot.policies.answer.manners import after_going_back, at_home, drops, resumes
from bot.policies.answer.needs import needs_asked
from bot.policies.answer.repeating import gist
from bot.policies.answer.reply import Reply, clause_record
from bot.policies.answer.talked import Talked
from bot.policies.answer.thread import Thread
from bot.policies.answer.topics import OVER
from bot.policies.answer.turn import Turn
from bot.policies.answer.wording import asked_about, asks, aspects
from bot.policies.eligibility.telling import facts_said
from bot.policies.query import normalise

__all__ = ["ThreadTurns"]

_SOME = 2  # words by which a question names a matter of its own
_FEW = 2  # lines that are said again, and things that are offered instead
_NEAREST = 3  # clauses that come first for a message alone
_TOLD = ("按文件条件", "“", "金额", "注意")
_SOURCE = ("出处", "截至", "文件载明")


class ThreadTurns(Answering):
    """Takes a conversation up again, back or elsewhere, over one search index."""

    _talked: Talked
    _thread: Thread

    def respond(self, text: str, intent: str, context: Context, as_of: date) -> Reply:
        """Answer a message within a conversation."""
        raise NotImplementedError

    def _goes_on(self, turn: Turn) -> Reply | None:
        """What is asked of the matter spoken of before, from its clause."""
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

    def _not_twice(self, turn: Turn, reply: Reply) -> Reply:
        """A reply, or where the same was said just before, what says more.

        Another clause that holds what the message names newly; else that there is no more to
        it, in short, with what comes nearest to the message by itself.
        """
        context, programme = turn.context, reply.custom["programme"]
        # 这条不要了 有没有别的: the same measure is no answer, whatever is said of it now.
        left = turn.says.anew and programme and programme["id"] == context.programme
        if not left and (not context.said or gist(reply) != context.said):
            return reply
        by_name = not turn.stays and turn.outcome.decision == "answer"
        if by_name and not left:  # asked for by its name once more
            return reply
        if reply.custom["verdict"] and asks(turn.text):
            told = self._goes_on(replace(turn, stays=True))
            if told is not None and gist(told) not in ("", turn.context.said):
                return told
        own = {self.search.group(clause["clause_id"]) for clause in reply.custom["clauses"][:1]}
        hits = [
            hit
            for hit in turn.outcome.hits
            if self.search.group(hit.clause.id) not in own
            if hit.judgement.status not in OVER
        ]
        other = self._thread.naming(turn.outcome, turn.text, turn.context, hits[:_NEAREST])
        if other is not None:
            asked = aspects(turn.says.meant, turn.intent)
            needs = needs_asked(turn.text, turn.meant)
            answer = self._answer(
                other, turn.outcome.weights, asked, turn.as_of, turn.question, needs
            )
            return replace(answer, context=replace(answer.context, facts=turn.context.facts))
        said = reply.text.splitlines()
        kept = [line for line in said if line.startswith(_TOLD)]
        source = [line for line in said if line.startswith(_SOURCE)]
        lines = [self._phrases("again.same"), *kept[:_FEW], *source]
        offered: tuple[str, ...] = ()
        new = self._thread.names_newly(turn.outcome, turn.context)
        if new and turn.outcome.decision != "nothing":
            telling = self._telling(turn.outcome, turn.question, turn.as_of)
            items = [telling(hit) for hit in hits[:_FEW]]
            lines += (
                [self._phrases("again.near"), *lines_of(items, self._snapshot)] if items else []
            )
            offered = tuple(item.hit.clause.id for item in items)
            records = [
                clause_record(item.hit.clause, item.hit.judgement, self._snapshot) for item in items
            ]
            reply.custom["clauses"] += records
        lines.append(self._phrases("answer.reminder"))
        context = replace(reply.context, offered=offered or reply.context.offered)
        return Reply("\n".join(lines), reply.custom, context)

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

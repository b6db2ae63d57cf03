"""What turns a conversation: the same asked of the province, questions taken up, facts left out."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from bot.policies.answer.answering import Answering
from bot.policies.answer.context import Context
from bot.policies.answer.figured import Figure, figure_meant
from bot.policies.answer.follow_up import AskedOn, follow_up_text
from bot.policies.answer.items import lines_of
from bot.policies.answer.lists import LISTED, choice_reply
from bot.policies.answer.manners import after_going_back, at_home, drops, resumes
from bot.policies.answer.needs import needs_asked
from bot.policies.answer.places import cite
from bot.policies.answer.reach import asks_on_top, within_reach
from bot.policies.answer.repeating import gist
from bot.policies.answer.reply import Reply, clause_record, make_reply
from bot.policies.answer.talked import Talked
from bot.policies.answer.thread import Thread
from bot.policies.answer.topics import OVER
from bot.policies.answer.turn import Turn
from bot.policies.answer.wording import asked_about, asks, aspects
from bot.policies.eligibility.telling import facts_said
from bot.policies.model import PROVINCE
from bot.policies.query import normalise
from bot.policies.search import Hit, Outcome

__all__ = ["ThreadTurns"]

_SOME = 2  # words by which a question names a matter of its own
_FEW = 2  # lines that are said again, and things that are offered instead
_NEAREST = 3  # clauses that come first for a message alone
_AKIN = 0.5  # of the best score, for a zone's measure of the same kind
# What a clause says of what cities and counties give themselves.
_LOCAL = re.compile(
    r"(?:各级政府|各市|各县|市县|市、县|有条件的(?:市|县|地方)|地方)[^。；]{0,20}(?:配套|参照|给予|奖|补|安排|制定|出台)"
)
_TOLD = ("按文件条件", "“", "金额", "注意")
_SOURCE = ("出处", "截至", "文件载明")


class ThreadTurns(Answering):
    """Takes a conversation up again, back or elsewhere, over one search index."""

    _talked: Talked
    _thread: Thread

    def respond(self, text: str, intent: str, context: Context, as_of: date) -> Reply:
        """Answer a message within a conversation."""
        raise NotImplementedError

    def _goes_on(self, turn: Turn, words: Sequence[str] = ()) -> Reply | None:
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

    def _missed(self, turn: Turn) -> Reply | None:
        """What else was asked for, where the last reply was beside the point (跟飞机有啥关系).

        The clause it spoke of, and what the message turns down, are left out. None where the
        message names something that is found for certain, or puts a fact of the firm right.
        """
        context, text = turn.context, turn.text
        if not turn.says.missed or (context.clause_id is None and not context.offered):
            return None
        if self._firm.puts_right(text, context, turn.as_of):
            return None
        left = self._spoken_of(context)
        meant = turn.says.meant if turn.says.meant != text or not turn.says.refused else ""
        found = turn.outcome.hits[0] if turn.outcome.decision == "answer" else None
        if meant and found is not None and self.search.group(found.clause.id) not in left:
            return None
        names = bool(meant) and self._talked.names(meant)
        afresh = replace(context, clause_id=None, programme=None, offered=(), interview=None)
        subject = "，".join(part for part in (context.subject, meant if names else "") if part)
        outcome = self._found_for(subject, turn)
        hits = self._besides(outcome, left, turn.says.refused)
        if outcome.decision == "nothing" or not hits:
            return self._say("text", "again.missed_none", afresh)
        items = [*map(self._telling(outcome, subject, turn.as_of), hits[:_NEAREST])]
        opening = self._phrases("again.missed")
        reply = choice_reply(opening, items, subject, self._snapshot)
        return replace(reply, context=replace(reply.context, facts=context.facts))

    def _by_its_figure(self, turn: Turn) -> Reply | None:
        """What is meant by its figure (那个20万, 刚才那15%): the clause that states it.

        It is looked for in the clause spoken of, in what was offered, in what was spoken of
        before and in what is found for the same; where it stands in none that is said.
        """
        context, figure = turn.context, figure_meant(turn.text)
        if figure is None or not (context.clause_id or context.offered):
            return None
        clauses, programmes = self._snapshot.clauses, self._snapshot.programmes
        found = turn.outcome.hits[:1] if turn.outcome.decision == "answer" else ()
        if not turn.stays and any(figure.stands(hit.clause.text) for hit in found):
            return None  # named besides
        spoken = clauses.get(context.clause_id or "")
        if spoken is not None and (words := figure.sentences(spoken.text)):
            return self._goes_on(replace(turn, stays=True), words)
        for index, key in enumerate(context.offered):
            if key not in programmes and key not in clauses:  # the base changed in between
                continue
            held = programmes[key].words if key in programmes else clauses[key].text
            if figure.stands(held):
                return self._from_offer(index, turn.intent, context, turn.as_of)
        hit = self._stating(figure, turn)
        if hit is None:
            return self._say("text", "again.no_figure", context, figure=figure.said)
        asked, needs = aspects(turn.text, turn.intent), needs_asked(turn.text, turn.meant)
        measures = [programmes[key] for key in self._snapshot.programmes_of.get(hit.clause.id, ())]
        meant = [one for one in measures if any(map(figure.stands, one.quotes))]
        programme = meant[0] if len(meant) == 1 else None
        words = figure.sentences(hit.clause.text)
        put = AskedOn(turn.outcome.weights, asked, needs, words=words)
        said = [
            self._phrases("again.by_figure", figure=figure.said),
            follow_up_text(hit, put, self.search, turn.as_of, programme),
        ]
        subject = programme.name if programme else context.subject
        kept = Context(subject=subject, facts=context.facts, offered=context.offered)
        return self._reply(hit, "\n".join(said), asked, turn.as_of, kept, programme)

    def _stating(self, figure: Figure, turn: Turn) -> Hit | None:
        """The clause spoken of before, or found for the same matter, that states a figure."""
        outcome = self._found_for(turn.context.subject, turn)
        best = outcome.hits[0].score if outcome.hits else 0.0
        keys = [topic.clause_id for topic in reversed(turn.context.talked)]
        keys += [hit.clause.id for hit in outcome.hits if hit.score >= _AKIN * best]
        texts = self._snapshot.clauses
        stating = [key for key in keys if key in texts and figure.stands(texts[key].text)]
        return self.search.hit(stating[0], turn.outcome.weights, turn.as_of) if stating else None

    def _on_top(self, turn: Turn) -> Reply | None:
        """Whether a city or county gives more than what was spoken of (市里另外给不).

        No city's own documents are held; what the clause says of theirs is quoted, and what
        a zone gives for the same is named.
        """
        context = turn.context
        if context.clause_id is None or turn.outcome.named or not asks_on_top(turn.text):
            return None
        hit = self.search.hit(context.clause_id, turn.outcome.weights, turn.as_of)
        if hit is None or hit.clause.scope != PROVINCE:
            return None
        city = self._firm.fitting.heard(turn.text, turn.as_of).get("city")
        named = self._snapshot.facts.facts["city"].choice_name(str(city)) if city else ""
        place = named or self._phrases("nothing.city_or_county")
        parts = hit.clause.text.replace("；", "。").split("。")
        local = next((part for part in parts if _LOCAL.search(part)), "")
        lines = [
            self._phrases("nothing.on_top", place=place),
            self._phrases("answer.quote", quote=local.strip()) if local else "",
            cite(hit.clause, self._snapshot) if local else "",
            self._phrases("answer.reminder"),
        ]
        text = "\n".join(line for line in lines if line)
        kept = replace(context, misses=0)
        reply = make_reply(self._snapshot, "policy_answer", text, kept, [hit])
        joint = self.search.find(context.subject, turn.as_of, LISTED)
        zones = tuple(one for one in joint.hits if one.clause.scope not in {PROVINCE, *turn.barred})
        outcome = replace(joint, hits=zones)
        if not zones or zones[0].score < _AKIN * joint.hits[0].score:
            return reply
        return self._shown_near(reply, [(zones[0], outcome)], turn, "again.zone")

    def _found_for(self, question: str, turn: Turn) -> Outcome:
        """What a search for a question brings that holds where the firm of a turn is."""
        outcome = self.search.find(question, turn.as_of, LISTED)
        return within_reach(outcome, turn.barred, turn.text, self._snapshot.tuning.zones)

    def _spoken_of(self, context: Context) -> set[int]:
        """The groups of the clauses that the last reply spoke of, or offered."""
        programme = self._snapshot.programmes.get(context.programme or "")
        keys = [*context.offered, *(programme.references if programme else ())]
        keys += [context.clause_id] if context.clause_id else []
        return {self.search.group(key) for key in keys if key in self._snapshot.clauses}

    def _besides(
        self, outcome: Outcome, left: Collection[int], refused: Sequence[str] = ()
    ) -> list[Hit]:
        """What was found but for some groups, what is over, and what speaks of refused words."""
        hits = [
            hit
            for hit in outcome.hits
            if self.search.group(hit.clause.id) not in left and hit.judgement.status not in OVER
        ]
        kept = [hit for hit in hits if not any(w in hit.clause.headline for w in refused)]
        first: dict[int, Hit] = {}
        for hit in kept or hits:
            first.setdefault(self.search.group(hit.clause.id), hit)
        return [*first.values()]

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
        new = self._thread.names_newly(turn.outcome, turn.context)
        # 辅导期给多少: 辅导备案登记 is told of; what nobody told of is said not to be written.
        named = [feature[2:] for feature in self.search.subject(turn.outcome.weights)]
        quoted = normalise("".join(kept))
        spoken_to = sum(word in quoted or word[:2] in quoted for word in named)
        key = "again.told" if spoken_to * 2 >= len(named) > 0 else "again.same"
        lines = [self._phrases(key), *kept[:_FEW], *source]
        lines.append(self._phrases("answer.reminder"))
        said_less = Reply("\n".join(lines), reply.custom, reply.context)
        return self._with_near(turn, said_less, own) if new else said_less

    def _with_near(self, turn: Turn, reply: Reply, own: Collection[int]) -> Reply:
        """A reply with what comes nearest to the message, where the clause holds no answer.

        The message is looked for by itself, and together with what was spoken of.
        """
        if turn.outcome.decision == "nothing" and not self._talked.names(turn.text):
            return reply
        joint = self._found_for(f"{turn.context.subject}，{turn.question}", turn)
        alone = turn.outcome if turn.outcome.decision != "nothing" else joint
        near = {
            hit.clause.id: (hit, outcome)
            for outcome in (alone, joint)
            for hit in self._besides(outcome, own)[:_FEW]
        }
        shown = list(near.values())[:_NEAREST]
        if alone.decision == "nothing" or not shown:
            return reply
        return self._shown_near(reply, shown, turn, "again.near")

    def _shown_near(
        self, reply: Reply, shown: Sequence[tuple[Hit, Outcome]], turn: Turn, opening: str
    ) -> Reply:
        """A reply with some more clauses before its last line, to choose from."""
        items = [self._telling(outcome, turn.question, turn.as_of)(hit) for hit, outcome in shown]
        *lines, last = reply.text.splitlines()
        lines += [self._phrases(opening), *lines_of(items, self._snapshot), last]
        records = [
            clause_record(item.hit.clause, item.hit.judgement, self._snapshot) for item in items
        ]
        custom = {**reply.custom, "clauses": [*reply.custom["clauses"], *records]}
        offered = tuple(item.hit.clause.id for item in items)
        return Reply("\n".join(lines), custom, replace(reply.context, offered=offered))

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

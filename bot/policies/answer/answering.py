"""What the search found becomes a reply: a verdict, a topic, an answer, an offer, or nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from bot.policies.answer.clauses import foreign
from bot.policies.answer.context import Context
from bot.policies.answer.firm import FirmTalk
from bot.policies.answer.items import Item, buttons_of, item_of, lines_of, programme_item
from bot.policies.answer.lists import choice_reply
from bot.policies.answer.needs import needs_asked
from bot.policies.answer.offered import asked_of_each, each_told, wanted_place
from bot.policies.answer.printed import DocumentAnswers
from bot.policies.answer.reply import Reply, clause_record, make_reply
from bot.policies.answer.topics import OVER, Topics, wants_all
from bot.policies.answer.turn import Turn
from bot.policies.answer.wording import (
    asks,
    asks_of_then,
    asks_on,
    aspects,
    elliptic,
    hopes_for_money,
    names_a_matter,
    speaks_of_itself,
    tells_a_case,
    wants_a_grant,
)
from bot.policies.model import PROVINCE
from bot.policies.search import Hit

__all__ = ["CLEAR", "Answering"]

CLEAR = 0.84
"""Confidence from which a message is about the clause found, however it is put."""
_ANSWERS = frozenset({"policy_answer", "eligibility_result"})
_BRIEF = 20  # characters of a question that tells no case
# Words of a clause that gives something, though no programme rests on it.
_GIVES = re.compile(r"奖励|补助|补贴|贴息|资助|返还|减免|专项资金|资金支持|贷款|基金")


class Answering(DocumentAnswers):
    """Answers with what was found or offered, over one search index."""

    _firm: FirmTalk
    _topics: Topics

    def _found(self, turn: Turn) -> Reply:
        """What the search found."""
        if turn.intent == "ask_list":
            # 稳岗返还还有吗 asks of one measure, however much it sounds like a list.
            topic = None if wants_all(turn.text) else self._of_a_topic(turn)
            return topic or self._list(turn.outcome, turn.question, turn.context, turn.as_of)
        return self._decided(turn)

    def _of_a_topic(self, turn: Turn) -> Reply | None:
        """What is said to a message that names a topic and nothing else (首台套奖励多少)."""
        asked = aspects(turn.text, turn.intent)
        money = wants_a_grant(turn.text, asked[0])
        by_name = money and (hopes_for_money(turn.text) or asked[0] == "ask_amount")
        found = self._topics.about(turn.outcome, turn.as_of, money=by_name)
        sure = bool(found) or turn.outcome.decision == "answer"
        if not found and money:
            found = self._topics.alike(turn.outcome, turn.as_of, money=by_name)
        # Where all of it holds elsewhere only, that is what there is to say.
        found = [one for one in found if one.region.scope not in turn.barred] or found
        if len(found) > 1 or (found and not sure):
            return self._topics.overview(found, turn.text, turn.as_of, sure=sure)
        for programme in found:
            hits = turn.outcome.hits
            own = bool(hits) and hits[0].clause.id in programme.references
            if own or money or asked[0] == "ask_validity":
                hit = self._topics.clause(programme, turn.outcome.weights, turn.as_of)
                wanted = needs_asked(turn.text, turn.meant)
                return self._answer(
                    hit, turn.outcome.weights, asked, turn.as_of, turn.text, wanted, programme
                )
        return None

    def _decided(self, turn: Turn) -> Reply:
        """A verdict, an answer, an offer, or that nothing fits."""
        outcome, features, context = turn.outcome, turn.outcome.weights, turn.context
        if not features and not outcome.hits and turn.intent.startswith("ask_"):
            return self._say("clarify", "nothing.follow_up", context)
        sure = outcome.decision == "answer"
        # 啥二手车啊 我卖挂面的: within a conversation it is said of that.
        spoken = bool(context.clause_id or context.talked)
        own = spoken and (turn.says.again or turn.says.away or speaks_of_itself(turn.text))
        beside = turn.intent == "out_of_scope" and not outcome.names_a_term
        if beside and not sure and not own:
            return self._say("text", "nothing.out_of_scope", context)
        # 注册公司要几天: who asks how long it takes wants no verdict.
        how_long = len(turn.text) <= _BRIEF and "takes" in needs_asked(turn.text, "")
        verdict = None
        if not how_long:
            verdict = self._firm.about(outcome, turn.meant, turn.text, context, turn.as_of)
        topic = verdict or self._of_a_topic(turn)
        if topic is not None:
            return topic
        if sure and not self._firm.torn(outcome, turn.text, turn.as_of):
            asked = aspects(turn.text, turn.intent)
            hit = self._preferred(outcome, turn.text, asked[0], turn.as_of)
            if self._grants_nothing(hit, turn):
                if outcome.confidence < CLEAR:
                    return self._choice("offer.ungranted", outcome, turn.text, turn.as_of)
                # What the search is clear about is told, and that it states no sum.
                asked = tuple(dict.fromkeys((*asked, "ask_amount")))
            wanted = needs_asked(turn.text, turn.meant)
            return self._answer(hit, features, asked, turn.as_of, turn.question, wanted)
        if outcome.decision != "nothing":
            return self._offer(outcome, turn.text, turn.as_of)
        return self._silent(turn) or self._nothing(context, outcome)

    def _silent(self, turn: Turn) -> Reply | None:
        """That none of what was offered states what is asked on (含税不含税), with all of it.

        None where nothing was offered, or the message may well be about something else.
        """
        context, outcome = turn.context, turn.outcome
        brief = len(turn.text) <= _BRIEF and asks(turn.text) and not names_a_matter(turn.text)
        if not context.offered or context.query or not brief or foreign(outcome.signals):
            return None
        items = self._offered(context, turn.as_of)
        if len(items) < len(context.offered):
            return None
        reply = choice_reply(self._phrases("offer.silent"), items, context.subject, self._snapshot)
        return replace(reply, context=replace(context, misses=context.misses + 1))

    def _and_what_lasts(self, turn: Turn, reply: Reply) -> Reply:
        """An answer on what is over, with what is not and comes about as near."""
        custom = reply.custom
        if custom["type"] not in _ANSWERS or not custom["clauses"] or asks_of_then(turn.text):
            return reply
        verdict = custom["verdict"]
        status = verdict["status"] if verdict else custom["clauses"][0]["status"]
        over = custom["programme"]["id"] if custom["programme"] else None
        if status not in OVER or over is None or turn.stays:
            return reply
        lasting = self._topics.lasting(self._snapshot.programmes[over], turn.outcome, turn.as_of)
        if not lasting:
            return reply
        items = [
            programme_item(
                one, self._topics.clause(one, {}, turn.as_of), self._snapshot, turn.as_of
            )
            for one in lasting
        ]
        lines = [reply.text, self._phrases("offer.lasting"), *lines_of(items, self._snapshot)]
        known = {clause["clause_id"] for clause in custom["clauses"]}
        records = [
            clause_record(item.hit.clause, item.hit.judgement, self._snapshot)
            for item in items
            if item.hit.clause.id not in known
        ]
        context = replace(reply.context, offered=tuple(one.id for one in lasting))
        told = {**custom, "clauses": [*custom["clauses"], *records]}
        return Reply("\n".join(lines), told, context)

    def _and_what_is_near(self, turn: Turn, reply: Reply) -> Reply:
        """An answer to a few words, with the names of other measures that they may mean."""
        custom, text = reply.custom, turn.text
        begins = turn.context.clause_id is None and not turn.context.offered
        if custom["type"] != "policy_answer" or not begins or turn.outcome.named:
            return reply
        if not wants_a_grant(text, aspects(text, turn.intent)[0]):
            return reply
        cited = [clause["clause_id"] for clause in custom["clauses"]]
        others = self._topics.beside(turn.outcome, cited, turn.as_of)
        if not others:
            return reply
        names = "、".join(f"“{one.name}”" for one in others)
        return replace(reply, text=f"{reply.text}\n{self._phrases('topic.beside', names=names)}")

    def _grants_nothing(self, hit: Hit, turn: Turn) -> bool:
        """Whether a told case hopes for money of a clause that grants nothing of the kind."""
        if turn.context.clause_id is not None or not tells_a_case(turn.text):
            return False
        if self._snapshot.programmes_of.get(hit.clause.id):
            return False
        return hopes_for_money(turn.text) and not _GIVES.search(hit.clause.text)

    def _of_each(self, turn: Turn) -> Reply | None:
        """What is asked of all that was offered, where nothing is chosen (找谁要)."""
        context, outcome = turn.context, turn.outcome
        first = self.search.hit(context.clause_id or "", {}, turn.as_of)
        chosen = first is not None and not self._topics.first_of(context, first)
        if chosen or not context.offered or context.query:
            return None
        anew = outcome.named or outcome.names_a_term or outcome.confidence >= CLEAR
        if anew or names_a_matter(turn.text):
            return None
        asked = asked_of_each(turn.text)
        if asked is None:
            return None
        items = self._offered(context, turn.as_of, asked[0])
        if len(items) < len(context.offered):
            return None
        told = each_told(items, *asked, self.search, turn.as_of)
        lines = [self._phrases("offer.each"), *lines_of(told, self._snapshot)]
        text = "\n".join([*lines, self._phrases("answer.reminder")])
        kept = replace(context, misses=0)
        cited = [*{item.hit.clause.id: item.hit for item in items}.values()]
        return make_reply(self._snapshot, "policy_answer", text, kept, cited, buttons_of(items))

    def _narrowed(self, turn: Turn) -> Reply | None:
        """Of what was listed, that of the province or that of a zone (省里的)."""
        place, context = wanted_place(turn.text), turn.context
        if place is None or not context.offered:
            return None
        items = self._offered(context, turn.as_of)
        if len(items) < len(context.offered):  # the knowledge base changed in between
            return None
        kept = [item for item in items if (item.scope == PROVINCE) == (place == "province")]
        if len(kept) == len(items):
            return None
        if len(kept) == 1:
            chosen = next(i for i, item in enumerate(items) if item is kept[0])
            return self._from_offer(chosen, "ask_policy", context, turn.as_of)
        if not kept:
            scopes = "、".join(dict.fromkeys(item.scope for item in items))
            key = "offer.zone_only" if place == "province" else "offer.province_only"
            return self._say("text", key, context, scope=scopes)
        reply = choice_reply(self._phrases("offer.which"), kept, context.subject, self._snapshot)
        offered = tuple(
            key for key, item in zip(context.offered, items, strict=True) if item in kept
        )
        spoken = kept[0].hit.clause.id if context.clause_id is not None else None
        return replace(reply, context=replace(context, offered=offered, clause_id=spoken))

    def _offered(self, context: Context, as_of: date, intent: str = "") -> list[Item]:
        """What was offered, programmes or clauses, each with what it says."""
        before = self.search.find(context.subject, as_of, 1)
        telling, items = self._telling(before, context.subject, as_of, intent), list[Item]()
        for key in context.offered:
            programme = self._snapshot.programmes.get(key)
            if programme is not None:
                stated = self._topics.clause(programme, {}, as_of)
                items.append(programme_item(programme, stated, self._snapshot, as_of))
            elif (hit := self.search.hit(key, before.weights, as_of)) is not None:
                items.append(telling(hit))
        return items

    def _of_the_offer(self, turn: Turn) -> Reply | None:
        """What was offered once more, where a question leans on it (一个人给几个钱).

        Which of it is meant is for the person to say; None where nothing was offered or
        the message goes on to something else.
        """
        context = turn.context
        leaning = asks_on(turn.text) or elliptic(turn.text)
        if not leaning or context.clause_id is not None or context.misses:
            return None
        hits = [hit for key in context.offered if (hit := self.search.hit(key, {}, turn.as_of))]
        if not hits or len(hits) < len(context.offered):
            return None
        opening = self._phrases("offer.which")
        items = [item_of(hit, self._snapshot) for hit in hits]
        reply = choice_reply(opening, items, context.subject, self._snapshot)
        return replace(reply, context=replace(reply.context, misses=1))

    def _from_offer(self, index: int, intent: str, context: Context, as_of: date) -> Reply:
        programme = self._snapshot.programmes.get(context.offered[index])
        if programme is not None and context.subject:
            weights, asked = self._weights(programme.name), (intent,)
            stated = self._topics.clause(programme, weights, as_of)
            reply = self._answer(stated, weights, asked, as_of, programme.name, (), programme)
            kept = replace(
                reply.context,
                offered=context.offered,
                facts=context.facts,
                programme=programme.id,
            )
            return replace(reply, context=kept)
        if programme is not None:
            reply = self._firm.resume(programme, programme.name, context, as_of)
            return replace(reply, context=replace(reply.context, offered=context.offered))
        before = self._weights(context.subject)
        hit = self.search.hit(context.offered[index], before, as_of)
        if hit is None:  # the knowledge base changed in between
            return self._say("clarify", "nothing.no_offer", Context())
        # What was offered stays, so that another of it can be asked for.
        reply = self._answer(hit, before, (intent,), as_of, context.subject)
        told = replace(context, clause_id=hit.clause.id, misses=0)
        return replace(reply, context=told)

"""From a message, an intent and what was said before to a reply. Pure; no Rasa."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bot.policies.answer.cards import document_card
from bot.policies.answer.clauses import ClauseAnswers
from bot.policies.answer.compose import answer_text
from bot.policies.answer.context import Context
from bot.policies.answer.firm import ABOUT_US, TELLS, FirmTalk, also_told, corrects, supposes
from bot.policies.answer.leading import Leading
from bot.policies.answer.lists import (
    LISTED,
    PAGE,
    list_reply,
    listed,
    offer_reply,
    opening_of,
    subject_of,
)
from bot.policies.answer.picking import ordinal, picked
from bot.policies.answer.reply import Reply, make_reply
from bot.policies.answer.talked import Talked
from bot.policies.answer.thread import (
    FEW,
    asked_about,
    asks,
    asks_on,
    in_context,
    leans,
    leaves,
    names_a_matter,
)
from bot.policies.eligibility.telling import facts_said
from bot.policies.query import normalise
from bot.policies.search import Outcome, Search

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
# What the answer to a plain question serves as well.
_PLAIN = {
    "ask_materials": "ask_how_to_apply",
    "ask_deadline": "ask_how_to_apply",
    "ask_eligible": "ask_conditions",
    "ask_our_amount": "ask_amount",
    "ask_match": "ask_list",
}
# What is asked of any measure alike; 要投多少钱 may be about another.
_OF_ANY = frozenset({"ask_department", "ask_how_to_apply", "ask_document"})
# Answers to a question; where none was asked they say nothing.
_REPLIES = frozenset({"affirm", "deny", "dont_know", "wont_say"})
# Words that ask for several; without them a long message tells a case, whatever Rasa took it for.
_SEVERAL = re.compile(
    r"哪些|哪几|有[啥甚](?!用|区别|说法|要求|条件)|有什么(?!用|区别|说法|要求|条件)|都有|都给|都是[啥什]|[啥什]么政策|啥政策"
    r"|列[一出个表]|列举|清单|汇总|所有|全部|一览|盘点|几[条项种]|相关的?政策|政策大全|方面的"
)
# These ask for more of the same, but in the midst of a case (还有没有戏) they do not.
_MORE = re.compile(r"还有|其他|其它")
_CASE = 24  # characters; a longer message with those words alone tells a case
_SHORT = 14  # characters; so few may well be the name of a field (养老服务政策)
# What is asked of a document as a whole gets its card.
_OF_DOCUMENTS = frozenset({"ask_document", "ask_policy"})
# Intents that may be answered with many clauses.
_LISTS = frozenset({"ask_list", "ask_definition"})
_COMPARES = re.compile(
    r"[跟和与](?:前面|刚才|上一?个|那个).{0,6}(?:一起|同时|比|哪个)|[这那]?(?:两个|俩).{0,4}(?:一起|同时|哪个)"
)
# 有啥能报的, 哪些适合我们: no matter of its own is named.
_AT_LARGE = re.compile(
    r"(?:哪些|哪几|什么|[啥甚]).{0,8}(?:能|可以|适合|享受|申请|报|领|政策|补贴|优惠|扶持|奖|项目)"
    r"|(?:能|可以|够得?着).{0,5}(?:享受?|申请|报|领|拿|沾|弄).{0,5}(?:哪|什么|[啥甚])"
    r"|看看.{0,8}(?:能|适合|够)|适合我|适合[俺咱]|帮[我俺][看查匹算筛]|匹配|对口"
)
# What is not so, and is to be made to look so.
_FALSE = re.compile(
    r"造假|作假|虚报|骗补|凑[数人]|充数|挂[几个]|两套账|编一?[份个造]|套补|假[的发合材]|逃过|绕过"
)
_FORGETS = re.compile(
    r"忘[掉了记]|删|清[除空掉理]|抹|销|(?:别|不要|不许|甭|不用|不让|不想让?你们?)[^，。]{0,3}(?:存|留|记|保存)|不留"
)
_CHANGES = re.compile(r"改[成为到一下]|换成|更新|变成|变了|调整")
_BACK = re.compile(r"上一?页|前一?页|往回|返回")


def _wants_a_list(text: str) -> bool:
    normalised = normalise(text)
    if len(normalised) <= _SHORT or _SEVERAL.search(normalised) is not None:
        return True
    return len(normalised) <= _CASE and _MORE.search(normalised) is not None


class Assistant(ClauseAnswers):
    """Answers over one search index; holds no state of any conversation."""

    def __init__(self, search: Search) -> None:
        super().__init__(search)
        self._firm = FirmTalk(search, self._eligibility)
        self._talked = Talked(search, self._eligibility, self._firm)
        self.leading = Leading(self._snapshot, self._firm, self.respond)

    def respond(self, text: str, intent: str, context: Context, as_of: date) -> Reply:
        """Answer, offer a choice, or say that nothing fits.

        Args:
            text: the message, cleaned.
            intent: what Rasa understood; the search's confidence decides more.
            context: what the conversation remembers.
            as_of: the day of asking.
        """
        before = self._snapshot.clauses.get(context.clause_id or "")
        within = before.document_id if before else None
        lexicon = self._snapshot.lexicon
        meant, intent = intent, _PLAIN.get(intent, intent)
        if intent == "ask_list" and not _wants_a_list(text):
            intent = "ask_policy"
        broad = intent in _LISTS
        question = subject_of(text, lexicon) if broad else text
        outcome = self.search.find(question, as_of, LISTED, within, broad=broad)
        features = outcome.weights
        if outcome.unknown_document is not None:
            said = outcome.unknown_document.replace("*〔*〕", "").replace("*", "")
            count = len(self._snapshot.documents)
            return self._say("text", "nothing.document_unknown", context, doc_no=said, count=count)
        if outcome.elsewhere is not None:
            return self._say("text", "nothing.elsewhere", context, place=outcome.elsewhere)
        whole = outcome.whole and intent in _OF_DOCUMENTS
        if outcome.named and (whole or not outcome.hits):
            articles = outcome.analysis.values("article")
            if intent == "ask_list" and not articles and outcome.named[0].clauses:
                return self._list(outcome, question, context, as_of)
            card = document_card(outcome, self._snapshot)
            return make_reply(self._snapshot, "text", card, context)
        chosen = picked(text, context, self._snapshot)
        if chosen is not None:
            return self._from_offer(chosen, intent, context, as_of)
        if meant == "ask_evasion" and (outcome.decision != "answer" or _FALSE.search(text)):
            return self._say("text", "nothing.evasion", context)
        if meant == "go_back":
            return self.back(text, context, as_of)
        if context.clause_id is None and leans(text) and asks_on(text) is not None:
            return self._say("clarify", "nothing.follow_up", context)
        if leaves(text) and outcome.decision != "answer":
            return self._say("text", "interview.later", context)
        reply = self._of_the_firm(outcome, meant, text, context, as_of)
        if reply is not None:
            return reply
        if intent in _REPLIES and outcome.decision != "answer":
            return self._say("clarify", "nothing.follow_up", context)
        if meant == "compare" or _COMPARES.search(normalise(text)):
            reply = self._talked.compare(text, context, as_of)
            if reply is not None:
                return reply
        if intent == "ask_definition":
            reply = self._define(outcome, question, context, as_of)
            if reply is not None:
                return reply
        wordless = context.clause_id is not None and not self.search.subject(features)
        if intent not in _FOLLOW_UPS and wordless:
            intent = asked_about(text, intent)
        if intent in _FOLLOW_UPS:
            reply = self._follow_up(outcome, features, intent, context, as_of)
            if reply is not None:
                return reply
        if outcome.unplaced and not outcome.hits:
            return self._say("clarify", "nothing.article_which", context)
        if not broad:
            outcome, question = in_context(self.search, outcome, text, context, as_of)
            features = outcome.weights
        on = asks_on(text) if outcome.decision != "answer" or broad else None
        few = leans(text) or len(self.search.subject(features)) <= FEW
        if on is not None and context.clause_id is not None and (few or on in _OF_ANY):
            reply = self._of_the_clause(on, {}, context, as_of)
            if reply is not None:
                return reply
        if intent == "ask_list":
            return self._list(outcome, question, context, as_of)
        if not features and not outcome.hits and intent.startswith("ask_"):
            return self._say("clarify", "nothing.follow_up", context)
        names_term = any(feature[0] == "t" for feature in features)
        if intent == "out_of_scope" and outcome.decision != "answer" and not names_term:
            return self._say("text", "nothing.out_of_scope", context)
        verdict = self._firm.about(outcome, meant, text, context, as_of)
        if verdict is not None:
            return verdict
        if outcome.decision == "answer":
            hit = self._preferred(outcome.hits, text, intent)
            return self._answer(hit, features, intent, as_of, question)
        if outcome.decision == "offer":
            return offer_reply(outcome, text, self._snapshot)
        return self._nothing(context)

    def _of_the_firm(
        self, outcome: Outcome, intent: str, text: str, context: Context, as_of: date
    ) -> Reply | None:
        """What goes on about the firm: 不对，我们是服务业的; 那大型企业呢; 我们能享受吗."""
        if outcome.named:
            return None
        corrected = corrects(text)
        spoken = context.clause_id is not None
        statement = not asks(text) and not (spoken and names_a_matter(text))
        tells = (not asks(text) and intent in TELLS) or (spoken and statement) or corrected
        supposed = supposes(text) and len(normalise(text)) <= _SHORT
        another = self._names_another(outcome, text, context, as_of)
        if not (tells or supposed or (intent in ABOUT_US and not another)):
            return None
        if another and not tells:
            return None
        reply = self._firm.go_on(intent, text, context, as_of)
        if reply is not None or not tells:
            return reply
        if not spoken and outcome.decision != "nothing":
            return None
        heard = self._firm.fitting.heard(text, as_of)
        if not heard:
            # Within a conversation what is told is no question, whatever it resembles.
            told = spoken and (intent in TELLS or outcome.decision != "answer")
            return self._say("text", "interview.nothing_heard", context) if told else None
        said = facts_said(heard, self._snapshot)
        return self._say("text", "interview.kept", also_told(context, heard), list=said)

    def _names_another(self, outcome: Outcome, text: str, context: Context, as_of: date) -> bool:
        """Whether a message names a programme other than the one spoken of."""
        if outcome.decision != "answer" or not self.search.subject(outcome.weights):
            return False
        named = self._firm.programme(outcome, text, as_of)
        before = self._firm.spoken_of(context, as_of)
        return before is None or named is None or named.id != before.id

    def back(self, text: str, context: Context, as_of: date) -> Reply:
        """An earlier topic once more (回到刚才升规那个)."""
        reply = self._talked.back(text, context, as_of)
        if reply is not None:
            return reply
        if self._talked.names(text):
            return self.respond(text, "ask_policy", context, as_of)
        return self._say("clarify", "earlier.none", context)

    def compare(self, text: str, context: Context, as_of: date) -> Reply:
        """Two programmes, or one through the years (跟前面那个能一起拿吗)."""
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
        if _AT_LARGE.search(normalise(text)) is None or self._clear(text, as_of):
            return self.respond(text, "ask_match", context, as_of), context
        return self._firm.fits(text, context, as_of)

    def _clear(self, text: str, as_of: date) -> bool:
        return self.search.find(text, as_of, 1).decision == "answer"

    def profile(self, text: str, context: Context, as_of: date) -> Reply:
        """What is kept of the firm; changed first where the message says how."""
        changes = corrects(text) or _CHANGES.search(text) is not None
        known = self._firm.known(context)
        heard = self._firm.fitting.changed(text, known, as_of) if changes else {}
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

    def afresh(self) -> Reply:
        """Said when everything spoken of is put aside."""
        return self._say("text", "earlier.afresh", Context())

    @staticmethod
    def asks_to_forget(text: str) -> bool:
        """Whether a message asks in so many words for what is kept to be deleted."""
        return _FORGETS.search(normalise(text)) is not None

    def forgotten(self) -> Reply:
        """Said once everything that was kept of a firm is gone."""
        return self._say("text", "profile.forgotten", Context(facts={}))

    def more(self, text: str, context: Context, as_of: date) -> Reply:
        """The next page of the last list (上一页: the one before it).

        Without a list, the others on the subject of the last answer; where the message
        names a subject of its own (还有稳岗方面的吗), a list on that.
        """
        lexicon = self._snapshot.lexicon
        if self.search.subject(self._weights(subject_of(text, lexicon))):
            return self.respond(text, "ask_list", context, as_of)
        query = context.query or context.subject
        if not query:
            return self._say("clarify", "list.which", context)
        outcome = self.search.find(subject_of(query, lexicon), as_of, LISTED, broad=True)
        hits = listed(outcome, self.search, as_of)
        step = -1 if _BACK.search(normalise(text)) else 1
        page = context.page + step if context.query else 0
        if page < 0 or not hits[page * PAGE :]:
            return self._say("text", "list.no_more", context)
        opening = opening_of(outcome, self._snapshot)
        return list_reply(hits, query, page, self._snapshot, opening)

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

    def _from_offer(self, index: int, intent: str, context: Context, as_of: date) -> Reply:
        programme = self._snapshot.programmes.get(context.offered[index])
        if programme is not None:
            reply = self._firm.resume(programme, programme.name, context, as_of)
            return replace(reply, context=replace(reply.context, offered=context.offered))
        before = self._weights(context.subject)
        hit = self.search.hit(context.offered[index], before, as_of)
        if hit is None:  # the knowledge base changed in between
            return self._say("clarify", "nothing.no_offer", Context())
        # What was offered stays, so that another of it can be asked for.
        said = answer_text(hit, before, intent, self.search, as_of)
        return self._reply(hit, said, intent, as_of, replace(context, misses=0))

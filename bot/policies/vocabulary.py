"""The words of the house: glossary, phrases, tuning of the search, curated questions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter

from bot.policies.eligibility.programme import GUIDE, WHY_ELSEWHERE
from bot.policies.fields import Fields
from bot.policies.model import Clause, Phrases, Tuning
from bot.policies.query import Lexicon, normalise
from bot.policies.yamlfile import Faults, Table, load_yaml

__all__ = [
    "REQUIRED_NUMBERS",
    "REQUIRED_PHRASES",
    "read_glossary",
    "read_phrases",
    "read_questions",
    "read_tuning",
    "read_unrelated",
]

# Phrases that code asks for by name, and the values it gives them.
REQUIRED_PHRASES: Mapping[str, frozenset[str]] = {
    key: frozenset(names.split())
    for key, names in {
        **{
            f"status.{status}.badge": ""
            for status in ("in_force", "expired", "repealed", "not_yet", "not_stated")
        },
        **{
            f"status.{status}.opening": "words as_of"
            for status in ("in_force", "expired", "repealed", "not_yet")
        },
        **{
            f"status.{status}.after": "words as_of" for status in ("expired", "repealed", "not_yet")
        },
        "status.not_stated.age": "years",
        "status.not_stated.opening": "year age",
        "status.not_stated.opening_no_year": "",
        "status.this_year": "year",
        **{
            f"aibot.{key}": ""
            for key in ("card", "late", "gone", "earlier", "with_person", "replaced")
        },
        **{f"aibot.reason_{number}": "" for number in range(1, 5)},
        "aibot.choice": "title",
        "aibot.item": "number",
        "aibot.chosen": "title",
        "aibot.refused": "errcode",
        "answer.amount_missing": "",
        "answer.not_written": "",
        "answer.caution": "text",
        "answer.ceiling": "",
        "answer.conflict": "quote why",
        "answer.differs": "here there place",
        "answer.disputed": "place why",
        "answer.document": "doc_no title",
        "answer.document_unnumbered": "title",
        "answer.document_untitled": "doc_no",
        "answer.later": "list",
        "answer.next": "list",
        "answer.note": "quote why",
        "answer.note_reading": "quote why reading",
        "answer.other_measures": "list",
        "answer.other_not_stated": "",
        "answer.other_stated": "words badge",
        "answer.part_of": "list",
        "answer.place": "document locator",
        "answer.place_within": "document locator",
        "answer.quote": "quote",
        "answer.reminder": "",
        "answer.responsible": "names",
        "answer.responsible_by_number": "issuer",
        "answer.responsible_checklist": "issuer",
        "answer.responsible_missing": "issuer",
        "answer.responsible_unknown": "",
        "answer.same_in": "list",
        "answer.section": "section",
        "answer.scope_other": "scope",
        "answer.scope_province": "",
        "answer.several": "list",
        "answer.source": "document locator section",
        "answer.source_unnumbered": "source locator section",
        "answer.source_within": "document source locator section",
        "answer.words": "words",
        "answer.whole": "text",
        **{
            f"cautions.{how}{sure}": "name to on"
            for how in ("renamed", "merged", "duties_moved", "abolished")
            for sure in ("", "_unsure")
        },
        "definition.list": "term",
        "definition.one": "term",
        "definition.none": "term",
        "definition.not_given": "term",
        "definition.stated": "term words",
        "desk.channel.aibot": "",
        "desk.channel.phone": "",
        "desk.channel.rest": "",
        "desk.channel.web": "",
        "desk.channel.wechat": "",
        "desk.channel.wecom": "",
        "desk.column.answer": "",
        "desk.column.channel": "",
        "desk.column.clauses": "",
        "desk.column.closed_at": "",
        "desk.column.created_at": "",
        "desk.column.due_on": "",
        "desk.column.kind": "",
        "desk.column.number": "",
        "desk.column.outcome": "",
        "desk.column.owner": "",
        "desk.column.passed_to": "",
        "desk.column.satisfaction": "",
        "desk.column.topic": "",
        "desk.figure.by_bot": "",
        "desk.figure.by_person": "",
        "desk.figure.channel": "",
        "desk.figure.conversations": "",
        "desk.figure.day": "",
        "desk.figure.disliked": "",
        "desk.figure.handed_over": "",
        "desk.figure.liked": "",
        "desk.figure.questions": "",
        "desk.figure.seconds": "",
        "desk.figure.unanswered": "",
        "desk.figure.unsure": "",
        "desk.kind.complaint": "",
        "desk.kind.consult": "",
        "desk.kind.help": "",
        "desk.kind.report": "",
        "desk.kind.suggestion": "",
        "desk.never.ceiling": "why",
        "desk.never.expired": "",
        "desk.never.none": "why",
        "desk.never.not_modelled": "text",
        "desk.never.not_stated": "",
        "desk.never.not_yet": "",
        "desk.never.rate": "why",
        "desk.never.repealed": "",
        "desk.never.scope": "region",
        "desk.never.sure": "",
        "desk.outcome.answered": "",
        "desk.outcome.call_back": "",
        "desk.outcome.open": "",
        "desk.outcome.passed": "",
        "desk.said.amount": "words",
        "desk.said.none": "",
        "desk.say.expired": "name place said",
        "desk.say.in_force": "name place said",
        "desk.say.not_stated": "name place said",
        "desk.say.not_yet": "name place said",
        "desk.say.repealed": "name place said",
        "desk.say_clause.expired": "place words",
        "desk.say_clause.in_force": "place words",
        "desk.say_clause.not_stated": "place words",
        "desk.say_clause.not_yet": "place words",
        "desk.say_clause.repealed": "place words",
        "desk.talk.clause": "badge place text",
        "desk.talk.closed": "hours number query",
        "desk.talk.joined": "display",
        "desk.talk.no_desk": "",
        "desk.talk.nobody": "number query",
        "desk.talk.passed": "display",
        "desk.talk.queued": "",
        "desk.talk.returned": "",
        "desk.talk.next": "",
        "desk.talk.waiting": "before",
        "desk.transfer.no_phone": "name",
        "desk.transfer.phone": "name phone",
        "desk.transfer.renamed": "name",
        "desk.transfer.unknown": "",
        "document.card": "document doc_no issuer count unit",
        "document.card_excerpt": "document issuer source count example",
        "document.card_listed": "document issuer",
        "document.issuer_unknown": "",
        "document.repealed": "words",
        "input.empty": "",
        "input.no_words": "",
        "input.silent": "",
        "input.too_long": "limit",
        **{f"input.{state}": "" for state in ("late", "failed", "not_taken", "overloaded")},
        "input.voice_of": "seconds",
        **{f"input.{kind}": "" for kind in ("voice", "image", "video", "file", "location", "link")},
        **{f"input.{kind}": "days" for kind in ("subscribe", "enter")},
        "list.document": "document",
        "list.end": "",
        "list.more": "",
        "list.no_more": "",
        "list.others": "",
        "list.opening": "",
        "list.which": "",
        **{f"needs.{name}": "" for name in ("where", "when", "bring", "takes", "paid")},
        **{f"needs.{name}": "" for name in ("often", "since", "to_whom")},
        "needs.missing": "names",
        "needs.silent": "names",
        "needs.stated": "name words",
        "nothing.again": "",
        "nothing.aside": "",
        "nothing.article_excerpt": "document source count example",
        "nothing.article_unknown": "document count",
        "nothing.article_which": "",
        "nothing.beyond_offer": "count",
        "nothing.document_unknown": "doc_no count",
        "nothing.elsewhere": "place",
        "nothing.evasion": "",
        "nothing.first": "",
        "nothing.follow_up": "",
        "nothing.no_offer": "",
        "nothing.out_of_scope": "",
        "offer.closing": "",
        "offer.each": "",
        "offer.lasting": "",
        "offer.province_only": "",
        "offer.silent": "",
        "offer.zone_only": "scope",
        "nothing.city": "city",
        "nothing.on_top": "place",
        "nothing.city_or_county": "",
        "list.none_today": "",
        **dict.fromkeys(("again.by_figure", "again.no_figure"), "figure"),
        **dict.fromkeys(("again.same", "again.told", "again.near", "again.zone"), ""),
        **dict.fromkeys(("again.missed", "again.missed_none", "verdict.said.supposed"), ""),
        "nothing.crisis": "",
        "nothing.swindle": "",
        "offer.gives": "caption names",
        "offer.gives_more": "caption names",
        "offer.names_more": "names",
        "offer.item": "index headline place status",
        "offer.item_scope": "index headline place status scope",
        "offer.opening": "",
        "offer.vague": "",
        "offer.which": "",
        "quick_reply.apply.payload": "",
        "quick_reply.apply.title": "",
        "quick_reply.department.payload": "",
        "quick_reply.department.title": "",
        "quick_reply.more.payload": "",
        "quick_reply.more.title": "",
        "quick_reply.validity.payload": "",
        "quick_reply.validity.title": "",
        **{
            f"verdict.{key}": "name"
            for key in ("eligible", "ineligible", "expired", "repealed", "not_yet")
        },
        **{f"several.{key}": "" for key in ("opening", "closing", "choose")},
        "several.item": "index name",
        "topic.gives": "name words",
        "topic.zone": "scope",
        "topic.beside": "names",
        "verdict.unknown": "name facts",
        "verdict.left_out": "instead words",
        "verdict.amount.exact": "working per",
        "verdict.amount.ceiling": "working per why",
        "verdict.amount.ceiling_words": "words why",
        "verdict.amount.rate": "words",
        "verdict.amount.none": "",
        "verdict.amount.sure": "working per facts more",
        "verdict.amount.added": "working per facts more",
        "verdict.amount.missing": "words facts",
        "verdict.amount.if": "words",
        "verdict.amount.was": "words",
        "verdict.amount.not": "words",
        "verdict.amount.per": "per",
        **{f"verdict.gap.{key}": "" for key in ("expired", "repealed", "not_yet")},
        "verdict.gap.scope": "region",
        "verdict.gap.change": "words",
        **{f"verdict.gap.{key}": "quantity words" for key in ("more", "less", "short", "over")},
        **{f"verdict.why.{key}": "" for key in WHY_ELSEWHERE},
        "verdict.said.amount": "amount",
        "verdict.said.first": "name amount",
        "verdict.said.gaps": "gaps",
        "verdict.said.lacking": "facts",
        **{f"verdict.said.{key}": "list" for key in ("met", "failed", "open", "not_modelled")},
        "verdict.said.figures": "",
        "verdict.said.figure": "name value",
        "verdict.said.elsewhere": "words place why",
        "verdict.said.told": "list",
        **{
            f"interview.{key}": ""
            for key in (
                *(
                    "why_amount",
                    "hint",
                    "unclear",
                    "left_open",
                    "not_known",
                    "not_told",
                    "back",
                    "waits",
                ),
                *("nothing_heard", "later", "case_no", "yes", "no", "unknown", "leave"),
                *("result.ineligible", "result.unknown", "result.eligible"),
            )
        },
        "interview.question": "why question",
        "interview.why": "words",
        "answer.province": "",
        "answer.own_words": "status scope document locator text",
        "interview.why_scope": "region",
        "interview.noted": "list",
        "interview.kept": "list",
        "interview.leads": "name",
        "interview.unit": "number",
        "interview.cancelled": "name",
        "interview.if": "case result",
        "interview.branches": "list",
        "interview.case_yes": "name",
        **{
            f"interview.case_{key}": "name figure" for key in ("reached", "short", "over", "within")
        },
        "interview.result.eligible_words": "words",
        "interview.result.eligible_sum": "working",
        **{
            f"fitting.{key}": ""
            for key in (
                *("any", "opening", "situation", "has", "may_have", "just_missed"),
                *("closing", "closing_bare", "same", "no_more", "no_sum", "none", "cancelled"),
            )
        },
        **{f"compare.{key}": "" for key in ("opening", "not_stated", "no_years", "which")},
        "compare.item": "index name amount place status",
        "compare.not_both": "words",
        "compare.years": "name",
        "compare.year": "name value place",
        "sums.steps": "name working",
        "sums.most": "name working",
        "sums.more": "name working",
        "sums.same": "value",
        "sums.total": "working",
        "sums.open": "",
        "earlier.none": "",
        "earlier.afresh": "",
        "profile.none": "",
        "profile.forgotten": "",
        "profile.shown": "list",
        "profile.changed": "list",
        "profile.not_kept": "list",
        "profile.nothing": "",
        "fitting.found": "facts",
        "fitting.item": "index name said place status",
        "fitting.decides": "question",
        "fitting.best": "names sums total",
        "fitting.ask_one": "name",
        "interview.fact": "name value",
        **{f"guide.{name}": "" for name in GUIDE},
        **{f"wechat.{key}": "" for key in ("more", "searching", "still_searching")},
        "wechat.choice": "title",
        "wecom.choose": "",
        "wecom.or_type": "",
        "wecom.item": "number",
        "wecom.choice": "title",
        "wecom.chosen": "title",
    }.items()
}

# The numbers that the search asks for by name.
REQUIRED_NUMBERS = (
    frozenset(
        {
            "k1",
            "b",
            "latin_weight",
            "bigram_weight",
            "pinyin_weight",
            "term_weight",
            "headline_weight",
            "text_weight",
            "full_text_weight",
            "full_text",
            "near_text_weight",
            "asked_weight",
            "near_from",
            "ridge",
            "words_spread",
            "meaning_spread",
            "zone_weight",
            "other_year_weight",
            "said_year_weight",
        }
    )
    | frozenset(
        f"{mode}_{name}"
        for mode in ("full", "lexical")
        for name in (
            "neighbours",
            "learned_weight",
            "intercept",
            "margin_slope",
            "near_slope",
            "unrelated_slope",
            "learned_slope",
            "fits_intercept",
            "fits_top_slope",
            "fits_near_slope",
            "fits_unrelated_slope",
            "fits_near_unrelated_slope",
            "fits_learned_slope",
            "fits_known_slope",
            "fits_wording_slope",
            "answer_from",
            "fits_from",
            "offer_from",
        )
    )
    | {"thread_leaves_from", "thread_strays_from"}
    | {"listen_no_from", "reply_from"}
)


def read_glossary(path: Path, faults: Faults) -> Lexicon | None:
    """glossary.yml; a form may belong to one term only."""
    entries = load_yaml(path, faults)
    if not isinstance(entries, list):
        if entries is not None:
            faults.add(path, 1, "-", "应为列表")
        return None
    ids: set[str] = set()
    forms: dict[str, str] = {}
    good = []
    for index, entry in enumerate(entries):
        fields = Fields(entry, path, faults, f"[{index}]")
        term_id, name = fields.take("id", str), fields.take("name", str)
        aliases = fields.take("aliases", list, required=False) or []
        definition = fields.take("definition", str, required=False)
        fields.done()
        if not term_id or not name:
            continue
        if term_id in ids:
            fields.fault("id", f"{term_id} 重复")
        ids.add(term_id)
        if not all(isinstance(alias, str) for alias in aliases):
            fields.fault("aliases", "每个别名都应为文本，数字须加引号")
            continue
        for form in (name, *aliases):
            key = normalise(str(form))
            if len(key.strip()) < 2:
                fields.fault("aliases", f"“{form}”太短")
            if key in forms:
                fields.fault("aliases", f"“{form}”已属于 {forms[key]}")
            forms[key] = term_id
        good.append(
            {"id": term_id, "name": name, "aliases": aliases, "definition": definition},
        )
    return Lexicon.from_entries(good)


def read_phrases(path: Path, faults: Faults) -> Phrases | None:
    """phrases.yml; every phrase that code asks for must be there."""
    tree = load_yaml(path, faults)
    if not isinstance(tree, Table):
        return None
    phrases = Phrases(tree)
    for key in sorted(REQUIRED_PHRASES.keys() - phrases.keys()):
        faults.add(path, 1, key, "缺少此句")
    for key in sorted(phrases.keys()):
        line = _line_of(tree, key)
        allowed = REQUIRED_PHRASES.get(key, frozenset())
        try:
            parts = list(Formatter().parse(phrases.raw(key)))
        except ValueError:
            faults.add(path, line, key, "花括号不配对")
            continue
        for name in sorted({name for _, name, _, _ in parts if name is not None} - allowed):
            faults.add(path, line, key, f"没有 {{{name}}} 这个值可填")
    return phrases


def _line_of(tree: Table, key: str) -> int:
    *above, last = key.split(".")
    for name in above:
        tree = tree[name]
    return tree.line_of(last)


def read_tuning(path: Path, faults: Faults) -> Tuning | None:
    """search.yml; every number that the search asks for must be there, and no other."""
    fields = Fields(load_yaml(path, faults), path, faults, "")
    table = fields.take("numbers", dict) or Table(1)
    words: dict[str, tuple[str, ...]] = {}
    for key in ("fillers", "vague", "elsewhere", "home"):
        rows = fields.take(key, list) or []
        if not all(isinstance(word, str) and word for word in rows):
            fields.fault(key, "每个词都应为文本")
        words[key] = tuple(map(str, rows))
    zones = fields.take("zones", dict) or Table(1)
    fields.done()
    for scope, names in zones.items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            faults.add(path, zones.line_of(scope), f"zones.{scope}", "应为名称的列表")
    for key, value in table.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            faults.add(path, table.line_of(key), f"numbers.{key}", "应为数字")
    for key in sorted(REQUIRED_NUMBERS - table.keys()):
        faults.add(path, table.line, f"numbers.{key}", "缺少此数")
    for key in sorted(table.keys() - REQUIRED_NUMBERS):
        faults.add(path, table.line_of(key), f"numbers.{key}", "未知的键")
    numbers = {key: float(value) for key, value in table.items() if isinstance(value, int | float)}
    by_scope = {scope: tuple(names) for scope, names in zones.items() if isinstance(names, list)}
    return Tuning(numbers, zones=by_scope, **words)


def read_questions(
    path: Path,
    clauses: Mapping[str, Clause],
    questions: dict[str, tuple[str, ...]],
    faults: Faults,
) -> None:
    """A file of questions/, added to ``questions``; no question may stand twice.

    ``none`` names the clauses that nobody would ask about, each with the reason.
    """
    fields = Fields(load_yaml(path, faults), path, faults, "")
    table = fields.take("clauses", dict) or Table(1)
    unasked = fields.take("none", dict, required=False) or Table(1)
    fields.done()
    for clause_id, reason in unasked.items():
        if clause_id not in clauses or clause_id in table or not isinstance(reason, str):
            line = unasked.line_of(clause_id)
            faults.add(path, line, clause_id, "应为没有问句的一条及其理由")
    seen: dict[str, str] = {}
    for clause_id, rows in table.items():
        line = table.line_of(clause_id)
        if clause_id not in clauses:
            faults.add(path, line, clause_id, "没有这一条")
            continue
        if not isinstance(rows, list) or not all(isinstance(q, str) and q.strip() for q in rows):
            faults.add(path, line, clause_id, "应为问句的列表")
            continue
        for question in rows:
            key = re.sub(r"\W", "", normalise(question))
            if key in seen:
                faults.add(path, line, clause_id, f"问句“{question}”已见于 {seen[key]}")
            seen[key] = clause_id
        questions[clause_id] = (*questions.get(clause_id, ()), *rows)


def read_unrelated(path: Path, faults: Faults) -> tuple[str, ...]:
    """A file of unrelated/: messages, by what they are about, that no clause answers."""
    fields = Fields(load_yaml(path, faults), path, faults, "")
    table = fields.take("messages", dict) or Table(1)
    fields.done()
    seen: dict[str, str] = {}
    for about, rows in table.items():
        line = table.line_of(about)
        if not isinstance(rows, list) or not all(isinstance(m, str) and m.strip() for m in rows):
            faults.add(path, line, about, "应为消息的列表")
            continue
        for message in rows:
            if message in seen:
                faults.add(path, line, about, f"“{message}”已见于 {seen[message]}")
            seen[message] = about
    return tuple(seen)

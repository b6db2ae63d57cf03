"""One of several things to choose from, in a line: what it is, what its clause says, its source.

A caption alone tells a firm little, so each item says what it gives in its clause's words;
whoever reads them knows which is meant, and often needs to ask no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.policies.answer.places import place_of
from bot.policies.answer.point import point, sum_ends
from bot.policies.eligibility.judge import standing
from bot.policies.eligibility.programme import Programme
from bot.policies.model import PROVINCE, Clause, Snapshot
from bot.policies.search import Hit, Search
from bot.policies.validity import Status

__all__ = [
    "Item",
    "buttons_of",
    "caption_of",
    "gives",
    "item_of",
    "lines_of",
    "programme_item",
    "telling_item",
]

_NAMED = 2  # programmes that are named with a clause
_MEANT = 0.4  # nearness in meaning from which a programme of the clause is quoted
_LONG = 90  # characters of a quotation
# What is quoted must not lose its cap: that follows the sum within so many characters.
_CAP = re.compile(r"[^。；;]{0,30}?(?:最高|最多|不超过|不高于|上限|封顶)[^，,。；;]*")
_BREAK = re.compile("[，,；;、。]")
# Who is responsible, at the end.
_WHO = re.compile(r"[（(](?:\s*(?:责任单位|牵头单位)[^）)]*|[^（）()]*负责)[）)][。；;]?$")
_ENDS = "。；;，,：: "


@dataclass(frozen=True)
class Item:
    """Something to choose.

    Attributes:
        hit: the clause that answers where it is chosen.
        name: what it is called here.
        label: what its button says.
        asks: what its button asks.
        words: what the clause says of it, verbatim; empty where the name says all.
        scope: where it holds.
        status: on the day.
    """

    hit: Hit
    name: str
    label: str
    asks: str
    words: str
    scope: str
    status: Status


def item_of(hit: Hit, snapshot: Snapshot) -> Item:
    """A clause as an item, by its caption and what rests on it."""
    name, label = _named(hit.clause, snapshot, {})
    return Item(hit, name, label, _place(hit), "", hit.clause.scope, hit.judgement.status)


def telling_item(
    hit: Hit,
    features: Mapping[str, float],
    intent: str,
    search: Search,
    near: Mapping[str, float],
    as_of: date,
) -> Item:
    """A clause as an item that quotes what of it answers best.

    Where a question comes near to a programme of the clause, that is the measure which is
    quoted and whose status is told.

    Args:
        hit: the clause.
        features: the question's features with their weights.
        intent: what is asked.
        search: tells which sentence has most in common with the question.
        near: how near the question comes to each programme.
        as_of: the day.
    """
    snapshot, key = search.snapshot, hit.clause.id
    own = (snapshot.programmes[name] for name in snapshot.programmes_of.get(key, ()))
    programme = max(own, key=lambda one: near.get(one.id, 0.0), default=None)
    status, given = hit.judgement.status, ""
    meant: Sequence[str] = ()
    if programme is not None and near.get(programme.id, 0.0) >= _MEANT:
        meant = programme.quotes
        said = programme.amount.said(as_of)
        given = said.words if said is not None and said.words in hit.clause.text else ""
        hit = search.hit(key, features, as_of, meant) or hit
        status = hit.judgement.status
        if status == "not_stated":
            status = standing(programme, snapshot, as_of)
    words = _own_words(point(hit, features, intent, search, meant, given), hit.clause)
    name, label = _named(hit.clause, snapshot, near)
    quoted = _shortened(words or hit.clause.headline)
    if name.endswith("…"):  # a first sentence that had to be cut says less than what is quoted
        name = ""
    elif quoted in name:
        quoted = ""
    return Item(hit, name, label, _place(hit), quoted, hit.clause.scope, status)


def programme_item(programme: Programme, hit: Hit, snapshot: Snapshot, as_of: date) -> Item:
    """A programme as an item, by its name and the words for what it gives."""
    said = programme.amount.said(as_of)
    words = "" if said is None else said.words
    status = standing(programme, snapshot, as_of)
    name, scope = programme.name, programme.region.scope
    return Item(hit, name, name, name, words, scope, status)


def lines_of(items: Sequence[Item], snapshot: Snapshot) -> list[str]:
    """A line for each item, numbered from one."""
    phrases = snapshot.phrases
    return [
        phrases(
            "offer.item_scope" if item.scope != PROVINCE else "offer.item",
            index=index,
            headline=_headline(item, snapshot),
            place=place_of(item.hit.clause, snapshot),
            scope=item.scope,
            status=phrases(f"status.{item.status}.badge"),
        )
        for index, item in enumerate(items, 1)
    ]


def buttons_of(items: Sequence[Item]) -> list[dict[str, str]]:
    """A button for each item."""
    return [{"title": item.label, "payload": item.asks} for item in items]


def _place(hit: Hit) -> str:
    return f"{hit.document.doc_no}{hit.clause.locator}"


def caption_of(clause: Clause) -> str:
    """A clause's caption; no figure is cut in two where it is shortened."""
    caption = clause.caption
    return caption[:-1].rstrip("0123456789.,，、") + "…" if caption.endswith("…") else caption


def gives(clause: Clause, snapshot: Snapshot, near: Mapping[str, float]) -> list[str]:
    """The names of the programmes that rest on a clause before all, the nearest first."""
    programmes = [
        snapshot.programmes[key]
        for key in snapshot.programmes_of.get(clause.id, ())
        if snapshot.programmes[key].references[0] == clause.id
    ]
    return [one.name for one in sorted(programmes, key=lambda one: -near.get(one.id, 0.0))]


def _named(clause: Clause, snapshot: Snapshot, near: Mapping[str, float]) -> tuple[str, str]:
    """What a clause is called in a list, and on a button.

    That is its caption with what it gives: headlines alone tell a firm little. Of a first
    sentence that had to be cut, what it gives stands in its place.
    """
    caption, given = caption_of(clause), gives(clause, snapshot, near)
    more, cut = len(given) > _NAMED, caption.endswith("…")
    names = "、".join(one for one in given[:_NAMED] if one not in caption)
    label = given[0] if given and cut else caption
    if not names:
        return caption, label
    if cut:
        return snapshot.phrases("offer.names_more", names=names) if more else names, label
    key = "offer.gives_more" if more else "offer.gives"
    return snapshot.phrases(key, caption=caption, names=names), label


def _headline(item: Item, snapshot: Snapshot) -> str:
    if not item.words:
        return item.name
    key = "topic.gives" if item.name else "answer.words"
    return snapshot.phrases(key, name=item.name, words=item.words)


def _own_words(words: str, clause: Clause) -> str:
    """What a quotation says beyond the clause's headline, which the item says already."""
    words = _WHO.sub("", words).strip(_ENDS)
    return words.removeprefix(clause.headline.strip(_ENDS)).strip(_ENDS) or words


def _shortened(words: str) -> str:
    """A quotation cut at commas where it is long; its sum and the cap that follows stay."""
    if len(words) <= _LONG:
        return words
    breaks = [0, *(match.end() for match in _BREAK.finditer(words)), len(words)]
    owed = sum_ends(words)
    # What leads up to a sum is left out before the sum is.
    start = next(at for at in breaks if owed - at <= _LONG)
    end = max((at for at in breaks if start < at <= start + _LONG), default=start + _LONG)
    end = end if end >= owed else next(at for at in breaks if at >= owed)
    while cap := _CAP.match(words, end):
        end = cap.end()
    kept = words[start:end].strip(_ENDS + "、")
    return f"{'……' if start else ''}{kept}{'……' if end < len(words) else ''}"

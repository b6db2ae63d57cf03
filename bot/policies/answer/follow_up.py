"""The short answer to what is asked on: what was said before is not said again.

The first sentence answers (带什么, 归谁管, 还有效吗), or says that the source does not; then
its source. Only where the clause itself is asked for more is it quoted once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.policies.answer.compose import (
    BAD_NEWS,
    OF_THE_WAY,
    others_said,
    points_of,
    status_sentence,
    whom_of,
)
from bot.policies.answer.needs import needs_answered, needs_of
from bot.policies.answer.places import cite, elsewhere
from bot.policies.answer.point import names_an_amount, states_a_ceiling
from bot.policies.eligibility.programme import Programme
from bot.policies.model import PROVINCE
from bot.policies.search import Hit, Search

__all__ = ["AskedOn", "follow_up_text", "guide_in", "names_beside"]

# Asked of the document, not of what it gives.
_OF_THE_SOURCE = frozenset({"ask_validity", "ask_document"})


@dataclass(frozen=True)
class AskedOn:
    """What a message asks of the clause spoken of.

    Attributes:
        features: of the message and of what was spoken of, with how much each counts.
        aspects: what is asked, as intents.
        needs: of what a firm needs next, what is asked for by name.
        meant: words that the programme spoken of rests on.
        words: the words of the clause that are meant, where a message tells; they are quoted.
        stated: whether the clause holds what the message names.
    """

    features: Mapping[str, float]
    aspects: tuple[str, ...]
    needs: tuple[str, ...] = ()
    meant: Sequence[str] = ()
    words: Sequence[str] = ()
    stated: bool = True


def follow_up_text(
    hit: Hit, asked: AskedOn, search: Search, as_of: date, programme: Programme | None
) -> str:
    """A line for each thing said.

    Bad news and a zone go first, as in every answer. What is not stated is said to be so
    before anything is quoted.
    """
    clause, judgement, phrases = hit.clause, hit.judgement, search.snapshot.phrases
    status = status_sentence(judgement.status, judgement.span, hit.document, phrases, as_of)
    first, dated = asked.aspects[0], "ask_validity" in asked.aspects
    status_first = judgement.status in BAD_NEWS or first == "ask_validity"
    way = _of_the_way(hit, asked, search, programme)
    quoting = not (asked.stated and way and OF_THE_WAY.issuperset(asked.aspects))
    points = [*asked.words] if quoting else []
    if quoting and not points:
        points = points_of(hit, asked.features, asked.aspects, search, asked.meant)
    no_sum = "ask_amount" in asked.aspects and not any(map(names_an_amount, points))
    source = cite(clause, search.snapshot)
    lines = [
        phrases("answer.scope_other", scope=clause.scope) if clause.scope != PROVINCE else "",
        status if status_first else "",
        "" if asked.stated else phrases("answer.not_written"),
        *(way if first in OF_THE_WAY else ()),
        source if first == "ask_document" else "",
        phrases("answer.amount_missing") if no_sum and asked.stated else "",
        *(phrases("answer.quote", quote=words.rstrip("。；;")) for words in points),
        phrases("answer.ceiling") if any(map(states_a_ceiling, points)) else "",
        *way,
        status if quoting and not status_first else "",
        (others_said(hit, phrases) or "") if dated else "",
        source,
        # Who asks whether it still holds, or for the text, wants the later one too.
        *(elsewhere(clause, search.snapshot) if first in _OF_THE_SOURCE else ()),
        # Of a clause that does not tell what was asked the whole was said before, in vain.
        phrases("answer.whole", text=clause.text)
        if quoting and asked.stated and not asked.words and points != [clause.text]
        else "",
        "" if asked.stated else phrases("answer.reminder"),
    ]
    return "\n".join(line for line in dict.fromkeys(lines) if line)


def _of_the_way(hit: Hit, asked: AskedOn, search: Search, programme: Programme | None) -> list[str]:
    """What was asked of the way to it, with whom to ask where that is not all stated."""
    clause, phrases = hit.clause, search.snapshot.phrases
    guide = guide_in(clause.id, programme, search)
    meant = asked.meant or (programme.quotes if programme is not None else ())
    others = names_beside(clause.id, programme, search)
    found = needs_of(clause.text, hit.judgement.measure, guide, asked.needs, meant, others)
    of_whom = "ask_department" in asked.aspects
    return needs_answered(asked.needs, found, whom_of(hit, phrases), phrases, of_whom=of_whom)


def names_beside(clause_id: str, programme: Programme | None, search: Search) -> set[str]:
    """What the other measures of a clause are called, where it is known which one is meant."""
    if programme is None:
        return set()
    programmes = search.snapshot.programmes
    keys = search.snapshot.programmes_of.get(clause_id, ())
    called = {name for key in keys for name in (programmes[key].name, *programmes[key].aliases)}
    own = "。".join((programme.name, *programme.aliases, programme.words))
    return {name for name in called if name not in own}


def guide_in(clause_id: str, programme: Programme | None, search: Search) -> dict[str, str]:
    """The elements of a programme's guide that a clause or its copies state, by their names."""
    guide = programme.guide if programme is not None else None
    return {
        name: words.words
        for name, words in (guide or {}).items()
        if words is not None and search.group(words.clause) == search.group(clause_id)
    }

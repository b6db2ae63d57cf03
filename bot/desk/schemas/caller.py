"""Answering a caller."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from bot.api.models import DateQuery, FactRecord, FoundClause, StatusName, VerdictRecord, plain
from bot.desk.schemas.common import Day, Facts, In

__all__ = [
    "AnswerCard",
    "Answers",
    "Deciding",
    "Firm",
    "FirmBody",
    "FirmVerdict",
    "SearchBody",
    "TransferTo",
]


class SearchBody(DateQuery):
    """A caller's question; ``mode`` as in the public search."""

    q: plain(500)  # type: ignore[valid-type]
    mode: Literal["lexical", "full"] = "full"


class TransferTo(BaseModel):
    """Where a caller is passed on to."""

    name: str
    phone: str
    said: str


class Deciding(FactRecord):
    """A question that decides, and the words that it is asked for."""

    why: str


class AnswerCard(BaseModel):
    """What an operator needs in the first twenty seconds."""

    id: str
    kind: Literal["programme", "clause"]
    name: str
    say: str = Field(description="可以照着念的一句话")
    status: StatusName
    warning: str
    scope: str
    authority: str
    amount_text: str
    deciding: list[Deciding]
    place: str
    doc_no: str
    clause_id: str
    text: str
    never: list[str] = Field(description="不能承诺的")
    transfer: list[TransferTo]
    conditions: list[str]
    guide: dict[str, str | None]
    clause_ids: list[str]
    score: float


class Answers(BaseModel):
    """What is held on a question: whole cards, then the remaining clauses."""

    query: str
    as_of: date
    kb_version: str
    mode: Literal["lexical", "full"]
    took_ms: float
    confidence: float
    decision: Literal["answer", "offer", "nothing"]
    cards: list[AnswerCard]
    clauses: list[FoundClause]


class FirmBody(In):
    """The caller's facts, and the programmes on the screen."""

    facts: Facts
    programme_ids: list[plain(100)] = Field(default_factory=list, max_length=20)  # type: ignore[valid-type]
    as_of: Day | None = None


class FirmVerdict(VerdictRecord):
    """The verdict on one programme, with what decides it next."""

    programme_id: str
    name: str
    group: Literal["shown", "has", "may_have", "just_missed", "expired"]
    deciding: list[Deciding]


class Firm(BaseModel):
    """The verdicts on the programmes shown, then all that concern the firm."""

    as_of: date
    shown: list[FirmVerdict]
    fitting: list[FirmVerdict]

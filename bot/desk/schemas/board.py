"""What the desk shares."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field
from pydantic import StringConstraints as Constraints

from bot.api.models import plain
from bot.desk.schemas.common import In, Said

__all__ = [
    "CannedBody",
    "CannedList",
    "CannedRecord",
    "CorrectionBody",
    "CorrectionList",
    "CorrectionRecord",
    "NoticeBody",
    "NoticeList",
    "NoticeRecord",
    "ProposalBody",
    "ProposalList",
    "ProposalRecord",
    "Settle",
]


class NoticeBody(In):
    """An urgent notice."""

    text: Annotated[Said, Constraints(max_length=300)]
    hours: Annotated[int, Field(ge=1, le=720, strict=True)] = 24


class NoticeRecord(BaseModel):
    """A notice."""

    id: str
    text: str
    until: datetime
    who: str
    at: datetime


class NoticeList(BaseModel):
    """The notices that hold."""

    items: list[NoticeRecord]


class CannedBody(In):
    """A canned reply."""

    title: plain(40)  # type: ignore[valid-type]
    text: Said


class CannedRecord(BaseModel):
    """A canned reply."""

    id: str
    title: str
    text: str
    who: str


class CannedList(BaseModel):
    """The canned replies."""

    items: list[CannedRecord]


class CorrectionBody(In):
    """A report that a record is wrong."""

    subject: plain(100)  # type: ignore[valid-type]
    text: Said


class CorrectionRecord(BaseModel):
    """Such a report."""

    id: str
    subject: str
    text: str
    state: str
    who: str
    at: datetime
    settled_by: str | None


class CorrectionList(BaseModel):
    """All reports."""

    items: list[CorrectionRecord]


class ProposalBody(In):
    """A question proposed for a clause."""

    clause_id: plain(100)  # type: ignore[valid-type]
    question: plain(200)  # type: ignore[valid-type]


class ProposalRecord(BaseModel):
    """Such a proposal."""

    id: str
    clause_id: str
    question: str
    state: str
    who: str
    at: datetime
    settled_by: str | None


class ProposalList(BaseModel):
    """All proposals."""

    items: list[ProposalRecord]


class Settle(In):
    """Accepted or declined."""

    accepted: bool

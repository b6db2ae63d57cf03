"""The records of the HTTP interface; the OpenAPI document is generated from them."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

__all__ = [
    "ClausePage",
    "ClauseQuery",
    "ClauseRecord",
    "DateQuery",
    "DocumentPage",
    "DocumentRecord",
    "EligibilityBody",
    "ErrorDetail",
    "FactList",
    "FactRecord",
    "FoundClause",
    "Health",
    "MatchAnswer",
    "MatchBody",
    "NoQuery",
    "PageQuery",
    "ProgrammePage",
    "ProgrammeRecord",
    "Readiness",
    "SearchAnswer",
    "SearchQuery",
    "VerdictRecord",
    "plain",
]

StatusName = Literal["in_force", "expired", "repealed", "not_yet", "not_stated"]


# No control characters, and at least one character that is not blank. The pattern
# says so to clients; the checks below also refuse lone surrogates.
PLAIN = r"^[^\x00-\x1f\x7f]*[^\x00-\x1f\x7f\s][^\x00-\x1f\x7f]*$"


def plain_text(value: str) -> str:
    """A text that can be stored and shown: not blank, no control characters, no surrogates."""
    if any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 for c in value):
        raise ValueError("含有控制字符或无效字符")
    if not value.strip():
        raise ValueError("不能为空")
    return value


def plain(longest: int) -> Any:
    """The type of such a text, at most so many characters long."""
    return Annotated[
        str,
        StringConstraints(min_length=1, max_length=longest, strict=True),
        AfterValidator(plain_text),
        Field(json_schema_extra={"pattern": PLAIN}),
    ]


def _iso_day(value: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("应为 YYYY-MM-DD 形式的日期")
    return value


def _digits(value: str | int) -> str | int:
    if isinstance(value, str) and not re.fullmatch(r"\d{1,9}", value, re.ASCII):
        raise ValueError("应为整数")
    return value


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NoQuery(_In):
    """No query parameters at all."""


class DateQuery(_In):
    """The day by which validity is judged; default today."""

    as_of: Annotated[date, BeforeValidator(_iso_day)] | None = Field(
        None, description="判断有效性的日期，默认当天"
    )


class SearchQuery(DateQuery):
    """A search."""

    q: plain(500) = Field(description="问句或关键词")  # type: ignore[valid-type]
    limit: Annotated[int, BeforeValidator(_digits)] = Field(
        10, ge=1, le=50, description="最多返回几条"
    )
    mode: Literal["lexical", "full"] = Field(
        "full", description="lexical 只按字词，快，适合边输入边查；full 兼顾语义"
    )


class PageQuery(_In):
    """A page of a list."""

    limit: Annotated[int, BeforeValidator(_digits)] = Field(
        50, ge=1, le=200, description="每页条数"
    )
    cursor: str | None = Field(None, max_length=200, description="上一页给出的 next_cursor")


class ClauseQuery(PageQuery, DateQuery):
    """A page of clauses, of one document where it is named."""

    document_id: str | None = Field(None, max_length=100, description="只要这份文件的条款")


class CitedClause(BaseModel):
    """A clause as it is cited: with a verdict, and among search results."""

    clause_id: str
    doc_no: str
    doc_title: str | None
    locator: str
    text: str
    status: StatusName
    valid_until: date | None
    scope: str
    cautions: list[str]
    also_in: list[str] = Field(description="同样的措施还印在哪些条款里")
    programme_ids: list[str]


class FoundClause(CitedClause):
    """A clause in search results."""

    score: float


class SearchAnswer(BaseModel):
    """Ranked clauses; ``confidence`` says how sure it is that the first is meant."""

    query: str
    as_of: date
    took_ms: float
    mode: Literal["lexical", "full"] = Field(
        description="实际使用的方式；没有语义模型时总是 lexical"
    )
    confidence: float
    decision: Literal["answer", "offer", "nothing"]
    kb_version: str
    results: list[FoundClause]


class ValiditySpan(BaseModel):
    """A stated period of one measure; ``governs`` null means the whole clause."""

    governs: str | None
    valid_from: date | None
    valid_until: date | None
    stated_by: str
    status: StatusName


class SourceNote(BaseModel):
    """A fault or doubtful reading of the source."""

    kind: str
    quote: str
    reading: str | None
    why: str
    other: list[str] = Field(description="说法不一致时，另一方的条款")


class FigureApart(BaseModel):
    """A figure that two copies of a clause print differently."""

    here: str
    there: str


class CopyRecord(BaseModel):
    """Another clause that prints the same measure."""

    clause_id: str
    kind: Literal["same", "near", "within"]
    differs: list[FigureApart]


class ClauseRecord(BaseModel):
    """A clause, complete."""

    id: str
    document_id: str
    doc_no: str
    doc_title: str | None
    issuer: str | None
    issued_on: date | None
    source: str
    lines: tuple[int, int]
    part: str | None
    section: str | None
    subsection: str | None
    number: int
    locator: str
    text: str
    responsible: list[str] | None
    scope: str
    status: StatusName
    valid_from: date | None
    valid_until: date | None
    validity: list[ValiditySpan]
    notes: list[SourceNote]
    copies: list[CopyRecord]
    cautions: list[str]
    internal: bool
    programme_ids: list[str]


class EligibilityBody(BaseModel):
    """One programme and what is known of a firm."""

    model_config = ConfigDict(extra="forbid")

    programme_id: plain(100) = Field(description="事项编号")  # type: ignore[valid-type]
    facts: dict[str, bool | int | float | str | None] = Field(
        description="已知的事实，见 /api/v1/facts；null 表示不清楚"
    )
    as_of: Annotated[date, BeforeValidator(_iso_day)] | None = Field(
        None, description="判断日期，默认当天"
    )


class MatchBody(BaseModel):
    """What is known of a firm."""

    model_config = ConfigDict(extra="forbid")

    facts: dict[str, bool | int | float | str | None] = Field(
        description="已知的事实，见 /api/v1/facts；null 表示不清楚"
    )
    as_of: Annotated[date, BeforeValidator(_iso_day)] | None = Field(
        None, description="判断日期，默认当天"
    )
    limit: int = Field(50, ge=1, le=500, strict=True, description="最多返回几项")


class AlternativeFigure(BaseModel):
    """Another figure for what looks the same, and why."""

    doc_no: str
    clause_id: str
    place: str
    amount_text: str
    why: str


class CheckedCondition(BaseModel):
    """A condition and its result; null where a fact is lacking."""

    id: str
    text: str
    result: bool | None
    clause_id: str


class VerdictRecord(BaseModel):
    """What the source says of a firm, as far as it is known."""

    verdict: Literal["eligible", "ineligible", "unknown"]
    amount_yuan: float | int | None = Field(
        description="元；只在条件都符合且算得出时有值；amount_kind 为 ceiling 时是上限"
    )
    amount_kind: Literal["exact", "ceiling", "rate", "none"]
    amount_text: str
    working: str
    gaps: list[str]
    alternatives: list[AlternativeFigure]
    conditions: list[CheckedCondition]
    missing_facts: list[str]
    status: StatusName
    clauses: list[CitedClause]


class MatchedProgramme(VerdictRecord):
    """A programme that concerns a firm."""

    programme_id: str
    name: str
    group: Literal["has", "may_have", "just_missed", "expired"]


class LeftOutProgramme(BaseModel):
    """A programme that is not part of the best combination, and why."""

    programme_id: str
    why: str


class BestCombination(BaseModel):
    """The programmes that can be had together with the greatest sure sum."""

    total_yuan: float | int
    programme_ids: list[str]
    parts: dict[str, float | int] = Field(description="各事项的确定金额，元")
    left_out: list[LeftOutProgramme]


class MatchAnswer(BaseModel):
    """What a firm has, may have and has just missed."""

    as_of: date
    kb_version: str
    results: list[MatchedProgramme]
    best_combination: BestCombination


class FactChoice(BaseModel):
    """One value of a choice."""

    id: str
    name: str


class FactRecord(BaseModel):
    """A fact that may be given."""

    id: str
    type: Literal["boolean", "integer", "money", "ratio", "date", "choice"]
    unit: str
    name: str
    question: str
    choices: list[FactChoice]
    least: float | int | None
    most: float | int | None


class FactList(BaseModel):
    """The closed list of facts."""

    items: list[FactRecord]


class ParameterValue(BaseModel):
    """A figure from a day on; null where it ended."""

    since: date
    value: float | int | None
    clause_id: str | None


class ParameterRecord(BaseModel):
    """A figure of the law through time."""

    name: str
    description: str
    unit: str
    values: list[ParameterValue]


class GuideElement(BaseModel):
    """An element of the guide, in the source's words."""

    words: str
    clause_id: str


class ProgrammeRecord(BaseModel):
    """A programme."""

    id: str
    name: str
    aliases: list[str]
    kind: str
    authority: str | None
    region: str
    status: StatusName
    valid_from: date | None = Field(description="来源未载明开始日期时为 null")
    valid_until: date | None
    clause_ids: list[str]
    parameters: list[ParameterRecord]
    conditions: list[CheckedCondition]
    amount_kind: Literal["exact", "ceiling", "rate", "none"]
    amount_text: str
    per: str
    facts: list[str] = Field(description="判断和计算可能要问到的事实")
    excludes: list[str]
    alternatives: list[AlternativeFigure]
    guide: dict[str, GuideElement | None] = Field(description="null 表示文件未载明")
    not_modelled: list[str]
    cautions: list[str]


class ProgrammePage(BaseModel):
    """A page of programmes."""

    items: list[ProgrammeRecord]
    next_cursor: str | None


class ClausePage(BaseModel):
    """A page of clauses."""

    items: list[ClauseRecord]
    next_cursor: str | None


class DocumentRecord(BaseModel):
    """An issuing document."""

    id: str
    doc_no: str
    title: str | None
    issuer: str | None
    issuer_from: str | None = Field(
        description="发文机关的依据：front、compilation、title、doc_no、checklist"
    )
    issued_on: date | None
    year: int | None = Field(description="印发年份，由印发日期或文号得出")
    sources: list[str]
    scope: str
    repealed: str | None
    notes: list[str]
    clause_count: int
    clause_ids: list[str]


class DocumentPage(BaseModel):
    """A page of documents."""

    items: list[DocumentRecord]
    next_cursor: str | None


class Health(BaseModel):
    """The process lives."""

    status: Literal["ok"] = "ok"
    version: str


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: str
    message: str
    field: str | None = None


class Readiness(BaseModel):
    """A question gets a real answer; or the reason why not."""

    status: Literal["ready", "not_ready"]
    kb_version: str
    as_of: date
    checks: dict[str, Any]
    error: ErrorDetail | None = None

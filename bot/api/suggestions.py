"""What the chat's start page offers, and what it suggests while a person types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, Field

from bot.api.http import Operation, json_response, read_query
from bot.api.models import NoQuery, StatusName, plain
from bot.knowledge import Knowledge, Loaded
from bot.policies.answer.places import place_of
from bot.policies.eligibility.judge import judge_programme
from bot.policies.eligibility.programme import Programme
from bot.policies.model import Snapshot
from bot.policies.query import clean

__all__ = ["SuggestionsApi", "newest"]

_MOST = 6  # suggestions at once
_TOPICS = 6  # programmes under one heading of the start page
_CURRENT = frozenset({"in_force", "not_stated"})


class Suggestion(BaseModel):
    """Something to ask about; ``payload`` is what to send."""

    kind: Literal["programme", "clause"]
    id: str
    title: str
    detail: str = Field(description="文号与第几条")
    payload: str
    status: StatusName


class SuggestionList(BaseModel):
    """Suggestions, the best first."""

    items: list[Suggestion]


class Topic(BaseModel):
    """A heading of the start page with what is asked most under it."""

    name: str
    items: list[Suggestion]


class StartRecord(BaseModel):
    """What the chat shows before anything is asked."""

    host: str = Field(description="主办单位")
    hotline: str
    kb_version: str
    kb_until: str = Field(description="收录的文件截至何时，年或年月日")
    documents: int
    clauses: int
    retention_days: int
    identity: bool = Field(description="是否接受门户传来的企业身份")
    embedders: list[str] = Field(description="可以嵌入问答窗口的网站；空为不限")
    topics: list[Topic]


class SuggestQuery(BaseModel):
    """What was typed so far."""

    model_config = {"extra": "forbid"}
    q: plain(60)  # type: ignore[valid-type]


class SuggestionsApi:
    """Reads the snapshot in use; keeps nothing of what is typed.

    Args:
        knowledge: the holder of the snapshot.
        today: the day of judgement.
        host: who runs the site, as it is shown to visitors.
        retention_days: how long a conversation is kept.
        identity: whether the portal's word on a firm is taken.
        embedders: origins whose pages may frame the chat.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        today: Callable[[], date],
        *,
        host: str,
        retention_days: float,
        identity: bool = False,
        embedders: tuple[str, ...] = (),
    ) -> None:
        self._knowledge, self._today = knowledge, today
        self._host, self._days = host, retention_days
        self._identity, self._embedders = identity, embedders
        self._topics: tuple[str, date, list[Topic]] | None = None

    def operations(self) -> list[Operation]:
        """The routes."""
        return [
            Operation(
                "GET",
                "/chat/api/start",
                self.start,
                "问答窗口的首页",
                StartRecord,
                query=NoQuery,
                errors=(400, 422),
            ),
            Operation(
                "GET",
                "/chat/api/suggestions",
                self.suggest,
                "边输入边提示",
                SuggestionList,
                query=SuggestQuery,
                errors=(400, 422),
            ),
        ]

    async def start(self, request: web.Request) -> web.Response:
        """The start page."""
        read_query(request, NoQuery)
        snapshot, day = self._knowledge.current.snapshot, self._today()
        if self._topics is None or self._topics[:2] != (snapshot.version, day):
            topics = await self._knowledge.run(lambda loaded: _topics(loaded.snapshot, day))
            self._topics = (snapshot.version, day, topics)
        return json_response(
            StartRecord(
                host=self._host,
                hotline="12345",
                kb_version=snapshot.version,
                kb_until=newest(snapshot),
                documents=len(snapshot.documents),
                clauses=len(snapshot.clauses),
                retention_days=int(self._days),
                identity=self._identity,
                embedders=list(self._embedders),
                topics=self._topics[2],
            )
        )

    async def suggest(self, request: web.Request) -> web.Response:
        """What a person may be about to ask."""
        query, day = read_query(request, SuggestQuery), self._today()
        items = await self._knowledge.run(lambda loaded: _suggest(loaded, query.q, day))
        return json_response(SuggestionList(items=items))


def _suggest(loaded: Loaded, typed: str, day: date) -> list[Suggestion]:
    snapshot, text = loaded.snapshot, clean(typed)
    if not text:
        return []
    named = [
        programme
        for programme in snapshot.programmes.values()
        if any(text in name for name in (programme.name, *programme.aliases))
    ]
    named.sort(key=lambda programme: -_asked(programme, snapshot))
    found = {programme.id: _programme(programme, snapshot, day) for programme in named[:_MOST]}
    clauses: dict[str, Suggestion] = {}
    for hit in loaded.search.find(text, day, _MOST, mode="lexical").hits:
        ids = snapshot.programmes_of.get(hit.clause.id, ())
        for key in ids[:1]:
            found.setdefault(key, _programme(snapshot.programmes[key], snapshot, day))
        if not ids:
            place = place_of(hit.clause, snapshot)
            clauses[hit.clause.id] = Suggestion(
                kind="clause",
                id=hit.clause.id,
                title=hit.clause.caption,
                detail=place,
                payload=f"{snapshot.document_of(hit.clause).doc_no}{hit.clause.locator}",
                status=hit.judgement.status,
            )
    ranked = sorted(found.values(), key=lambda one: one.status not in _CURRENT)
    return [*ranked, *clauses.values()][:_MOST]


def _programme(programme: Programme, snapshot: Snapshot, day: date) -> Suggestion:
    clause = snapshot.clauses[programme.references[0]]
    nothing, repealed = snapshot.facts.complete({}), snapshot.repealed(programme)
    verdict = judge_programme(programme, nothing, day, snapshot.facts, repealed)
    return Suggestion(
        kind="programme",
        id=programme.id,
        title=programme.name,
        detail=place_of(clause, snapshot),
        payload=programme.name,
        status=verdict.status,
    )


def _asked(programme: Programme, snapshot: Snapshot) -> int:
    return sum(len(snapshot.questions.get(key, ())) for key in programme.references)


def _topics(snapshot: Snapshot, day: date) -> list[Topic]:
    """By 篇, the programmes that the most questions are known for; what is over stays out."""
    by_part: dict[str, list[Programme]] = {}
    for programme in snapshot.programmes.values():
        printed = (snapshot.clauses[key].part for key in programme.references)
        named = next((part for part in printed if part), None)
        if named is not None:
            by_part.setdefault(named, []).append(programme)
    asked = {key: _asked(one, snapshot) for key, one in snapshot.programmes.items()}
    topics = []
    for part in sorted(by_part, key=lambda part: -sum(asked[one.id] for one in by_part[part])):
        rows = sorted(by_part[part], key=lambda one: -asked[one.id])
        items = [_programme(row, snapshot, day) for row in rows]
        current = [item for item in items if item.status in _CURRENT][:_TOPICS]
        if current:
            topics.append(Topic(name=part, items=current))
    return topics


def newest(snapshot: Snapshot) -> str:
    """The latest issue of any document: a day where one is stated, else the year."""
    days = [one.issued_on for one in snapshot.documents.values() if one.issued_on]
    years = [one.year for one in snapshot.documents.values() if one.year]
    latest = max(days, default=None)
    if years and (latest is None or max(years) > latest.year):
        return f"{max(years)}年"
    return latest.isoformat() if latest else "未载明"

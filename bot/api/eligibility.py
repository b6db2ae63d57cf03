"""Routes over programmes: the list of facts, programmes, one verdict, all of a firm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from aiohttp import web

from bot.api.http import Operation, json_response, read_json, read_query
from bot.api.knowledge import page_of
from bot.api.models import (
    DateQuery,
    EligibilityBody,
    FactList,
    FactRecord,
    MatchAnswer,
    MatchBody,
    NoQuery,
    PageQuery,
    ProgrammePage,
    ProgrammeRecord,
    VerdictRecord,
)
from bot.errors import NotFoundError
from bot.knowledge import Knowledge
from bot.policies.answer.verdicts import (
    combination_record,
    fact_record,
    programme_record,
    verdict_record,
)
from bot.policies.eligibility.judge import judge_programme
from bot.policies.matching import match

__all__ = ["EligibilityApi"]


class EligibilityApi:
    """Judges programmes over the snapshot in use; keeps nothing of what it is told.

    Args:
        knowledge: the holder of the snapshot.
        today: the default day of judgement.
    """

    def __init__(self, knowledge: Knowledge, today: Callable[[], date]) -> None:
        self._knowledge, self._today = knowledge, today

    def operations(self) -> list[Operation]:
        """The routes."""
        return [
            Operation(
                "GET",
                "/api/v1/facts",
                self.facts,
                "可以提供的事实",
                FactList,
                query=NoQuery,
                errors=(400, 422),
            ),
            Operation(
                "GET",
                "/api/v1/programmes",
                self.programmes,
                "事项列表",
                ProgrammePage,
                query=ProgrammeQuery,
                errors=(400, 422),
            ),
            Operation(
                "GET",
                "/api/v1/programmes/{id}",
                self.programme,
                "一个事项",
                ProgrammeRecord,
                query=DateQuery,
                errors=(400, 404, 422),
                path_parameters={"id": "编号"},
            ),
            Operation(
                "POST",
                "/api/v1/eligibility",
                self.eligibility,
                "判断一个事项",
                VerdictRecord,
                body=EligibilityBody,
                errors=(400, 404, 413, 422),
            ),
            Operation(
                "POST",
                "/api/v1/match",
                self.match,
                "一家企业能享受哪些事项",
                MatchAnswer,
                body=MatchBody,
                errors=(400, 413, 422),
            ),
        ]

    async def facts(self, request: web.Request) -> web.Response:
        """The closed list of facts."""
        read_query(request, NoQuery)
        facts = self._knowledge.current.snapshot.facts.facts.values()
        return json_response(FactList(items=[FactRecord(**fact_record(f)) for f in facts]))

    async def programmes(self, request: web.Request) -> web.Response:
        """A page of programmes, by id."""
        query = read_query(request, ProgrammeQuery)
        snapshot = self._knowledge.current.snapshot
        rows = sorted(snapshot.programmes.values(), key=lambda programme: programme.id)
        page, cursor = page_of(rows, [programme.id for programme in rows], query)
        day = query.as_of or self._today()
        items = [ProgrammeRecord(**programme_record(row, day, snapshot)) for row in page]
        return json_response(ProgrammePage(items=items, next_cursor=cursor))

    async def programme(self, request: web.Request) -> web.Response:
        """One programme."""
        query = read_query(request, DateQuery)
        snapshot = self._knowledge.current.snapshot
        found = snapshot.programmes.get(request.match_info["id"])
        if found is None:
            raise NotFoundError("没有这个事项")
        day = query.as_of or self._today()
        return json_response(ProgrammeRecord(**programme_record(found, day, snapshot)))

    async def eligibility(self, request: web.Request) -> web.Response:
        """The verdict on one programme."""
        body = await read_json(request, EligibilityBody)
        snapshot = self._knowledge.current.snapshot
        programme = snapshot.programmes.get(body.programme_id)
        if programme is None:
            raise NotFoundError("没有这个事项")
        told = snapshot.facts.read(body.facts)
        day, repealed = body.as_of or self._today(), snapshot.repealed(programme)
        verdict = judge_programme(programme, told, day, snapshot.facts, repealed)
        return json_response(VerdictRecord(**verdict_record(verdict, snapshot)))

    async def match(self, request: web.Request) -> web.Response:
        """All programmes that concern a firm, and the best combination."""
        body = await read_json(request, MatchBody)
        day = body.as_of or self._today()

        def work(loaded: Any) -> dict[str, Any]:
            snapshot = loaded.snapshot
            found = match(snapshot.facts.read(body.facts), day, snapshot)
            return {
                "as_of": day,
                "kb_version": snapshot.version,
                "results": [
                    {
                        "programme_id": matched.verdict.programme.id,
                        "name": matched.verdict.programme.name,
                        "group": matched.group,
                        **verdict_record(matched.verdict, snapshot),
                    }
                    for matched in found.results[: body.limit]
                ],
                "best_combination": combination_record(found.combination, snapshot),
            }

        return json_response(MatchAnswer(**await self._knowledge.run(work)))


class ProgrammeQuery(PageQuery, DateQuery):
    """A page of programmes, their status judged on a day."""

"""Routes of what the desk shares: notices, canned replies, reports of faults, new questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from bot.api.http import Operation, json_response, read_json
from bot.api.models import NoQuery
from bot.desk.access import Door
from bot.desk.schemas import (
    CannedBody,
    CannedList,
    CannedRecord,
    CorrectionBody,
    CorrectionList,
    CorrectionRecord,
    Done,
    NoticeBody,
    NoticeList,
    NoticeRecord,
    ProposalBody,
    ProposalList,
    ProposalRecord,
    Settle,
)
from bot.errors import NotFoundError
from bot.knowledge import Knowledge
from bot.storage.desk_audit import AuditLog
from bot.storage.desk_board import Board
from bot.storage.desk_users import DeskUser, Role

__all__ = ["BoardApi"]

_ERRORS = (400, 401, 403, 404, 409, 413, 422)
_EDITORS: tuple[Role, ...] = ("editor", "administrator")
_HEADS: tuple[Role, ...] = ("supervisor", "administrator")


class BoardApi:
    """Anybody may report and propose; an editor settles, a supervisor pins."""

    def __init__(
        self,
        board: Board,
        audit: AuditLog,
        door: Door,
        knowledge: Knowledge,
        clock: Callable[[], datetime],
    ) -> None:
        self._board, self._audit, self._door = board, audit, door
        self._knowledge, self._clock = knowledge, clock

    def operations(self) -> list[Operation]:
        """The routes."""

        def route(
            method: str, tail: str, handler: Any, summary: str, *roles: Role, **more: Any
        ) -> Operation:
            path = {"id": "编号"} if "{id}" in tail else {}
            more.setdefault("response", Done)
            return Operation(
                method,
                f"/desk/api{tail}",
                self._door.guard(handler, *roles),
                summary,
                errors=_ERRORS,
                path_parameters=path,
                query=NoQuery if method == "GET" else None,
                **more,
            )

        return [
            route("GET", "/notices", self.notices, "紧急通知", response=NoticeList),
            route("POST", "/notices", self.pin, "发布通知", *_HEADS, body=NoticeBody),
            route("POST", "/notices/{id}/end", self.unpin, "撤下通知", *_HEADS),
            route("GET", "/canned", self.canned, "常用语", response=CannedList),
            route("POST", "/canned", self.keep, "新增常用语", *_HEADS, "editor", body=CannedBody),
            route("POST", "/canned/{id}/remove", self.drop, "删除常用语", *_HEADS, "editor"),
            route("GET", "/corrections", self.corrections, "纠错", response=CorrectionList),
            route("POST", "/corrections", self.report, "报告错误", body=CorrectionBody),
            route(
                "POST",
                "/corrections/{id}",
                self.settle_correction,
                "处理纠错",
                *_EDITORS,
                body=Settle,
            ),
            route("GET", "/proposals", self.proposals, "提议的问句", response=ProposalList),
            route("POST", "/proposals", self.propose, "提议问句", body=ProposalBody),
            route(
                "POST", "/proposals/{id}", self.settle_proposal, "处理提议", *_EDITORS, body=Settle
            ),
        ]

    async def notices(self, request: web.Request, user: DeskUser) -> web.Response:
        """The notices that hold."""
        rows = await self._board.notices(self._clock())
        return json_response(NoticeList(items=_records(rows, NoticeRecord)))

    async def pin(self, request: web.Request, user: DeskUser) -> web.Response:
        """Pin a notice above everybody's search."""
        body, now = await read_json(request, NoticeBody), self._clock()
        await self._board.add_notice(user.name, body.text, now + timedelta(hours=body.hours), now)
        await self._audit.write(user.name, "notice_pinned", now)
        return json_response(Done())

    async def unpin(self, request: web.Request, user: DeskUser) -> web.Response:
        """Take a notice down."""
        await self._board.end_notice(request.match_info["id"], self._clock())
        return json_response(Done())

    async def canned(self, request: web.Request, user: DeskUser) -> web.Response:
        """The canned replies."""
        rows = await self._board.canned()
        return json_response(CannedList(items=_records(rows, CannedRecord)))

    async def keep(self, request: web.Request, user: DeskUser) -> web.Response:
        """Keep a reply ready."""
        body = await read_json(request, CannedBody)
        await self._board.add_canned(user.name, body.title, body.text, self._clock())
        return json_response(Done())

    async def drop(self, request: web.Request, user: DeskUser) -> web.Response:
        """Drop a canned reply."""
        await self._board.remove_canned(request.match_info["id"])
        return json_response(Done())

    async def corrections(self, request: web.Request, user: DeskUser) -> web.Response:
        """Reports of wrong records."""
        rows = await self._board.corrections()
        return json_response(CorrectionList(items=_records(rows, CorrectionRecord)))

    async def report(self, request: web.Request, user: DeskUser) -> web.Response:
        """Report that a clause or programme is recorded wrongly."""
        body = await read_json(request, CorrectionBody)
        snapshot = self._knowledge.current.snapshot
        if body.subject not in snapshot.clauses and body.subject not in snapshot.programmes:
            raise NotFoundError("没有这一条")
        await self._board.report(user.name, body.subject, body.text, self._clock())
        return json_response(Done())

    async def settle_correction(self, request: web.Request, user: DeskUser) -> web.Response:
        """Accept or decline a report."""
        body, now = await read_json(request, Settle), self._clock()
        await self._board.settle_correction(request.match_info["id"], body.accepted, user.name, now)
        return json_response(Done())

    async def proposals(self, request: web.Request, user: DeskUser) -> web.Response:
        """The proposed questions."""
        rows = await self._board.proposals()
        return json_response(ProposalList(items=_records(rows, ProposalRecord)))

    async def propose(self, request: web.Request, user: DeskUser) -> web.Response:
        """Propose a question for a clause."""
        body = await read_json(request, ProposalBody)
        if body.clause_id not in self._knowledge.current.snapshot.clauses:
            raise NotFoundError("没有这一条")
        await self._board.propose(user.name, body.clause_id, body.question.strip(), self._clock())
        return json_response(Done())

    async def settle_proposal(self, request: web.Request, user: DeskUser) -> web.Response:
        """Accept or decline a proposal."""
        body, now = await read_json(request, Settle), self._clock()
        await self._board.settle_proposal(request.match_info["id"], body.accepted, user.name, now)
        detail = {"proposal": request.match_info["id"], "accepted": body.accepted}
        await self._audit.write(user.name, "proposal_settled", now, detail)
        return json_response(Done())


def _records(rows: Any, model: type[BaseModel]) -> list[Any]:
    names = model.model_fields
    return [
        model(**{key: value for key, value in asdict(row).items() if key in names}) for row in rows
    ]

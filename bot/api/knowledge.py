"""Routes over the knowledge base: search, clauses, documents."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from aiohttp import web

from bot.api.http import Operation, json_response, read_query
from bot.api.models import (
    ClausePage,
    ClauseQuery,
    ClauseRecord,
    DateQuery,
    DocumentPage,
    DocumentRecord,
    NoQuery,
    PageQuery,
    SearchAnswer,
    SearchQuery,
)
from bot.api.records import document_record, found_clause, full_clause
from bot.errors import NotFoundError, RequestError
from bot.knowledge import Knowledge
from bot.policies.query import clean

__all__ = ["KnowledgeApi", "page_of"]

Item = TypeVar("Item")


class KnowledgeApi:
    """The read-only interface over the snapshot in use.

    Args:
        knowledge: the holder of the snapshot.
        today: the default day of judgement.
    """

    def __init__(self, knowledge: Knowledge, today: Callable[[], date]) -> None:
        self._knowledge, self._today = knowledge, today

    def operations(self) -> list[Operation]:
        """The routes."""
        identifier = {"id": "编号"}
        return [
            Operation(
                "GET",
                "/api/v1/search",
                self.search,
                "检索条款",
                SearchAnswer,
                query=SearchQuery,
                errors=(400, 422),
            ),
            Operation(
                "GET",
                "/api/v1/clauses",
                self.clauses,
                "条款列表",
                ClausePage,
                query=ClauseQuery,
                errors=(400, 404, 422),
            ),
            Operation(
                "GET",
                "/api/v1/clauses/{id}",
                self.clause,
                "一条条款",
                ClauseRecord,
                query=DateQuery,
                errors=(400, 404, 422),
                path_parameters=identifier,
            ),
            Operation(
                "GET",
                "/api/v1/documents",
                self.documents,
                "文件列表",
                DocumentPage,
                query=PageQuery,
                errors=(400, 422),
            ),
            Operation(
                "GET",
                "/api/v1/documents/{id}",
                self.document,
                "一份文件",
                DocumentRecord,
                query=NoQuery,
                errors=(400, 404, 422),
                path_parameters=identifier,
            ),
        ]

    async def search(self, request: web.Request) -> web.Response:
        """Ranked clauses for a question."""
        query = read_query(request, SearchQuery)
        as_of = query.as_of or self._today()
        started = time.perf_counter()
        loaded = self._knowledge.current
        outcome = await self._knowledge.run(
            lambda current: current.search.find(clean(query.q), as_of, query.limit, mode=query.mode)
        )
        took = (time.perf_counter() - started) * 1000
        return json_response(
            SearchAnswer(
                query=query.q,
                as_of=as_of,
                took_ms=round(took, 2),
                mode="full" if query.mode == "full" and loaded.search.semantic else "lexical",
                confidence=round(outcome.confidence, 4),
                decision=outcome.decision,
                kb_version=loaded.snapshot.version,
                results=[found_clause(hit, loaded.snapshot) for hit in outcome.hits],
            )
        )

    async def clauses(self, request: web.Request) -> web.Response:
        """A page of clauses, in order."""
        query = read_query(request, ClauseQuery)
        snapshot = self._knowledge.current.snapshot
        as_of = query.as_of or self._today()
        if query.document_id is not None and query.document_id not in snapshot.documents:
            raise NotFoundError("没有这份文件")
        rows = [
            clause
            for clause in snapshot.clauses.values()
            if query.document_id in (None, clause.document_id)
        ]
        page, cursor = page_of(rows, [clause.id for clause in rows], query)
        items = [full_clause(clause, snapshot, as_of) for clause in page]
        return json_response(ClausePage(items=items, next_cursor=cursor))

    async def clause(self, request: web.Request) -> web.Response:
        """One clause."""
        query = read_query(request, DateQuery)
        snapshot = self._knowledge.current.snapshot
        clause = snapshot.clauses.get(request.match_info["id"])
        if clause is None:
            raise NotFoundError("没有这一条")
        return json_response(full_clause(clause, snapshot, query.as_of or self._today()))

    async def documents(self, request: web.Request) -> web.Response:
        """A page of documents."""
        query = read_query(request, PageQuery)
        rows = list(self._knowledge.current.snapshot.documents.values())
        page, cursor = page_of(rows, [document.id for document in rows], query)
        items = [document_record(document) for document in page]
        return json_response(DocumentPage(items=items, next_cursor=cursor))

    async def document(self, request: web.Request) -> web.Response:
        """One document."""
        read_query(request, NoQuery)
        document = self._knowledge.current.snapshot.documents.get(request.match_info["id"])
        if document is None:
            raise NotFoundError("没有这份文件")
        return json_response(document_record(document))


def page_of(
    rows: Sequence[Item], ids: Sequence[str], query: PageQuery
) -> tuple[Sequence[Item], str | None]:
    """The rows after the cursor, and the cursor of the next page.

    A cursor names the last row given, so that rows added elsewhere shift nothing.
    """
    start = 0
    if query.cursor is not None:
        try:
            last = base64.urlsafe_b64decode(query.cursor.encode()).decode()
            start = ids.index(last) + 1
        except (binascii.Error, UnicodeError, ValueError):
            raise RequestError(422, "bad_cursor", "游标无效", "cursor") from None
    page = rows[start : start + query.limit]
    more = start + query.limit < len(rows)
    cursor = (
        base64.urlsafe_b64encode(ids[start + len(page) - 1].encode()).decode() if more else None
    )
    return page, cursor

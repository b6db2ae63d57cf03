"""Answering a caller: search at each key stroke, cards, and verdicts on the caller's facts."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

from aiohttp import web

from bot.api.http import Operation, json_response, read_json
from bot.api.records import found_clause
from bot.desk.access import Door
from bot.desk.cards import clause_card, deciding, judged, programme_card
from bot.desk.schemas import Answers, Firm, FirmBody, SearchBody
from bot.errors import NotFoundError
from bot.knowledge import Knowledge, Loaded
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.answer.verdicts import verdict_record
from bot.policies.eligibility.judge import Verdict
from bot.policies.matching import match
from bot.policies.model import Snapshot
from bot.policies.query import clean
from bot.storage.desk_users import DeskUser

__all__ = ["CallerApi"]

_CARDS = 6
_FOUND = 12  # clauses of one search


class CallerApi:
    """Search and verdicts for those who answer calls; keeps nothing of what callers tell.

    Args:
        knowledge: the holder of the snapshot.
        today: the day of judgement.
        door: who may ask.
    """

    def __init__(self, knowledge: Knowledge, today: Callable[[], date], door: Door) -> None:
        self._knowledge, self._today, self._door = knowledge, today, door
        self._chooser: tuple[Loaded, EligibilityAnswers] | None = None

    def operations(self) -> list[Operation]:
        """The routes."""
        guard, errors = self._door.guard, (400, 401, 403, 404, 413, 422)
        return [
            # By POST, so that what callers ask stands in no log of addresses.
            Operation(
                "POST",
                "/desk/api/search",
                guard(self.search),
                "坐席检索",
                Answers,
                body=SearchBody,
                errors=errors,
            ),
            Operation(
                "POST",
                "/desk/api/firm",
                guard(self.firm),
                "按来电企业的情况判断",
                Firm,
                body=FirmBody,
                errors=errors,
            ),
        ]

    async def search(self, request: web.Request, user: DeskUser) -> web.Response:
        """Cards for a caller's question."""
        body = await read_json(request, SearchBody)
        as_of, started = body.as_of or self._today(), time.perf_counter()
        found = await self._knowledge.run(lambda loaded: self._search(loaded, body, as_of))
        took = round((time.perf_counter() - started) * 1000, 2)
        return json_response(Answers(query=body.q, as_of=as_of, took_ms=took, **found))

    def _search(self, loaded: Loaded, body: SearchBody, as_of: date) -> dict[str, Any]:
        search, snapshot = loaded.search, loaded.snapshot
        text = clean(body.q)
        outcome = search.find(text, as_of, _FOUND, mode=body.mode)
        chooser = self._choose(loaded)
        nothing = snapshot.facts.complete({})
        cards: dict[str, dict[str, Any]] = {}
        for hit in outcome.hits:
            if len(cards) == _CARDS:
                break
            programme = chooser.programme([hit], outcome.weights, text, as_of)
            if programme is None:
                cards[hit.clause.id] = clause_card(hit, outcome.weights, search, as_of)
            elif programme.id not in cards:
                cards[programme.id] = programme_card(programme, nothing, as_of, snapshot, hit.score)
        return {
            "kb_version": snapshot.version,
            "mode": "full" if body.mode == "full" and search.semantic else "lexical",
            "confidence": round(outcome.confidence, 4),
            "decision": outcome.decision,
            "cards": list(cards.values()),
            "clauses": [found_clause(hit, snapshot) for hit in outcome.hits],
        }

    def _choose(self, loaded: Loaded) -> EligibilityAnswers:
        """What chooses programmes in a snapshot; made once for each."""
        if self._chooser is None or self._chooser[0] is not loaded:
            self._chooser = (loaded, EligibilityAnswers(loaded.search))
        return self._chooser[1]

    async def firm(self, request: web.Request, user: DeskUser) -> web.Response:
        """Verdicts on what a caller told: of the programmes shown, and of all that fit."""
        body = await read_json(request, FirmBody)
        as_of = body.as_of or self._today()
        found = await self._knowledge.run(lambda loaded: _judge(loaded.snapshot, body, as_of))
        return json_response(Firm(as_of=as_of, **found))


def _judge(snapshot: Snapshot, body: FirmBody, as_of: date) -> dict[str, Any]:
    told = snapshot.facts.read(body.facts)
    shown = []
    for key in body.programme_ids:
        programme = snapshot.programmes.get(key)
        if programme is None:
            raise NotFoundError("没有这个事项")
        shown.append(_record(judged(programme, told, as_of, snapshot), "shown", snapshot))
    fitting = [
        _record(matched.verdict, matched.group, snapshot)
        for matched in (match(told, as_of, snapshot).results if body.facts else ())
    ]
    return {"shown": shown, "fitting": fitting}


def _record(verdict: Verdict, group: str, snapshot: Snapshot) -> dict[str, Any]:
    return {
        **verdict_record(verdict, snapshot),
        "programme_id": verdict.programme.id,
        "name": verdict.programme.name,
        "group": group,
        "deciding": deciding(verdict, snapshot),
    }

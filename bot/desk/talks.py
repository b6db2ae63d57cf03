"""Routes of taking over: who waits, what was said, accepting, answering, handing on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from aiohttp import web

from bot.api.http import Operation, json_response, read_json, read_query
from bot.api.models import NoQuery
from bot.desk.access import Door
from bot.desk.attendant import Talks, said
from bot.desk.schemas import (
    Accepted,
    Done,
    EntryList,
    EntryRecord,
    EventRecord,
    HandOver,
    NoteBody,
    SayBody,
    TalkList,
    TalkRecord,
)
from bot.errors import ConflictError, NotFoundError, RequestError
from bot.knowledge import Knowledge
from bot.policies.answer.places import place_of
from bot.policies.answer.reply import clause_record
from bot.policies.validity import judge
from bot.storage.desk_audit import AuditLog
from bot.storage.desk_queue import DeskQueue, Talk
from bot.storage.desk_users import DeskUser, DeskUserStore, Role
from bot.storage.records import Entry
from bot.storage.turns import TurnStore

__all__ = ["TALKERS", "TalksApi"]

TALKERS: tuple[Role, ...] = ("operator", "supervisor", "administrator")
"""Those who may talk to visitors."""
_LOOKED_BACK = 100  # turns whose understanding is shown
_ERRORS = (400, 401, 403, 404, 409, 413, 422)


class TalksApi:
    """A person takes over from the bot, and gives back.

    Args:
        queue: who waits and who has whom; of two who accept at once, one gets it.
        talks: the conversations, and with them every channel's way out.
        turns: what the bot understood.
        today: the day by which inserted clauses are judged.
        clock: the present, in UTC.
    """

    def __init__(
        self,
        queue: DeskQueue,
        talks: Talks,
        turns: TurnStore,
        users: DeskUserStore,
        audit: AuditLog,
        door: Door,
        knowledge: Knowledge,
        today: Callable[[], date],
        clock: Callable[[], datetime],
    ) -> None:
        self._queue, self._talks, self._turns = queue, talks, turns
        self._users, self._audit, self._door = users, audit, door
        self._knowledge, self._today, self._clock = knowledge, today, clock

    def operations(self) -> list[Operation]:
        """The routes."""
        path = {"id": "对话编号"}

        def route(method: str, tail: str, handler: Any, summary: str, **more: Any) -> Operation:
            parameters = path if "{id}" in tail else {}
            return Operation(
                method,
                f"/desk/api/talks{tail}",
                self._door.guard(handler, *TALKERS),
                summary,
                errors=_ERRORS,
                path_parameters=parameters,
                **more,
            )

        return [
            route(
                "GET", "", self.all, "等人工的和正在接待的对话", response=TalkList, query=NoQuery
            ),
            route("GET", "/{id}", self.entries, "一个对话的内容", response=EntryList),
            route("POST", "/{id}/accept", self.accept, "接待", response=Accepted),
            route("POST", "/{id}/say", self.say, "答复", response=Done, body=SayBody),
            route("POST", "/{id}/note", self.note, "内部备注", response=Done, body=NoteBody),
            route("POST", "/{id}/hand", self.hand, "转交或交还", response=Done, body=HandOver),
        ]

    async def all(self, request: web.Request, user: DeskUser) -> web.Response:
        """Who waits and who is talked to."""
        read_query(request, NoQuery)
        return json_response(TalkList(items=[_talk(talk) for talk in await self._queue.talks()]))

    async def entries(self, request: web.Request, user: DeskUser) -> web.Response:
        """What was said so far, what the bot understood, and the private notes."""
        talk = await self._queue.talk(request.match_info["id"])
        after = request.query.get("after", "0")
        if not after.isascii() or not after.isdigit() or len(after) > 9:
            raise RequestError(422, "invalid", "应为整数", "after")
        if after == "0":
            await self._write(user, "talk_seen", talk)
        entries = await self._talks.entries(talk.key, int(after))
        replies = {
            turn.turn_id: turn.replies or []
            for turn in await self._turns.history(talk.key, _LOOKED_BACK)
        }
        notes = await self._queue.notes(talk.id)
        return json_response(
            EntryList(
                talk=_talk(talk),
                entries=[_entry(entry, replies) for entry in entries],
                notes=[EventRecord(at=n.at, who=n.who, what="note", text=n.text) for n in notes],
            )
        )

    async def accept(self, request: web.Request, user: DeskUser) -> web.Response:
        """Take a conversation that waits; the visitor is told who is there."""
        talk_id = request.match_info["id"]
        since = (await self._queue.talk(talk_id)).waiting_since
        talk, now = await self._queue.take(talk_id, user.name), self._clock()
        waited = round((now - (since or now)).total_seconds(), 1)
        await self._write(user, "talk_accepted", talk, waited=waited)
        await self._say(talk, user, "joined", display=user.display)
        return json_response(Accepted(talk=_talk(talk)))

    async def say(self, request: web.Request, user: DeskUser) -> web.Response:
        """Answer in the visitor's own channel; each clause that goes along as it stands."""
        body = await read_json(request, SayBody)
        talk = await self._queue.talk(request.match_info["id"])
        if talk.holder != user.name:
            raise ConflictError("这个对话不在您手上，请先接待")
        lines = [body.text, *(self._clause(key) for key in body.clauses)]
        reply = said("\n".join(lines))[0]
        reply["custom"]["clauses"] = [self._record(key) for key in body.clauses]
        await self._talks.say(talk.key, user.display, [reply])
        await self._write(user, "talk_answered", talk, chars=len(body.text))
        return json_response(Done())

    async def note(self, request: web.Request, user: DeskUser) -> web.Response:
        """A note that visitors never see."""
        body = await read_json(request, NoteBody)
        await self._queue.add_note(request.match_info["id"], user.name, body.text, self._clock())
        return json_response(Done())

    async def hand(self, request: web.Request, user: DeskUser) -> web.Response:
        """Pass a conversation on, put it back, or give it back to the bot."""
        body = await read_json(request, HandOver)
        talk_id = request.match_info["id"]
        if body.to == "user":
            colleague = await self._colleague(body.name)
            talk = await self._queue.hand(talk_id, user.name, colleague.name, None)
            await self._say(talk, user, "passed", display=colleague.display)
        elif body.to == "queue":
            talk = await self._queue.hand(talk_id, user.name, None, self._clock())
            await self._say(talk, user, "queued")
        else:
            talk = await self._queue.hand(talk_id, user.name, None, None)
            await self._say(talk, user, "returned")
        await self._write(user, "talk_handed", talk, to=body.to, name=body.name)
        return json_response(Done())

    async def _colleague(self, name: str | None) -> DeskUser:
        if name is None:
            raise RequestError(422, "missing", "请选择转给谁", "name")
        colleague = await self._users.by_name(name)
        if not colleague.active or colleague.role not in TALKERS:
            raise RequestError(422, "cannot_talk", "这位同事不能接待", "name")
        return colleague

    def _clause(self, key: str) -> str:
        snapshot = self._knowledge.current.snapshot
        record = self._record(key)
        clause = snapshot.clauses[key]
        badge = snapshot.phrases(f"status.{record['status']}.badge")
        return snapshot.phrases(
            "desk.talk.clause", text=clause.text, place=place_of(clause, snapshot), badge=badge
        )

    def _record(self, key: str) -> dict[str, Any]:
        snapshot = self._knowledge.current.snapshot
        clause = snapshot.clauses.get(key)
        if clause is None:
            raise NotFoundError("没有这一条")
        judgement = judge(clause, snapshot.document_of(clause), self._today())
        return clause_record(clause, judgement, snapshot)

    async def _say(self, talk: Talk, user: DeskUser, key: str, **values: object) -> None:
        words = self._knowledge.current.snapshot.phrases(f"desk.talk.{key}", **values)
        await self._talks.say(talk.key, user.display, said(words))

    async def _write(self, user: DeskUser, what: str, talk: Talk, **detail: object) -> None:
        await self._audit.write(user.name, what, self._clock(), {"talk": talk.id, **detail})


def _talk(talk: Talk) -> TalkRecord:
    return TalkRecord(
        id=talk.id,
        channel=talk.channel,
        holder=talk.holder,
        waiting_since=talk.waiting_since,
        heard_at=talk.heard_at,
        last=talk.last,
    )


def _entry(entry: Entry, replies: dict[str, list[dict[str, Any]]]) -> EntryRecord:
    own = entry.author == "person"
    answered = replies.get(entry.turn_id or "", []) if own else []
    understood = [
        {
            "type": reply["custom"]["type"],
            "programme": (reply["custom"].get("programme") or {}).get("name"),
            "clauses": [clause["clause_id"] for clause in reply["custom"].get("clauses", [])],
        }
        for reply in answered
    ]
    return EntryRecord(
        position=entry.position,
        author=entry.author,
        at=entry.at,
        text=entry.text if own else _words(entry.part),
        state=entry.state,
        understood=understood[0] if understood else None,
    )


def _words(part: object) -> str:
    """The words in a part, whatever shape the channel gave it."""
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    found = (_words(part.get(key)) for key in ("text", "content", "markdown", "title"))
    direct = [words for words in found if words]
    if direct:
        return direct[0]
    return next((words for value in part.values() if (words := _nested(value))), "")


def _nested(value: object) -> str:
    return _words(value) if isinstance(value, dict) else ""

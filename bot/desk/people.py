"""Routes of one's own desk, and of those who administer users."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from aiohttp import web

from bot.api.http import Operation, json_response, read_json, read_query
from bot.api.models import NoQuery
from bot.desk.access import Door
from bot.desk.attendant import PRESENT
from bot.desk.schemas import (
    Audited,
    AuditList,
    ChangeUser,
    Done,
    FreeBody,
    IdentityBody,
    IdentityRecord,
    LinkRecord,
    Me,
    NewUser,
    UserList,
    UserRecord,
)
from bot.desk.signin import LINK_LIFE, SignIn
from bot.errors import RequestError
from bot.knowledge import Knowledge
from bot.storage.desk_audit import AuditLog
from bot.storage.desk_identities import Identity, IdentityStore
from bot.storage.desk_users import DeskUser, DeskUserStore, Role

__all__ = ["PeopleApi", "link_path"]

_SHOWN = 200  # lines of the audit log
_ERRORS = (400, 401, 403, 404, 409, 413, 422, 429)


def link_path(token: str) -> str:
    """Where a one-time link leads; the token stands in the fragment, which no server sees."""
    return f"/desk/#/password/{token}"


class PeopleApi:
    """Who works at the desk.

    Args:
        sign_in, users, identities, audit, door: see their classes.
        knowledge: for the version and the sentence that stands on every page.
        today: the day of judgement.
        clock: the present, in UTC.
    """

    def __init__(
        self,
        sign_in: SignIn,
        users: DeskUserStore,
        identities: IdentityStore,
        audit: AuditLog,
        door: Door,
        knowledge: Knowledge,
        today: Callable[[], date],
        clock: Callable[[], datetime],
    ) -> None:
        self._sign_in, self._users, self._audit, self._door = sign_in, users, audit, door
        self._identities = identities
        self._knowledge, self._today, self._clock = knowledge, today, clock

    def operations(self) -> list[Operation]:
        """The routes."""
        guard, path = self._door.guard, {"id": "用户编号"}
        administrator: Role = "administrator"
        return [
            Operation(
                "GET", "/desk/api/me", guard(self.me), "我", Me, query=NoQuery, errors=_ERRORS
            ),
            Operation(
                "POST",
                "/desk/api/free",
                guard(self.free),
                "是否接待",
                Done,
                body=FreeBody,
                errors=_ERRORS,
            ),
            Operation(
                "GET",
                "/desk/api/users",
                guard(self.all),
                "用户列表",
                UserList,
                query=NoQuery,
                errors=_ERRORS,
            ),
            Operation(
                "POST",
                "/desk/api/users",
                guard(self.add, administrator),
                "新增用户",
                LinkRecord,
                body=NewUser,
                errors=_ERRORS,
            ),
            Operation(
                "POST",
                "/desk/api/users/{id}",
                guard(self.change, administrator),
                "修改用户",
                Done,
                body=ChangeUser,
                errors=_ERRORS,
                path_parameters=path,
            ),
            Operation(
                "POST",
                "/desk/api/users/{id}/link",
                guard(self.link, administrator),
                "新的一次性链接",
                LinkRecord,
                errors=_ERRORS,
                path_parameters=path,
            ),
            Operation(
                "POST",
                "/desk/api/users/{id}/identity",
                guard(self.settle, administrator),
                "关联单位帐号，或者解除",
                Done,
                body=IdentityBody,
                errors=_ERRORS,
                path_parameters=path,
            ),
            Operation(
                "GET",
                "/desk/api/audit",
                guard(self.audit, administrator),
                "审计记录",
                AuditList,
                query=NoQuery,
                errors=_ERRORS,
            ),
        ]

    async def me(self, request: web.Request, user: DeskUser) -> web.Response:
        """Who is signed in."""
        read_query(request, NoQuery)
        snapshot = self._knowledge.current.snapshot
        return json_response(
            Me(
                name=user.name,
                display=user.display,
                role=user.role,
                free=user.free,
                kb_version=snapshot.version,
                as_of=self._today(),
                reminder=snapshot.phrases("answer.reminder"),
            )
        )

    async def free(self, request: web.Request, user: DeskUser) -> web.Response:
        """Whether chats may be offered."""
        body = await read_json(request, FreeBody)
        await self._users.change(user.id, free=body.free, seen_at=self._clock())
        return json_response(Done())

    async def all(self, request: web.Request, user: DeskUser) -> web.Response:
        """Everybody; to whom a conversation or ticket can go."""
        read_query(request, NoQuery)
        since = self._clock() - PRESENT
        identities = await self._identities.all() if user.role == "administrator" else []
        return json_response(
            UserList(items=[_record(one, since, identities) for one in await self._users.all()])
        )

    async def add(self, request: web.Request, user: DeskUser) -> web.Response:
        """A new user, and the link by which they set their password."""
        body = await read_json(request, NewUser)
        added = await self._users.add(body.name, body.display, body.role, self._clock())
        await self._audit.write(
            user.name, "user_added", self._clock(), {"user": added.name, "role": added.role}
        )
        return await self._linked(added, user)

    async def change(self, request: web.Request, user: DeskUser) -> web.Response:
        """Change a user; the last administrator stays one."""
        body = await read_json(request, ChangeUser)
        target = await self._find(request)
        demoted = body.active is False or body.role not in (None, "administrator")
        guarded = target.role == "administrator" and target.active and demoted
        if guarded and await self._users.administrators() == 1:
            raise RequestError(409, "last_administrator", "这是最后一个管理员，不能停用或改角色")
        values = body.model_dump(exclude={"reset_code"}, exclude_none=True)
        if body.reset_code:
            values |= {"totp": None, "totp_step": 0}
        if values:
            await self._users.change(target.id, **values)
        await self._audit.write(
            user.name, "user_changed", self._clock(), {"user": target.name, "what": sorted(values)}
        )
        return json_response(Done())

    async def link(self, request: web.Request, user: DeskUser) -> web.Response:
        """A new link for somebody who forgot their password."""
        return await self._linked(await self._find(request), user)

    async def settle(self, request: web.Request, user: DeskUser) -> web.Response:
        """Say that somebody whom the provider knows is this user, or is not."""
        body, target = await read_json(request, IdentityBody), await self._find(request)
        settle = self._identities.link if body.linked else self._identities.part
        identity = await settle(body.identity, target.id)
        what = "identity_linked" if body.linked else "identity_parted"
        detail = {"user": target.name, "identity": identity.id}
        await self._audit.write(user.name, what, self._clock(), detail)
        return json_response(Done())

    async def _linked(self, target: DeskUser, by: DeskUser) -> web.Response:
        token = await self._sign_in.make_link(target, by.name)
        hours = LINK_LIFE // timedelta(hours=1)
        return json_response(LinkRecord(path=link_path(token), hours=hours))

    async def _find(self, request: web.Request) -> DeskUser:
        return await self._users.get(request.match_info["id"])

    async def audit(self, request: web.Request, user: DeskUser) -> web.Response:
        """The latest lines of the audit log; that they were read is one of them."""
        read_query(request, NoQuery)
        await self._audit.write(user.name, "audit_read", self._clock())
        lines = await self._audit.latest(_SHOWN)
        return json_response(
            AuditList(
                items=[Audited(at=x.at, who=x.who, what=x.what, detail=x.detail) for x in lines]
            )
        )


def _record(user: DeskUser, since: datetime, identities: Sequence[Identity]) -> UserRecord:
    return UserRecord(
        id=user.id,
        name=user.name,
        display=user.display,
        role=user.role,
        active=user.active,
        has_password=user.password is not None,
        has_code=user.totp is not None,
        present=user.free and user.seen_at is not None and user.seen_at >= since,
        identities=[
            IdentityRecord(id=one.id, called=one.called, linked=one.linked)
            for one in identities
            if one.user_id == user.id
        ],
    )

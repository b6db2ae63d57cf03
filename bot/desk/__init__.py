"""The hotline desk: answering callers, the record, taking over, learning and supervision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from aiohttp import web

from bot.api.http import Operation
from bot.desk.access import Door
from bot.desk.attendant import Attendant, Talks
from bot.desk.board import BoardApi
from bot.desk.caller import CallerApi
from bot.desk.entry import EntryApi
from bot.desk.figures import FiguresApi
from bot.desk.hours import Hours
from bot.desk.learn import LearnApi
from bot.desk.live import Live
from bot.desk.oidc import OidcConfig, OidcFlow, RoleRules
from bot.desk.pages import Pages
from bot.desk.passwords import Passwords
from bot.desk.people import PeopleApi, link_path
from bot.desk.reminders import Reminders, RemindersApi
from bot.desk.signin import SignIn
from bot.desk.talks import TalksApi
from bot.desk.tickets import TicketsApi
from bot.errors import ConflictError, NotFoundError
from bot.knowledge import Knowledge
from bot.storage.desk_audit import AuditLog
from bot.storage.desk_board import Board
from bot.storage.desk_figures import Figures
from bot.storage.desk_identities import IdentityStore
from bot.storage.desk_queue import DeskQueue
from bot.storage.desk_tickets import TicketStore
from bot.storage.desk_users import DeskUserStore
from bot.storage.engine import Database
from bot.storage.turns import TurnStore

__all__ = ["Desk", "Hours", "OidcConfig", "RoleRules"]

_FIRST = "admin"


def _now() -> datetime:
    return datetime.now(UTC)


class Desk:
    """Everything under ``/desk/``.

    Args:
        database: where all of it is kept.
        talks: the conversations, for what is said in them.
        knowledge: what callers are answered from.
        today: the day of judgement.
        secret: keys the hashes of cookies and links.
        folder: the built page.
        hours: when visitors can be handed over; None: whenever somebody is there.
        clock: the present, in UTC.
        passwords: how passwords are hashed.
        oidc: the identity provider that people may sign in by; None: by password alone.

    Attributes:
        attendant: its ``handover`` and ``forget`` are called by the conversations, its
            ``run`` is a task of the service.
    """

    def __init__(
        self,
        database: Database,
        talks: Talks,
        knowledge: Knowledge,
        today: Callable[[], date],
        secret: bytes,
        folder: Path,
        *,
        hours: Hours | None = None,
        clock: Callable[[], datetime] = _now,
        passwords: Passwords | None = None,
        oidc: OidcConfig | None = None,
    ) -> None:
        users, audit = DeskUserStore(database), AuditLog(database)
        identities = IdentityStore(database)
        queue, tickets = DeskQueue(database), TicketStore(database)
        figures, board = Figures(database), Board(database)
        sign_in = SignIn(users, audit, secret, clock, passwords)
        door = Door(sign_in)
        self._users, self._sign_in, self._clock = users, sign_in, clock
        self._queue, self._identities = queue, identities
        self._flow = None
        if oidc is not None:
            self._flow = OidcFlow(oidc, sign_in, users, identities, audit, secret, clock)
        self._figures, self._pages = figures, Pages(folder)
        reminders = Reminders(tickets, clock)
        self._live = Live(database, queue, users, reminders, sign_in, door, clock)
        self.attendant = Attendant(queue, talks, knowledge, clock, hours)
        turns = TurnStore(database)
        self._routes = (
            EntryApi(sign_in, door, None if oidc is None else oidc.label),
            PeopleApi(sign_in, users, identities, audit, door, knowledge, today, clock),
            CallerApi(knowledge, today, door),
            TalksApi(queue, talks, turns, users, audit, door, knowledge, today, clock),
            RemindersApi(reminders, door),
            TicketsApi(tickets, queue, users, audit, door, knowledge, clock),
            BoardApi(board, audit, door, knowledge, clock),
            FiguresApi(figures, audit, door, knowledge, today, clock),
            LearnApi(figures, door, knowledge, today, clock),
        )

    def operations(self) -> list[Operation]:
        """The routes that take and give JSON."""
        return [operation for api in self._routes for operation in api.operations()]

    def add_to(self, app: web.Application) -> None:
        """The page and the live connection."""
        self._pages.add_to(app)
        app.router.add_get("/desk/api/ws", self._live.serve)
        if self._flow is not None:
            self._flow.add_to(app)
        app.on_shutdown.append(self._hang_up)

    async def first_link(self) -> str | None:
        """The path of a link that sets the administrator's password, while nobody has one.

        Good once, for a day; each call makes the link before it worthless. To be shown to
        whoever starts the service, never to be logged.

        Raises:
            StorageError: the database is away.
        """
        users = await self._users.all()
        if any(user.password is not None for user in users):
            return None
        # Whoever the identity provider answers for comes in by it alone.
        vouched = {one.user_id for one in await self._identities.all() if one.linked}
        administrators = [
            user for user in users if user.role == "administrator" and user.id not in vouched
        ]
        try:
            first = (
                administrators[0]
                if administrators
                else await self._users.add(_FIRST, "管理员", "administrator", self._clock())
            )
        except ConflictError:  # another process was quicker
            first = await self._users.by_name(_FIRST)
        return link_path(await self._sign_in.make_link(first, "-"))

    async def place_of(self, key: str) -> int | None:
        """The place of a conversation among those that wait for a person; None: it does not."""
        return await self._queue.place(key)

    async def name_of(self, name: str) -> str:
        """What the user is called who signs in by a name; visitors see that."""
        try:
            return (await self._users.by_name(name)).display
        except NotFoundError:
            return "工作人员"

    async def feedback(self, key: str, turn_id: str, value: str, reason: str) -> bool:
        """Keep what a person thinks of a turn: ``up``, ``down``, or ``cancelled``.

        False where there is no such turn in the conversation of that key.
        """
        return await self._figures.keep_feedback(key, turn_id, value, reason, self._clock())

    async def feedback_at(self, key: str, position: int, value: str, reason: str) -> bool:
        """The same for whatever turn an entry of the conversation answers."""
        turn_id = await self._figures.turn_at(key, position)
        return turn_id is not None and await self.feedback(key, turn_id, value, reason)

    async def _hang_up(self, app: web.Application) -> None:
        await self._live.close()

"""The supervisor's figures: load, waiting, who answered, what was asked; by day and channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from bot.api.http import Operation, json_response, read_query
from bot.clock import SHANGHAI
from bot.desk.access import Door
from bot.desk.masking import write_csv
from bot.desk.schemas import Day
from bot.errors import RequestError
from bot.knowledge import Knowledge
from bot.policies.model import Snapshot
from bot.storage.desk_audit import AuditLog
from bot.storage.desk_figures import Asked, Figures, Written
from bot.storage.desk_users import DeskUser

__all__ = ["FiguresApi", "misses_of", "outcome_of"]

_LONGEST = 92  # days of one report
_TOP = 15
_ERRORS = (400, 401, 403, 422)
_MISS = "nothing."
_TELLING = 4  # characters of an opening that tell it from others
_ANSWERS = frozenset({"policy_answer", "policy_list", "eligibility_result", "eligibility_question"})

Outcome = Literal["by_bot", "unsure", "unanswered", "handed_over", "by_person", "failed"]


class Period(BaseModel):
    """First and last day of a report; default the last seven."""

    model_config = ConfigDict(extra="forbid")
    since: Day | None = None
    until: Day | None = None


class Row(BaseModel):
    """One day and channel; ``waited`` is the median of seconds until a person accepted."""

    day: date
    channel: str
    conversations: int
    questions: int
    by_bot: int
    unsure: int
    unanswered: int
    handed_over: int
    by_person: int
    liked: int
    disliked: int
    seconds: float | None = Field(description="机器人答复用时的中位数")


class Counted(BaseModel):
    """Something and how often."""

    name: str
    count: int


class Report(BaseModel):
    """All figures of a period."""

    since: date
    until: date
    rows: list[Row]
    accepted: int
    waited: float | None = Field(description="等人工的中位数，秒")
    longest_wait: float | None
    tickets: int
    open_tickets: int
    satisfaction: float | None
    by_kind: list[Counted]
    most_asked: list[Counted]
    unanswered: list[Counted]


class FiguresApi:
    """Figures for supervisors."""

    def __init__(
        self,
        figures: Figures,
        audit: AuditLog,
        door: Door,
        knowledge: Knowledge,
        today: Callable[[], date],
        clock: Callable[[], datetime],
    ) -> None:
        self._figures, self._audit, self._door = figures, audit, door
        self._knowledge, self._today, self._clock = knowledge, today, clock

    def operations(self) -> list[Operation]:
        """The routes."""
        guard = self._door.guard
        return [
            Operation(
                "GET",
                "/desk/api/figures",
                guard(self.report, "supervisor", "administrator"),
                "统计",
                Report,
                query=Period,
                errors=_ERRORS,
            ),
            Operation(
                "GET",
                "/desk/api/figures.csv",
                guard(self.table, "supervisor", "administrator"),
                "统计表",
                {"type": "string"},
                query=Period,
                errors=_ERRORS,
                content_type="text/csv",
            ),
        ]

    async def report(self, request: web.Request, user: DeskUser) -> web.Response:
        """The figures of a period."""
        return json_response(await self._report(request))

    async def table(self, request: web.Request, user: DeskUser) -> web.Response:
        """The figures by day and channel, as a table."""
        report = await self._report(request)
        await self._audit.write(
            user.name, "figures_exported", self._clock(), {"rows": len(report.rows)}
        )
        phrases = self._knowledge.current.snapshot.phrases
        names = list(Row.model_fields)
        header = [phrases(f"desk.figure.{name}") for name in names]
        rows = ([getattr(row, name) for name in names] for row in report.rows)
        return web.Response(
            body=write_csv(header, rows),
            content_type="text/csv",
            charset="utf-8",
            headers={"Content-Disposition": 'attachment; filename="figures.csv"'},
        )

    async def _report(self, request: web.Request) -> Report:
        period = read_query(request, Period)
        until = period.until or self._clock().astimezone(SHANGHAI).date()
        since = period.since or until - timedelta(days=6)
        if not 0 <= (until - since).days < _LONGEST:
            raise RequestError(
                422, "bad_period", f"时间应在{_LONGEST}天以内，先后不能颠倒", "since"
            )
        start, end = _midnight(since), _midnight(until + timedelta(days=1))
        asked = await self._figures.asked(start, end)
        tickets = await self._figures.tickets(start, end)
        done = await self._figures.done(["talk_accepted"], start, end)
        waits = [detail["waited"] for _, _, detail in done if "waited" in detail]
        marks = [ticket.satisfaction for ticket in tickets if ticket.satisfaction is not None]
        snapshot = self._knowledge.current.snapshot
        misses = misses_of(snapshot)
        return Report(
            since=since,
            until=until,
            rows=_rows(asked, misses),
            accepted=len(done),
            waited=median(waits) if waits else None,
            longest_wait=max(waits) if waits else None,
            tickets=len(tickets),
            open_tickets=sum(ticket.closed_at is None for ticket in tickets),
            satisfaction=round(sum(marks) / len(marks), 2) if marks else None,
            by_kind=_kinds(tickets, snapshot),
            most_asked=_counted(filter(None, (_subject(one, snapshot) for one in asked))),
            unanswered=_counted(
                one.text for one in asked if outcome_of(one, misses) in {"unanswered", "failed"}
            ),
        )


def misses_of(snapshot: Snapshot) -> tuple[str, ...]:
    """How the sentences begin by which the bot says that it found nothing."""
    phrases = snapshot.phrases
    keys = sorted(key for key in phrases.keys() if key.startswith(_MISS))  # noqa: SIM118
    openings = (phrases.raw(key).split("{")[0] for key in keys)
    return tuple(opening for opening in openings if len(opening) >= _TELLING)


def outcome_of(asked: Asked, misses: tuple[str, ...]) -> Outcome:
    """What became of a question.

    Args:
        misses: see :func:`misses_of`.
    """
    if asked.state == "failed":
        return "failed"
    types = {reply["custom"]["type"] for reply in asked.replies}
    if not types:
        return "by_person"
    if "handoff" in types:
        return "handed_over"
    if types & _ANSWERS:
        return "by_bot"
    if "clarify" in types:
        return "unsure"
    missed = any(reply["text"].startswith(misses) for reply in asked.replies)
    return "unanswered" if missed else "by_bot"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _rows(asked: Sequence[Asked], misses: tuple[str, ...]) -> list[Row]:
    groups: dict[tuple[date, str], list[Asked]] = {}
    for one in asked:
        day = one.received_at.astimezone(SHANGHAI).date()
        groups.setdefault((day, one.channel), []).append(one)
    return [_row(day, channel, group, misses) for (day, channel), group in sorted(groups.items())]


def _row(day: date, channel: str, group: Sequence[Asked], misses: tuple[str, ...]) -> Row:
    outcomes = Counter(outcome_of(one, misses) for one in group)
    took = [
        (one.answered_at - one.received_at).total_seconds()
        for one in group
        if one.answered_at is not None and one.replies
    ]
    return Row(
        day=day,
        channel=channel,
        conversations=len({one.conversation_id for one in group}),
        questions=len(group),
        by_bot=outcomes["by_bot"],
        unsure=outcomes["unsure"],
        unanswered=outcomes["unanswered"] + outcomes["failed"],
        handed_over=outcomes["handed_over"],
        by_person=outcomes["by_person"],
        liked=sum(one.feedback == "up" for one in group),
        disliked=sum(one.feedback == "down" for one in group),
        seconds=round(median(took), 2) if took else None,
    )


def _subject(asked: Asked, snapshot: Snapshot) -> str | None:
    """What a question turned out to be about: a programme, else the first clause cited."""
    for reply in asked.replies:
        programme = reply["custom"].get("programme")
        if programme:
            return str(programme["name"])
        for clause in reply["custom"].get("clauses") or ():
            known = snapshot.clauses.get(clause["clause_id"])
            if known is not None:
                return known.caption
    return None


def _kinds(tickets: Sequence[Written], snapshot: Snapshot) -> list[Counted]:
    return _counted(snapshot.phrases(f"desk.kind.{ticket.kind}") for ticket in tickets)


def _counted(names: Iterable[Any]) -> list[Counted]:
    return [Counted(name=name, count=count) for name, count in Counter(names).most_common(_TOP)]

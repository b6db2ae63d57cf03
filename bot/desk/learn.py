"""What to learn from: questions that went wrong, like ones together, each with likely clauses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from aiohttp import web
from pydantic import BaseModel

from bot.api.http import Operation, json_response, read_query
from bot.api.models import NoQuery
from bot.desk.access import Door
from bot.desk.figures import misses_of, outcome_of
from bot.knowledge import Knowledge, Loaded
from bot.policies.search import Search
from bot.storage.desk_figures import Asked, Figures
from bot.storage.desk_users import DeskUser

__all__ = ["Group", "LearnApi", "group_alike"]

Reason = Literal["unanswered", "unsure", "handed_over", "disliked"]

_DAYS = 30
_GROUPS = 50
_EXAMPLES = 5
_LOOKED_AT = 1000  # questions, the latest
_ALIKE = 0.5  # share of their weight that two questions have in common
_WRONG: Mapping[str, Reason] = {
    "unanswered": "unanswered",
    "failed": "unanswered",
    "unsure": "unsure",
    "handed_over": "handed_over",
}


class Suggested(BaseModel):
    """A clause that may be meant."""

    clause_id: str
    caption: str


class LearnGroup(BaseModel):
    """Questions that ask alike, the commonest first."""

    question: str
    count: int
    reasons: dict[str, int]
    examples: list[str]
    suggested: list[Suggested]


class LearnList(BaseModel):
    """What went wrong lately."""

    since: date
    items: list[LearnGroup]


@dataclass
class Group:
    """Questions that ask alike, while they are gathered."""

    features: Mapping[str, float]
    questions: list[str] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)


class LearnApi:
    """The list that editors and supervisors learn from."""

    def __init__(
        self,
        figures: Figures,
        door: Door,
        knowledge: Knowledge,
        today: Callable[[], date],
        clock: Callable[[], datetime],
    ) -> None:
        self._figures, self._door, self._knowledge = figures, door, knowledge
        self._today, self._clock = today, clock

    def operations(self) -> list[Operation]:
        """The route."""
        return [
            Operation(
                "GET",
                "/desk/api/learn",
                self._door.guard(self.list, "editor", "supervisor", "administrator"),
                "没答好的问题",
                LearnList,
                query=NoQuery,
                errors=(400, 401, 403, 422),
            )
        ]

    async def list(self, request: web.Request, user: DeskUser) -> web.Response:
        """What went wrong in the last month, like questions together."""
        read_query(request, NoQuery)
        now = self._clock()
        asked = await self._figures.asked(now - timedelta(days=_DAYS), now)
        misses = misses_of(self._knowledge.current.snapshot)
        wrong = [(one, reason) for one in asked if (reason := _reason(one, misses)) is not None]
        day = self._today()
        items = await self._knowledge.run(lambda loaded: _listed(wrong[:_LOOKED_AT], loaded, day))
        return json_response(LearnList(since=(now - timedelta(days=_DAYS)).date(), items=items))


def _reason(asked: Asked, misses: tuple[str, ...]) -> Reason | None:
    if asked.feedback == "down":
        return "disliked"
    return _WRONG.get(outcome_of(asked, misses)) if asked.text else None


def _listed(wrong: Sequence[tuple[Asked, str]], loaded: Loaded, day: date) -> list[LearnGroup]:
    groups = group_alike([(asked.text, reason) for asked, reason in wrong], loaded.search)
    return [
        LearnGroup(
            question=group.questions[0],
            count=len(group.questions),
            reasons=group.reasons,
            examples=list(dict.fromkeys(group.questions))[:_EXAMPLES],
            suggested=[
                Suggested(clause_id=hit.clause.id, caption=hit.clause.caption)
                for hit in loaded.search.find(group.questions[0], day, 3, mode="lexical").hits
            ],
        )
        for group in groups[:_GROUPS]
    ]


def group_alike(questions: Sequence[tuple[str, str]], search: Search) -> list[Group]:
    """Gather questions that have half their weight in common; the largest group first.

    Args:
        questions: each with the reason why it is on the list.
        search: weighs the words.
    """
    groups: list[Group] = []
    for text, reason in questions:
        features = search.weigh(search.read(text))
        group = next((one for one in groups if _likeness(one.features, features) >= _ALIKE), None)
        if group is None:
            group = Group(features)
            groups.append(group)
        group.questions.append(text)
        group.reasons[reason] = group.reasons.get(reason, 0) + 1
    return sorted(groups, key=lambda one: -len(one.questions))


def _likeness(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    common = sum(min(weight, other[key]) for key, weight in one.items() if key in other)
    both = sum(one.values()) + sum(other.values()) - common
    return common / both if both else 0.0

"""What the parts of the interface share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict
from pydantic import StringConstraints as Constraints

__all__ = [
    "Day",
    "Done",
    "EventRecord",
    "Facts",
    "In",
    "Lines",
    "Moment",
    "Name",
    "NoteBody",
    "Said",
    "Secret",
]


def _words(value: str) -> str:
    if any((ord(c) < 32 and c not in "\n\t") or 0xD800 <= ord(c) < 0xE000 for c in value):
        raise ValueError("含有控制字符或无效字符")
    return value.strip()


def _iso_day(value: str | None) -> str | None:
    if value is not None and len(value) != 10:
        raise ValueError("应为 YYYY-MM-DD 形式的日期")
    return value


def _written(value: object) -> object:
    if value is not None and not isinstance(value, str):
        raise ValueError("应为带时区的时间")
    return value


def _plausible(value: datetime) -> datetime:
    if not 2000 < value.year < 2200:
        raise ValueError("应为带时区的时间")
    return value


# A text of several lines, which may be empty.
Lines = Annotated[str, Constraints(max_length=4000, strict=True), AfterValidator(_words)]
Said = Annotated[
    str, Constraints(min_length=1, max_length=4000, strict=True), AfterValidator(_words)
]
Secret = Annotated[str, Constraints(min_length=1, max_length=200, strict=True)]
Day = Annotated[date, BeforeValidator(_iso_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_plausible)]
Facts = dict[str, bool | int | float | str | None]
Name = Annotated[str, Constraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,31}$", strict=True)]


class In(BaseModel):
    """What comes in: no field that is not known."""

    model_config = ConfigDict(extra="forbid")


class Done(BaseModel):
    """It is done."""

    ok: Literal[True] = True


class EventRecord(BaseModel):
    """What was done with a ticket, or a private note."""

    at: datetime
    who: str
    what: str
    text: str


class NoteBody(In):
    """A note."""

    text: Said

"""``wence desk``: users without the desk's own page; ``wence kb proposals``: what editors took."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bot.desk import Desk
from bot.desk.people import link_path
from bot.desk.signin import SignIn
from bot.errors import SettingsError
from bot.policies.loader import check
from bot.settings import Settings
from bot.storage import migrate
from bot.storage.bus import Bus
from bot.storage.desk_audit import AuditLog
from bot.storage.desk_board import Board, Proposal
from bot.storage.desk_users import DeskUser, DeskUserStore, Role
from bot.storage.engine import Database, open_database

__all__ = ["add_user", "first_link", "new_link", "write_proposals"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
T = TypeVar("T")
Work = Callable[[DeskUserStore], Awaitable[DeskUser]]


def add_user(settings: Settings, secret: bytes, name: str, display: str, role: Role) -> int:
    """A new user, and the link by which they set their password."""
    if _NAME.fullmatch(name) is None:
        raise SettingsError("用户名应为 2 到 32 位小写字母、数字、点、横线")
    if not display.strip() or len(display) > 30:
        raise SettingsError("显示的名字应为 1 到 30 个字")

    async def add(users: DeskUserStore) -> DeskUser:
        return await users.add(name, display.strip(), role, _now())

    return _show_link(settings, secret, add)


def new_link(settings: Settings, secret: bytes, name: str, *, reset_code: bool) -> int:
    """A new link for a user; with ``reset_code`` the second factor is set up anew as well."""

    async def find(users: DeskUserStore) -> DeskUser:
        user = await users.by_name(name)
        if reset_code:
            await users.change(user.id, totp=None, totp_step=0)
        return user

    return _show_link(settings, secret, find)


class _Nothing:
    """Stands for a database that is never asked."""

    bus = Bus()


def first_link(settings: Settings, secret: bytes) -> str | None:
    """The address that sets the administrator's password, while nobody has one; else None.

    For the program that a person starts: it shows the address and logs it nowhere.
    """
    nothing: Any = _Nothing()

    async def make(database: Database) -> str | None:
        desk = Desk(database, nothing, nothing, lambda: _now().date(), secret, Path())
        return await desk.first_link()

    path = asyncio.run(_with_database(settings, make))
    return None if path is None else f"{settings.address}{path}"


def write_proposals(settings: Settings) -> int:
    """Write what editors accepted to policies_kb/questions/proposed.yml.

    Where the knowledge base would be faulty with it, nothing is changed.
    """
    root = settings.root / "policies_kb"
    target = root / "questions" / "proposed.yml"

    async def write(database: Database) -> tuple[int, list[str]]:
        board = Board(database)
        accepted = await board.proposals("accepted")
        faults = await asyncio.to_thread(_add_questions, root, target, accepted)
        if not faults:
            await board.written([proposal.id for proposal in accepted])
        return len(accepted), faults

    count, faults = asyncio.run(_with_database(settings, write))
    if faults:
        print("加上这些问句，知识库会有误，没有写入：", *faults, sep="\n")
        return 1
    print(f"写入 {count} 个问句到 {target.relative_to(settings.root)}。")
    if count:
        print("请运行 wence kb vectors 和 wence kb check，问句多时还有 wence kb learn；")
        print("看过改动后提交。")
    return 0


def _add_questions(root: Path, target: Path, accepted: Sequence[Proposal]) -> list[str]:
    """Add the questions to the file; what is wrong with that, which is then undone."""
    if not accepted:
        return []
    before = target.read_text("utf-8") if target.is_file() else None
    table: dict[str, list[str]] = (yaml.safe_load(before) if before else {"clauses": {}})["clauses"]
    for proposal in accepted:
        rows = table.setdefault(proposal.clause_id, [])
        if proposal.question not in rows:
            rows.append(proposal.question)
    target.write_text(_as_yaml(table), "utf-8")
    faults = check(root)
    if faults and before is None:
        target.unlink()
    elif faults and before is not None:
        target.write_text(before, "utf-8")
    return faults


def _as_yaml(table: Mapping[str, Sequence[str]]) -> str:
    lines = ["# Questions proposed at the desk and accepted by an editor.", "clauses:"]
    for clause_id, questions in sorted(table.items()):
        lines.append(f"  {clause_id}:")
        lines += [f"    - {json.dumps(question, ensure_ascii=False)}" for question in questions]
    return "\n".join(lines) + "\n"


def _show_link(settings: Settings, secret: bytes, work: Work) -> int:
    async def make(database: Database) -> str:
        users, audit = DeskUserStore(database), AuditLog(database)
        user = await work(users)
        return link_path(await SignIn(users, audit, secret, _now).make_link(user, "-"))

    path = asyncio.run(_with_database(settings, make))
    print(f"请本人在 24 小时内打开这个链接设置密码，只能用一次：\n{settings.address}{path}")
    return 0


async def _with_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    database = await open_database(settings.database_url)
    try:
        await migrate.upgrade(database)
        return await work(database)
    finally:
        await database.close()


def _now() -> datetime:
    return datetime.now(UTC)

"""``wence desk`` and ``wence kb proposals`` as functions; the contract of the page."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import desk
from bot.errors import ConflictError, NotFoundError, SettingsError
from bot.policies.loader import check
from bot.settings import Settings, project_root
from bot.storage.desk_board import Board
from bot.storage.desk_users import DeskUserStore
from bot.storage.engine import open_database
from tests.desk.conftest import SECRET
from tests.support.service import service_settings

NOW = datetime(2026, 11, 20, tzinfo=UTC)
CLAUSE = "jcgjs-2025-1.cs106"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return service_settings(tmp_path, "http://127.0.0.1:1")


def test_a_user_is_added_and_gets_a_link(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.add_user(settings, SECRET, "wang", "小王", "operator") == 0
    assert "/desk/#/password/" in capsys.readouterr().out
    with pytest.raises(ConflictError):
        desk.add_user(settings, SECRET, "wang", "小王", "operator")
    assert desk.new_link(settings, SECRET, "wang", reset_code=True) == 0
    with pytest.raises(NotFoundError):
        desk.new_link(settings, SECRET, "li", reset_code=False)
    for name, display in (("W", "x"), ("a b", "x"), ("li", " "), ("li", "长" * 31)):
        with pytest.raises(SettingsError):
            desk.add_user(settings, SECRET, name, display, "operator")


def test_the_first_link_is_made_while_nobody_has_a_password(settings: Settings) -> None:
    link = desk.first_link(settings, SECRET)
    assert link is not None and link.startswith(f"{settings.address}/desk/#/password/")

    async def set_password() -> None:
        database = await open_database(settings.database_url)
        users = DeskUserStore(database)
        await users.change((await users.by_name("admin")).id, password="$argon2id$…")
        await database.close()

    asyncio.run(set_password())
    assert desk.first_link(settings, SECRET) is None


async def propose(settings: Settings, *questions: tuple[str, str]) -> None:
    database = await open_database(settings.database_url)
    board = Board(database)
    for clause_id, question in questions:
        await board.propose("wang", clause_id, question, NOW)
    for proposal in await board.proposals("open"):
        await board.settle_proposal(proposal.id, True, "ed", NOW)
    await database.close()


async def states(settings: Settings) -> list[str]:
    database = await open_database(settings.database_url)
    found = [proposal.state for proposal in await Board(database).proposals()]
    await database.close()
    return found


def test_accepted_questions_are_written_to_the_files(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "project"
    shutil.copytree(
        project_root() / "policies_kb",
        root / "policies_kb",
        ignore=shutil.ignore_patterns("vectors", "encoder", "sources"),
    )
    settings = dataclasses.replace(settings, root=root)
    target = root / "policies_kb" / "questions" / "proposed.yml"
    assert desk.write_proposals(settings) == 0 and not target.exists()
    asyncio.run(propose(settings, (CLAUSE, '头一回进"规"给不给钱: #1')))
    assert desk.write_proposals(settings) == 0
    assert check(root / "policies_kb") == []
    assert json.dumps('头一回进"规"给不给钱: #1', ensure_ascii=False) in target.read_text("utf-8")
    assert asyncio.run(states(settings)) == ["written"]
    # A fault leaves the files and the proposals as they were.
    before = target.read_text("utf-8")
    asyncio.run(propose(settings, ("no.such.clause", "问什么")))
    assert desk.write_proposals(settings) == 1
    assert target.read_text("utf-8") == before
    assert sorted(asyncio.run(states(settings))) == ["accepted", "written"]
    assert "没有这一条" in capsys.readouterr().out

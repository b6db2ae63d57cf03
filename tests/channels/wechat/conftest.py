"""The channel at work, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.channels.wechat import Patience
from bot.knowledge import Knowledge
from bot.settings import project_root
from bot.storage.engine import Database
from tests.channels.wechat.world import World, opened


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return Knowledge(project_root() / "policies_kb")


@pytest_asyncio.fixture
async def world(database: Database, knowledge: Knowledge, tmp_path: Path) -> AsyncIterator[World]:
    """In safe mode; the platform is patient."""
    async with opened(database, knowledge, tmp_path) as at_work:
        yield at_work


@pytest_asyncio.fixture
async def hasty(database: Database, knowledge: Knowledge, tmp_path: Path) -> AsyncIterator[World]:
    """In safe mode; answers are waited for half a second only, rests go out at once."""
    patience = Patience(answer=0.5, latest=20.0, silence=0.6)
    async with opened(database, knowledge, tmp_path, patience=patience, hold=0.0) as at_work:
        yield at_work

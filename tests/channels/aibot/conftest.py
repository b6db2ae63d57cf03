"""What the tests of this channel share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
import pytest_asyncio

from bot.knowledge import Knowledge
from bot.settings import project_root
from bot.storage.engine import Database
from tests.channels.aibot.world import callback_world
from tests.conftest import MakeUrl


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return Knowledge(project_root() / "policies_kb")


@pytest.fixture
def database_url(request: pytest.FixtureRequest, make_url: MakeUrl) -> str:
    """The URL of an empty database: SQLite, or both for the tests that ask for it."""
    return make_url(getattr(request, "param", "sqlite"))


@pytest_asyncio.fixture
async def world(database: Database, knowledge: Knowledge) -> AsyncIterator[SimpleNamespace]:
    async with callback_world(database, knowledge) as made:
        yield made

"""The real knowledge base, loaded once."""

from __future__ import annotations

from datetime import date

import pytest

from bot.policies.answer import Assistant
from bot.policies.loader import load
from bot.policies.model import Snapshot
from bot.policies.search import Search
from bot.settings import project_root

DAY = date(2026, 11, 21)


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    return load(project_root() / "policies_kb")


@pytest.fixture(scope="session")
def search(snapshot: Snapshot) -> Search:
    return Search(snapshot)


@pytest.fixture(scope="session")
def assistant(search: Search) -> Assistant:
    return Assistant(search)


@pytest.fixture
def day() -> date:
    return DAY

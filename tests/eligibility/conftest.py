"""The knowledge base of the project, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.policies.loader import load
from bot.policies.model import Snapshot


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    return load(Path(__file__).resolve().parents[2] / "policies_kb")

"""Settings for a service that is served inside a test, and one knowledge base for all of them."""

from __future__ import annotations

import dataclasses
import functools
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot import app, knowledge
from bot.settings import Settings

__all__ = ["service_settings", "share_knowledge"]

_load_once = functools.cache(knowledge.load_knowledge)
_open_once = functools.cache(knowledge.encoder_of)


def share_knowledge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every service started from here on use one index: it never changes."""
    monkeypatch.setattr(app, "encoder_of", _open_once)
    monkeypatch.setattr(knowledge, "load_knowledge", _load_once)


def service_settings(folder: Path, rasa_url: str, **changes: Any) -> Settings:
    """Free ports, data in a folder of its own, a fixed day, and nothing from the environment."""
    fixed: dict[str, Any] = {
        "port": 0,
        "rasa_urls": (rasa_url,),
        "var_dir": folder,
        "database_url": f"sqlite:///{folder / 'wence.db'}",
        "today": date(2026, 11, 21),
    }
    return dataclasses.replace(Settings.load({}, folder / "none.env"), **{**fixed, **changes})

"""Settings for a service that is served inside a test."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

from bot.settings import Settings

__all__ = ["service_settings"]


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

"""A real browser for tests: Debian's Chromium, axe, screenshots that are kept."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bot.settings import project_root

__all__ = ["Watched", "axe", "chromium", "program", "shot"]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOTS = project_root() / "var" / "e2e"
AXE = project_root() / "web" / "node_modules" / "axe-core" / "axe.min.js"


def program() -> str | None:
    """The browser of this machine, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page of which every complaint and every request to elsewhere is remembered."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type == "error" else None,
        )
        home = (address, address.replace("http", "ws", 1), "data:", "blob:")
        self.page.on(
            "request",
            lambda asked: None if asked.url.startswith(home) else self.foreign.append(asked.url),
        )


def axe(page: Page) -> list[tuple[str, str, str]]:
    """What axe finds that is serious or worse: impact, rule, the first element."""
    page.evaluate(AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    return [
        (one["impact"], one["id"], one["nodes"][0]["html"][:200])
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


def shot(page: Page, name: str) -> Path:
    """Keep a picture, named by the state and the width of the window."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    assert page.viewport_size is not None
    path = SHOTS / f"{name}-{page.viewport_size['width']}.png"
    page.screenshot(path=path)
    return path

"""The built desk in a real browser, over a database of its own and the real knowledge base."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from bot.api.eligibility import EligibilityApi
from bot.desk import totp
from bot.knowledge import Knowledge
from bot.settings import project_root
from bot.storage.desk_users import Role
from bot.storage.migrate import upgrade
from tests.conftest import MakeUrl, OpenUrl
from tests.desk.conftest import PASSWORD, TODAY, Clock, House, clock, knowledge, serve_desk

__all__ = ["clock", "knowledge"]

BUILT = project_root() / "web" / "dist" / "desk"
SHOTS = project_root() / "var" / "e2e" / "desk"
AXE = project_root() / "web" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OpenDesk = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture
async def house(
    make_url: MakeUrl, open_url: OpenUrl, knowledge: Knowledge, clock: Clock
) -> AsyncIterator[House]:
    if not (BUILT / "index.html").is_file() or not Path(CHROMIUM).is_file():
        pytest.skip("needs the built page (web/dist/desk) and Chromium")
    database = await open_url(make_url("sqlite"))
    await upgrade(database)
    apis = [EligibilityApi(knowledge, lambda: TODAY)]
    async with serve_desk(database, knowledge, clock, BUILT, apis=apis) as house:
        yield house


@pytest_asyncio.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def open_desk(house: House, chromium: Browser) -> AsyncIterator[OpenDesk]:
    """Opens the desk as somebody, through the door: link, password, second factor.

    A script error or a breach of the page's own policy fails the test.
    """
    faults: list[str] = []
    async with contextlib.AsyncExitStack() as stack:

        async def open_(
            name: str, display: str, role: Role = "operator", width: int = 1280, zoom: int = 1
        ) -> Page:
            context = await chromium.new_context(
                viewport={"width": width // zoom, "height": 900 // zoom},
                device_scale_factor=zoom,
                locale="zh-CN",
                reduced_motion="reduce",
            )
            stack.push_async_callback(context.close)
            await context.grant_permissions(["clipboard-read", "clipboard-write"])
            page = await context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda line: _note(line.type, line.text, faults))
            user = await house.users.add(name, display, role, house.clock())
            token = await house.desk._sign_in.make_link(user, "-")
            await page.goto(f"{house.address}/desk/#/password/{token}")
            await page.get_by_label("新密码").fill(PASSWORD)
            await page.get_by_label("再输一遍").fill(PASSWORD)
            await page.get_by_role("button", name="设置密码").click()
            if role in ("supervisor", "administrator"):
                secret = await page.locator("code").inner_text()
                code = totp.code_at(secret, int(house.clock().timestamp() // totp.STEP))
                await page.get_by_label("验证码").fill(code)
                await shot(page, f"door-{width // zoom}")
                await page.get_by_role("button", name="继续").click()
            await page.get_by_text(f"{display}（").wait_for()
            return page

        yield open_
    assert faults == []


def _note(kind: str, text: str, faults: list[str]) -> None:
    expected = "401" in text or "409" in text
    if kind == "error" and not expected:
        faults.append(text)


async def shot(page: Page, name: str) -> None:
    """A picture for people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


async def out_of_reach(page: Page) -> list[str]:
    """What has to be scrolled for sideways: the page as a whole, or a control beyond its edge.

    A table may scroll within itself; a row of tabs has its own menu for the rest.
    """
    found: list[str] = await page.evaluate(
        """() => {
            const wide = document.documentElement.clientWidth;
            const reach = document.documentElement.scrollWidth;
            const scrolls = (one) =>
                one && (/auto|scroll/.test(getComputedStyle(one).overflowX)
                    || one.matches(".ant-tabs-nav-wrap") || scrolls(one.parentElement));
            const controls = "button, a, input, textarea, summary, [role=tab], [role=switch]";
            const lost = [...document.querySelectorAll(controls)].filter((one) => {
                const place = one.getBoundingClientRect();
                const seen = place.width > 0 && getComputedStyle(one).visibility === "visible";
                return seen && (place.right > wide + 1 || place.left < -1) && !scrolls(one);
            });
            const said = lost.map((one) => one.outerHTML.slice(0, 160));
            return reach > wide ? [`the page is ${reach} wide on ${wide}`, ...said] : said;
        }"""
    )
    return found


async def serious_faults(page: Page) -> list[str]:
    """What axe finds that keeps somebody out: rule and place of each serious fault."""
    await page.evaluate(AXE.read_text("utf-8"))
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {node['target']} {node['html'][:160]}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]

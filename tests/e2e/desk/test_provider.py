"""Signing in by the identity provider, through the page."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from bot.api.eligibility import EligibilityApi
from bot.desk import OidcConfig, RoleRules
from bot.knowledge import Knowledge
from bot.storage.migrate import upgrade
from tests.conftest import MakeUrl, OpenUrl
from tests.desk.conftest import TODAY, Clock, House, serve_desk
from tests.desk.identity_provider import CLIENT, CLIENT_SECRET, IdentityProvider
from tests.e2e.desk.conftest import BUILT, OpenDesk, serious_faults, shot

PAGE = """<!doctype html><html lang="zh-CN"><title>单位帐号</title>
<h1>单位统一认证</h1><a href="{back}">以王小明的身份登录</a></html>"""
ROLES = RoleRules.parse("groups: wence-chiefs=supervisor, wence-operators=operator")


@pytest_asyncio.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    provider = IdentityProvider()
    provider.page = PAGE
    async with TestServer(provider.app()) as server:
        # Another site than the desk's: the browser keeps their cookies apart.
        provider.issuer = f"http://localhost:{server.port}"
        yield provider


@pytest_asyncio.fixture
async def house(
    make_url: MakeUrl,
    open_url: OpenUrl,
    knowledge: Knowledge,
    clock: Clock,
    provider: IdentityProvider,
) -> AsyncIterator[House]:
    if not (BUILT / "index.html").is_file():
        pytest.skip("needs the built page (web/dist/desk)")
    database = await open_url(make_url("sqlite"))
    await upgrade(database)

    def configure(address: str) -> OidcConfig:
        provider.redirect = f"{address}/desk/oidc/callback"
        return OidcConfig(provider.issuer, CLIENT, CLIENT_SECRET, ROLES, provider.redirect)

    apis = [EligibilityApi(knowledge, lambda: TODAY)]
    async with serve_desk(database, knowledge, clock, BUILT, configure, apis) as house:
        yield house


async def go_round(page: Page, address: str) -> None:
    await page.goto(f"{address}/desk/")
    await page.get_by_role("link", name="用单位帐号登录").click()
    await page.get_by_role("link", name="以王小明的身份登录").click()


async def test_through_the_provider_and_out_again(
    house: House, provider: IdentityProvider, chromium: Browser
) -> None:
    context = await chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    await page.goto(f"{house.address}/desk/")
    await expect(page.get_by_role("link", name="用单位帐号登录")).to_be_visible()
    await shot(page, "door-provider-1280")
    assert await serious_faults(page) == []
    await go_round(page, house.address)
    await expect(page.get_by_text("王小明（话务员）")).to_be_visible()
    assert page.url == f"{house.address}/desk/"
    await page.reload()
    await expect(page.get_by_text("王小明（话务员）")).to_be_visible()
    await page.get_by_role("button", name="退出").click()
    await expect(page.get_by_label("用户名")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("用户名")).to_be_visible()
    # Going back shows nothing and signs nobody in.
    await page.go_back()
    await page.goto(f"{house.address}/desk/")
    await expect(page.get_by_label("用户名")).to_be_visible()

    provider.person["groups"] = ["staff"]
    await go_round(page, house.address)
    await expect(page.get_by_role("alert")).to_contain_text("没有使用坐席工作台的权限")
    assert page.url == f"{house.address}/desk/"
    await shot(page, "door-refused-1280")
    assert await serious_faults(page) == []

    provider.person["groups"] = ["wence-chiefs"]
    await go_round(page, house.address)
    await expect(page.get_by_text("您的角色需要第二重验证")).to_be_visible()
    provider.person["amr"] = ["pwd", "otp"]
    await context.clear_cookies()
    await go_round(page, house.address)
    await expect(page.get_by_text("王小明（班长）")).to_be_visible()
    await context.close()


async def test_an_administrator_says_who_is_who(
    house: House, provider: IdentityProvider, chromium: Browser, open_desk: OpenDesk
) -> None:
    await open_desk("wang", "小王")
    context = await chromium.new_context(locale="zh-CN")
    page = await context.new_page()
    await go_round(page, house.address)
    await expect(page.get_by_role("alert")).to_contain_text("已有同名的用户")
    root = await open_desk("root", "管理员", "administrator")
    await root.get_by_role("tab", name="用户").click()
    await expect(root.get_by_text("wang 请求关联")).to_be_visible()
    await shot(root, "users-identity-1280")
    assert await serious_faults(root) == []
    await root.get_by_role("button", name="是本人").click()
    await expect(root.get_by_role("button", name="解除")).to_be_visible()
    await go_round(page, house.address)
    await expect(page.get_by_text("小王（话务员）")).to_be_visible()
    await context.close()

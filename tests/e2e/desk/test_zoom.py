"""At 200 % zoom a window of 1280 pixels is 640 wide: nothing is out of reach (WCAG 1.4.10)."""

from __future__ import annotations

import re
from datetime import date

from playwright.async_api import Browser, Locator, Page, expect

from bot.storage.desk_tickets import TicketStore
from tests.desk.conftest import House
from tests.e2e.desk.conftest import OpenDesk, out_of_reach, serious_faults, shot
from tests.e2e.desk.test_desk import ask_for_person, start_receiving

LONG = "我公司去年首次升规，今年又被认定为专精特新企业，请问这两项奖励能不能同时申报" * 3


async def within(page: Page, *controls: Locator) -> None:
    """Each control is seen as a whole, once scrolled down to."""
    assert page.viewport_size is not None
    for control in controls:
        await control.scroll_into_view_if_needed()
        await expect(control).to_be_in_viewport(ratio=0.99)


async def test_the_door(house: House, chromium: Browser) -> None:
    context = await chromium.new_context(
        viewport={"width": 640, "height": 450}, device_scale_factor=2, locale="zh-CN"
    )
    page = await context.new_page()
    await page.goto(f"{house.address}/desk/")
    await within(
        page,
        page.get_by_label("用户名"),
        page.get_by_label("密码"),
        page.get_by_role("button", name="登录"),
    )
    assert await out_of_reach(page) == []
    await context.close()


async def test_every_page_of_the_desk(house: House, open_desk: OpenDesk) -> None:
    page = await open_desk("root", "管理员", "administrator", zoom=2)
    await start_receiving(page)
    await ask_for_person(house, LONG)
    tickets = TicketStore(house.database)
    late = {"topic": LONG, "answer": LONG, "due_on": date(2026, 11, 1)}
    ticket = await tickets.add("root", "phone", late, house.clock())
    button = page.get_by_role("button", name="提醒", exact=True)
    await within(
        page,
        button,
        page.get_by_role("button", name="退出"),
        page.get_by_role("switch", name="接待在线用户"),
        page.get_by_label("来电人的问题"),
    )
    await page.get_by_role("button", name="看提醒").click()
    await page.get_by_role("dialog", name="该办的工单").get_by_text(ticket.number).click()
    detail = page.get_by_role("dialog", name="工单", exact=True)
    await within(
        page,
        detail.get_by_label("期限"),
        detail.get_by_label("回电时间"),
        detail.get_by_role("button", name="办结"),
        detail.get_by_label("备注"),
    )
    assert await out_of_reach(page) == []
    await shot(page, "zoom-ticket-640")
    await page.keyboard.press("Escape")
    await expect(detail).to_be_hidden()

    await page.keyboard.press("Alt+1")
    await page.get_by_label("来电人的问题").fill("首次升规给多少奖励")
    await expect(page.get_by_label("话术卡")).to_contain_text("30万元")
    await check(page, "caller")
    await page.get_by_label("来电人的问题").blur()
    await page.keyboard.press("t")
    form = page.get_by_role("dialog", name="登记工单")
    await within(page, form.get_by_label("诉求"), form.get_by_role("button", name="保存"))
    await check(page, "form")
    await form.get_by_role("button", name="取消").click()
    await expect(form).to_be_hidden()

    await page.keyboard.press("Alt+2")
    await page.get_by_label("对话列表").get_by_role("button", name="网页").click()
    await page.get_by_role("button", name="接待", exact=True).click()
    await page.get_by_label("给用户的答复").fill(LONG)
    await within(
        page,
        page.get_by_label("给用户的答复"),
        page.get_by_role("button", name="发送"),
        page.get_by_role("button", name="结束，交还机器人"),
    )
    await check(page, "talk")
    for place, name, control in (
        (3, "tickets", page.get_by_label("找工单")),
        (4, "board", page.get_by_label("通知", exact=True)),
        (5, "learn", page.get_by_text("近 30 天没答好的问题")),
        (6, "figures", page.get_by_text("按日和渠道")),
        (7, "users", page.get_by_role("button", name="新增")),
    ):
        await page.keyboard.press(f"Alt+{place}")
        await expect(control).to_be_visible()
        await check(page, name)
    await within(page, page.get_by_role("button", name="新增"))
    # The tabs that found no room stand in a menu of their own.
    await page.keyboard.press("Alt+1")
    await page.get_by_role("tab", name="工单").click()
    await expect(page.get_by_label("找工单")).to_be_visible()


async def check(page: Page, name: str) -> None:
    await shot(page, f"zoom-{name}-640")
    assert await out_of_reach(page) == [], name
    assert await serious_faults(page) == [], name


async def test_the_chat(address: str, chromium: Browser) -> None:
    context = await chromium.new_context(
        viewport={"width": 640, "height": 450}, device_scale_factor=2, locale="zh-CN"
    )
    page = await context.new_page()
    await page.goto(f"{address}/chat/")
    start = page.get_by_role("button", name="知道了，开始提问")
    await within(page, start)
    assert await out_of_reach(page) == []
    await start.click()
    composer = page.locator("[data-composer]")
    nobody = re.compile("工单号|没有人工坐席")
    for words, answer in (("首次升规给多少奖励", re.compile("30万元")), ("转人工", nobody)):
        await composer.fill(words)
        await page.keyboard.press("Enter")
        await expect(page.locator(".messages")).to_contain_text(answer, timeout=30_000)
        await expect(composer).to_be_in_viewport(ratio=0.99)
        assert await out_of_reach(page) == []
    await shot(page, "zoom-chat-640")
    assert await serious_faults(page) == []
    await context.close()

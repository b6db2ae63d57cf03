"""The desk as operators use it."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, Route, expect

from bot.storage.turns import TurnStore
from tests.desk.conftest import House
from tests.e2e.desk.conftest import OpenDesk, serious_faults, shot

HANDOFF = [{"text": "请拨打12345", "buttons": [], "custom": {"type": "handoff", "clauses": []}}]


async def ask_for_person(house: House, text: str = "转人工", sender: str = "visitor") -> None:
    await house.hear(text, sender)
    (turn,) = await TurnStore(house.database).history(f"web:{sender}", 1)
    await house.desk.attendant.handover(turn, HANDOFF)


async def start_receiving(page: Page) -> None:
    await page.get_by_role("switch", name="接待在线用户").click()
    await expect(page.get_by_text("开始接待")).to_be_visible()


async def test_a_call_by_keyboard_alone(house: House, open_desk: OpenDesk) -> None:
    page = await open_desk("wang", "小王")
    await page.keyboard.press("/")
    await page.keyboard.type("首次升规给多少奖励", delay=20)
    card = page.get_by_label("话术卡")
    await expect(card.get_by_role("heading", level=2)).to_contain_text("小升规")
    await expect(card.get_by_label("话术")).to_contain_text("30万元")
    await shot(page, "caller-1280")
    await page.keyboard.press("ArrowDown")
    second = page.locator(".result").nth(1)
    await expect(second).to_have_attribute("aria-current", "true")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await page.keyboard.press("c")
    await expect(page.get_by_text("话术已复制")).to_be_visible()
    assert "30万元" in await page.evaluate("navigator.clipboard.readText()")
    await page.keyboard.press("Enter")
    await expect(card.locator(".original")).to_contain_text("小升规")
    # The first question that decides: 所属行业, a choice; answered from the keyboard.
    await page.keyboard.press("1")
    await page.keyboard.type("工业")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("来电企业")).to_contain_text("所属行业：工业")
    await expect(card).to_contain_text("还不能判断")
    await shot(page, "caller-facts-1280")
    assert await serious_faults(page) == []
    await page.keyboard.press("Escape")
    await page.evaluate("document.activeElement?.blur()")
    await page.keyboard.press("t")
    dialogue = page.get_by_role("dialog", name="登记工单")
    await expect(dialogue.get_by_label("诉求")).to_have_value("首次升规给多少奖励")
    await shot(page, "ticket-1280")
    await dialogue.get_by_role("button", name="保存").press("Enter")
    await expect(
        page.get_by_text("工单 20261120-00001").locator("visible=true").first
    ).to_be_visible()
    await page.get_by_role("button", name="知道了").press("Enter")
    await page.keyboard.press("Alt+3")
    await expect(page.get_by_role("button", name="20261120-00001")).to_be_visible()
    await shot(page, "tickets-1280")
    assert await serious_faults(page) == []


async def test_a_visitor_is_taken_over_and_given_back(house: House, open_desk: OpenDesk) -> None:
    wang, li = await open_desk("wang", "小王"), await open_desk("li", "小李")
    await start_receiving(wang)
    evil = "<img src=x onerror=\"document.title='pwned'\">我们厂的奖励呢"
    await house.hear(evil)
    await ask_for_person(house)
    for page in (wang, li):
        await expect(page).to_have_title("（1）问策坐席")
        await page.get_by_role("tab", name="在线接待").click()
        await page.get_by_label("对话列表").get_by_role("button", name="网页").click()
    await shot(wang, "queue-1280")
    # Both have pressed the button before either is heard; one has it, the other is told.
    both = asyncio.Event()

    async def hold(route: Route) -> None:
        await both.wait()
        await route.continue_()

    for page in (wang, li):
        await page.route("**/accept", hold)
        await page.get_by_role("button", name="接待", exact=True).click()
    both.set()
    state = await house.talks.state("web:visitor")
    while state is not None and state.holder is None:
        state = await house.talks.state("web:visitor")
    assert state is not None
    mine, other = (wang, li) if state.holder == "wang" else (li, wang)
    await expect(other.get_by_text("已经有人接了")).to_be_visible()
    log = mine.get_by_label("对话内容")
    await expect(log).to_contain_text(evil)
    await mine.get_by_label("给用户的答复").fill("您好，<b>请稍等</b>")
    await mine.get_by_role("button", name="发送").click()
    await expect(log).to_contain_text("您好，<b>请稍等</b>")
    await house.hear("好的，谢谢")
    await expect(log).to_contain_text("好的，谢谢")
    await mine.get_by_role("button", name="内部备注").click()
    await mine.get_by_label("备注", exact=True).fill("客户着急")
    await mine.get_by_role("button", name="记下").click()
    await expect(log).to_contain_text("客户着急")
    await shot(mine, "talk-1280")
    assert await serious_faults(mine) == []
    await mine.get_by_role("button", name="结束，交还机器人").click()
    await expect(mine.get_by_text("没有人接待")).to_be_visible()
    entries = await house.talks.entries("web:visitor")
    assert any(e.part and e.part["text"] == "您好，<b>请稍等</b>" for e in entries)
    assert await mine.title() == "问策坐席"


async def test_a_supervisor_and_an_administrator(house: House, open_desk: OpenDesk) -> None:
    page = await open_desk("chief", "班长", "supervisor")
    await page.get_by_role("tab", name="通知与纠错").click()
    await page.get_by_label("通知", exact=True).fill("税务系统今晚升级")
    await page.get_by_role("button", name="发布").click()
    await expect(page.get_by_text("紧急通知：税务系统今晚升级")).to_be_visible()
    await shot(page, "board-1280")
    assert await serious_faults(page) == []
    await page.get_by_role("tab", name="统计").click()
    await expect(page.get_by_text("按日和渠道")).to_be_visible()
    await shot(page, "figures-1280")
    assert await serious_faults(page) == []
    await page.get_by_role("tab", name="学习").click()
    await expect(page.get_by_text("近 30 天没答好的问题")).to_be_visible()
    root = await open_desk("root", "管理员", "administrator")
    await root.get_by_role("tab", name="用户").click()
    await expect(root.get_by_role("cell", name="登录", exact=True).first).to_be_visible()
    await shot(root, "users-1280")
    assert await serious_faults(root) == []


async def test_on_a_narrow_screen(house: House, open_desk: OpenDesk) -> None:
    page = await open_desk("wang", "小王", width=375)
    await page.get_by_label("来电人的问题").fill("扩岗补助")
    await expect(page.get_by_label("话术卡")).to_contain_text("已经过期")
    wide = await page.evaluate("document.documentElement.scrollWidth")
    await shot(page, "caller-375")
    assert wide <= 375

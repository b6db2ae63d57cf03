"""What is due comes to its owner: a number, a list, one alert."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import expect

from bot.desk import live
from bot.storage.desk_tickets import TicketStore
from tests.desk.conftest import House
from tests.e2e.desk.conftest import OpenDesk, serious_faults, shot


async def test_a_call_back_at_its_time(
    house: House, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_BEAT", 0.2)
    page = await open_desk("wang", "小王")
    tickets, now = TicketStore(house.database), house.clock()
    await expect(page.get_by_role("button", name="提醒")).to_be_visible()
    soon = {"topic": "核定后回电", "outcome": "call_back", "call_at": now + timedelta(hours=1)}
    call = await tickets.add("wang", "phone", soon, now)
    await tickets.add("li", "phone", {**soon, "topic": "别人的"}, now)
    alert = page.get_by_role("alert").filter(has_text="该回电")
    await expect(alert).to_have_count(0)
    house.clock.pass_by(hours=1)
    await expect(alert).to_contain_text("核定后回电")
    await expect(page.locator(".head .ant-badge-count")).to_have_attribute("title", "1")
    await shot(page, "reminder-1280")
    await alert.get_by_role("button", name="看提醒").click()
    drawer = page.get_by_role("dialog", name="该办的工单")
    await expect(drawer).to_contain_text("该回电")
    await expect(drawer).not_to_contain_text("别人的")
    await shot(page, "reminders-1280")
    assert await serious_faults(page) == []
    # Once is enough: what was heard is not heard again after a reload.
    await page.reload()
    await expect(page.locator(".head .ant-badge-count")).to_have_attribute("title", "1")
    await expect(alert).to_have_count(0)
    # A second one is news again; the list leads to the ticket.
    due = {"topic": "今天要答复", "due_on": now.date()}
    await tickets.add("wang", "phone", due, house.clock())
    await expect(page.get_by_role("alert").filter(has_text="今天到期")).to_be_visible()
    await page.get_by_role("button", name="提醒", exact=True).click()
    await drawer.get_by_role("button", name=call.number).click()
    detail = page.get_by_role("dialog", name="工单", exact=True)
    await expect(detail).to_contain_text("核定后回电")
    await expect(detail.get_by_label("回电时间")).to_have_value("11-20 11:00")
    assert await serious_faults(page) == []
    await detail.get_by_role("button", name="办结").click()
    await expect(page.locator(".head .ant-badge-count")).to_have_attribute("title", "1")

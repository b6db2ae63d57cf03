"""The web chat while the service is killed under it: nothing lost, nothing doubled, in order."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.support.stack import running_stack

INPUT = "[data-composer]"
PATIENCE = 90_000  # ms; a restart of the service takes about ten seconds


def test_a_killed_service_loses_and_doubles_nothing(browser: Browser, tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack, browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        page.goto(f"{stack.address}/chat/")
        page.get_by_role("button", name="知道了，开始提问").click()
        said = page.locator(".entry-person")
        answers = page.locator(".entry-bot:not(.entry-typing)")
        page.fill(INPUT, "小升规奖励多少钱")
        page.keyboard.press("Enter")
        expect(answers).to_have_count(1, timeout=PATIENCE)

        page.fill(INPUT, "归谁管")
        page.keyboard.press("Enter")
        os.kill(stack.pids()["service"], signal.SIGKILL)
        page.fill(INPUT, "怎么申请")
        page.keyboard.press("Enter")
        expect(page.locator(".standing")).to_contain_text("正在重连", timeout=PATIENCE)
        stack.wait_ready()
        expect(page.locator(".standing")).to_be_empty(timeout=PATIENCE)
        expect(said).to_have_count(3)
        # A reply for each; one more for each that was told to take longer.
        expect(answers.nth(2)).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".entry-typing, .state")).to_have_count(0, timeout=PATIENCE)
        words = [one.removeprefix("我问：").strip() for one in said.all_inner_texts()]
        assert words == ["小升规奖励多少钱", "归谁管", "怎么申请"]
        told = page.locator(".messages > li").all_inner_texts()
        page.reload()
        expect(page.locator(".messages > li")).to_have_count(len(told))
        assert [one.splitlines()[:3] for one in told] == [
            one.splitlines()[:3] for one in page.locator(".messages > li").all_inner_texts()
        ]
        ((stored,),) = stack.rows("SELECT count(*) FROM turns")
        assert stored == 3

"""A visitor asks for a person, an operator takes over: both in real browsers, on the real stack."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.settings import project_root
from tests.e2e.browser import shot
from tests.support.stack import TODAY, Stack, running_stack

SLOW = 20_000  # ms
PASSWORD = "correct horse battery 9"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("handover")) as running:
        yield running


def link_for(stack: Stack, name: str, display: str) -> str:
    """The link of a new operator, as the administrator's terminal shows it."""
    shown = subprocess.run(
        [
            str(Path(sys.executable).parent / "wence"),
            *("desk", "add-user", name, "--display", display),
        ],
        cwd=project_root(),
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith("WENCE_")},
            "WENCE_VAR_DIR": str(stack.var_dir),
            "WENCE_PORT": str(stack.port),
            "WENCE_TODAY": TODAY,
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    found = re.search(r"http://\S+", shown)
    assert found is not None, shown
    return found[0]


def sign_in(browser: Browser, link: str, display: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN").new_page()
    page.goto(link)
    page.get_by_label("新密码").fill(PASSWORD)
    page.get_by_label("再输一遍").fill(PASSWORD)
    page.get_by_role("button", name="设置密码").click()
    page.get_by_text(f"{display}（").wait_for()
    return page


def visitor(browser: Browser, stack: Stack) -> Page:
    page = browser.new_context(viewport={"width": 375, "height": 740}, locale="zh-CN").new_page()
    page.goto(f"{stack.address}/chat/")
    page.get_by_role("button", name="知道了，开始提问").click()
    return page


def say(page: Page, words: str) -> None:
    page.fill("[data-composer]", words)
    page.keyboard.press("Enter")
    expect(page.locator(".entry-person").last).to_contain_text(words)


def test_with_nobody_there_the_message_is_taken(browser: Browser, stack: Stack) -> None:
    page = visitor(browser, stack)
    say(page, "转人工")
    expect(page.locator(".messages")).to_contain_text("12345", timeout=SLOW)
    say(page, "稳岗返还还有吗")
    expect(page.locator(".entry-bot:not(.entry-typing)")).to_have_count(2, timeout=SLOW)
    page.context.close()


def test_a_visitor_is_served_by_a_person_and_given_back(browser: Browser, stack: Stack) -> None:
    desk = sign_in(browser, link_for(stack, "wang", "小王"), "小王")
    desk.get_by_role("switch", name="接待在线用户").click()
    expect(desk.get_by_text("开始接待")).to_be_visible()
    page = visitor(browser, stack)
    say(page, "小升规奖励多少钱")
    expect(page.locator(".entry-bot:not(.entry-typing)")).to_have_count(1, timeout=SLOW)
    say(page, "转人工")
    desk.get_by_role("tab", name="在线接待").click()
    waiting = desk.get_by_label("对话列表").get_by_role("button", name="网页")
    waiting.first.click(timeout=SLOW)
    expect(page.locator(".messages")).to_contain_text("您是下一位")
    shot(page, "handover-waiting")
    desk.get_by_role("button", name="接待", exact=True).click()
    log = desk.get_by_label("对话内容")
    expect(log).to_contain_text("小升规奖励多少钱")
    desk.get_by_label("给用户的答复").fill("您好，请问企业在哪个市？")
    desk.get_by_role("button", name="发送").click()
    expect(page.locator(".messages")).to_contain_text("请问企业在哪个市", timeout=SLOW)
    spoken = page.locator(".entry-bot:not(.entry-typing)").count()
    say(page, "在太原，稳岗返还也想问问")
    expect(log).to_contain_text("稳岗返还也想问问", timeout=SLOW)
    expect(page.get_by_text("坐席 小王 正在为您服务")).to_be_visible()
    shot(page, "handover-person")
    shot(desk, "handover-desk")
    # A reload in the middle loses nothing, and the bot stays silent.
    page.reload()
    expect(page.locator(".messages")).to_contain_text("请问企业在哪个市", timeout=SLOW)
    expect(page.locator(".messages")).to_contain_text("在太原，稳岗返还也想问问")
    desk.get_by_label("给用户的答复").fill("好的，这就为您登记。")
    desk.get_by_role("button", name="发送").click()
    expect(page.locator(".messages")).to_contain_text("这就为您登记", timeout=SLOW)
    texts = page.locator(".messages > li").all_inner_texts()
    assert sum("按文件条件" in text for text in texts) == 1
    assert len(texts) > spoken
    desk.get_by_role("button", name="结束，交还机器人").click()
    expect(desk.get_by_text("没有人接待")).to_be_visible()
    say(page, "技改补多少")
    expect(page.locator(".messages > li").last).to_contain_text("出处", timeout=SLOW)
    assert stack.rows("SELECT count(*) FROM turns WHERE state <> 'answered'") == [(0,)]
    page.context.close()
    desk.context.close()

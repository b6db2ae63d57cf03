"""The web chat in a real browser against the real stack, as a visitor meets it."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.channels.web.test_visitors import jwt
from tests.e2e.browser import Watched, axe, shot
from tests.e2e.conftest import PORTAL_SECRET

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 375, "height": 740}
SLOW = 20_000  # ms; an answer takes a fraction of a second, a start of Rasa's threads more
INPUT = "[data-composer]"
Visit = Callable[..., Watched]


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """Opens the chat as somebody new; afterwards nothing was complained of or asked elsewhere."""
    opened: list[tuple[BrowserContext, Watched]] = []

    def open_(size: dict[str, int] = WIDE, agree: bool = True) -> Watched:
        context = browser.new_context(viewport=size, locale="zh-CN")  # type: ignore[arg-type]
        watched = Watched(context, address)
        opened.append((context, watched))
        watched.page.goto(f"{address}/chat/")
        if agree:
            watched.page.get_by_role("button", name="知道了，开始提问").click()
        return watched

    yield open_
    for context, watched in opened:
        context.close()
        assert watched.foreign == []
        assert watched.complaints == []


def answers(page: Page) -> Locator:
    return page.locator(".entry-bot:not(.entry-typing)")


def ask(page: Page, words: str) -> Locator:
    """Say something; the answer, once it is there."""
    before = answers(page).count()
    page.fill(INPUT, words)
    page.keyboard.press("Enter")
    expect(page.locator(".entry-person").last).to_contain_text(words)
    expect(answers(page)).to_have_count(before + 1, timeout=SLOW)
    expect(page.locator(".state")).to_have_count(0)
    return answers(page).nth(before)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_visitor_is_told_asks_and_follows_up(visit: Visit, size: dict[str, int]) -> None:
    page = visit(size, agree=False).page
    expect(page.locator("footer")).to_contain_text("自动问答·依据公开文件整理·以主管部门答复为准")
    expect(page.locator(INPUT)).to_have_count(0)
    assert page.evaluate("localStorage.getItem('wence.token')") is None
    assert axe(page) == []
    shot(page, "widget-privacy")
    page.get_by_role("button", name="知道了，开始提问").click()
    expect(page.locator(".topics li").first).to_be_visible()
    assert axe(page) == []
    shot(page, "widget-start")
    answer = ask(page, "小升规奖励多少钱")
    expect(answer.locator(".badge").first).to_contain_text("文件未载明有效期")
    expect(answer).to_contain_text("30万元")
    expect(answer.locator(".card-head a")).to_have_attribute(
        "href", "/programmes/small_to_scale_award"
    )
    assert axe(page) == []
    shot(page, "widget-answer")
    answer.locator("details.clause > summary").first.click()
    expect(answer.locator("blockquote").first).to_be_visible()
    shot(page, "widget-clause-open")
    listed = ask(page, "有哪些贷款贴息政策")
    expect(listed.locator(".choices li")).to_have_count(5)
    assert axe(page) == []
    shot(page, "widget-list")
    listed.get_by_role("button", name="下一页").click()
    expect(page.locator(".entry-person").last).to_contain_text("下一页")
    expect(answers(page)).to_have_count(3, timeout=SLOW)
    expect(listed.locator(".choices button").first).to_be_disabled()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_an_eligibility_check_goes_on_after_a_reload(visit: Visit, size: dict[str, int]) -> None:
    page = visit(size).page
    ask(page, "小升规奖励")
    before = answers(page).count()
    page.fill(INPUT, "我们能享受吗")
    page.keyboard.press("Enter")
    choice = page.locator(".field select")
    expect(choice).to_be_visible(timeout=SLOW)
    shot(page, "widget-question")
    assert axe(page) == []
    told = page.locator(".messages > li").all_inner_texts()
    page.reload()
    expect(page.locator(".messages > li")).to_have_count(len(told))
    assert page.locator(".messages > li").all_inner_texts() == told
    assert answers(page).count() > before
    page.locator(".field select").select_option("工业")
    page.locator(".field button[type=submit]").click()
    page.get_by_role("button", name="是", exact=True).click(timeout=SLOW)
    for _ in range(4):
        expect(page.locator(".entry-typing, .state")).to_have_count(0, timeout=SLOW)
        if page.locator(".quick-replies").get_by_role("button", name="否", exact=True).count() == 0:
            break
        page.locator(".quick-replies").get_by_role("button", name="否", exact=True).click()
        expect(page.locator(".entry-person").last).to_contain_text("否")
    verdict = answers(page).last
    expect(verdict.locator(".verdict-eligible")).to_be_visible(timeout=SLOW)
    expect(verdict.locator(".pair-strong")).to_contain_text("30万元")
    shot(page, "widget-verdict")
    page.locator(".menu > button").click()
    shot(page, "widget-menu")
    page.get_by_role("button", name="我的企业信息").click()
    expect(page.locator(".profile li").first).to_be_visible()
    assert axe(page) == []
    shot(page, "widget-profile")
    kept = page.locator(".profile li").count()
    page.get_by_role("button", name="删除所属行业").click()
    expect(page.locator(".profile li")).to_have_count(kept - 1)


def test_suggestions_by_keyboard_alone(visit: Visit) -> None:
    page = visit().page
    page.keyboard.press("Tab")
    page.locator(INPUT).focus()
    page.keyboard.type("小升规")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert axe(page) == []
    shot(page, "widget-suggestions")
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    page.keyboard.type("奖")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    chosen = options.first.locator(".suggestion-title").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator(".entry-person").last).to_contain_text(chosen)
    expect(answers(page)).to_have_count(1, timeout=SLOW)


def test_words_stay_words(visit: Visit) -> None:
    page = visit().page
    taken = "document.title='taken'"
    evil = f'<img src=x onerror="{taken}"> <script>{taken}</script>小升规'
    ask(page, evil)
    expect(page.locator(".entry-person").last).to_contain_text("<img src=x")
    assert page.locator(".messages img, .messages script").count() == 0
    assert page.title() != "taken"


def test_an_answer_is_rated_and_corrected(visit: Visit) -> None:
    page = visit().page
    ask(page, "小升规奖励多少钱")
    page.get_by_role("button", name="没用").click()
    assert axe(page) == []
    shot(page, "widget-reason")
    page.get_by_label("内容有误").check()
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".rating")).to_contain_text("谢谢您的评价")
    page.get_by_role("button", name="纠错").click()
    page.get_by_role("button", name="提交").click()
    expect(page.locator("dialog")).to_have_count(0)


def test_forgetting_leaves_nothing(visit: Visit) -> None:
    page = visit().page
    ask(page, "我们是太原的餐饮企业")
    token = page.evaluate("localStorage.getItem('wence.token')")
    page.locator(".menu > button").click()
    page.get_by_role("button", name="忘记我").click()
    page.get_by_role("button", name="删除", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("删除了", timeout=SLOW)
    expect(page.locator(".entry-person")).to_have_count(0)
    page.wait_for_function("old => localStorage.getItem('wence.token') !== old", arg=token)
    page.reload()
    expect(page.locator(".start")).to_be_visible()
    expect(page.locator(".messages > li")).to_have_count(0)


def test_where_no_socket_stays_it_polls(browser: Browser, address: str) -> None:
    with browser.new_context(viewport=WIDE) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.route_web_socket("**/chat/api/ws", lambda socket: socket.close())
        page.goto(f"{address}/chat/")
        page.get_by_role("button", name="知道了，开始提问").click()
        expect(page.locator(".standing")).to_contain_text("备用方式", timeout=SLOW)
        expect(ask(page, "小升规奖励多少钱")).to_contain_text("30万元")


def test_a_lost_network_loses_nothing(visit: Visit) -> None:
    watched = visit()
    page = watched.page
    ask(page, "小升规奖励多少钱")
    page.context.set_offline(True)
    page.fill(INPUT, "归谁管")
    page.keyboard.press("Enter")
    expect(page.locator(".state")).to_contain_text("正在发送")
    page.context.set_offline(False)
    expect(answers(page)).to_have_count(2, timeout=SLOW)
    expect(page.locator(".entry-person")).to_have_count(2)
    watched.complaints.clear()  # the browser's own words about the lost network


def test_the_page_fits_the_smallest_window_and_large_print(visit: Visit) -> None:
    page = visit({"width": 320, "height": 600}).page
    ask(page, "小升规奖励多少钱")
    page.locator(".menu > button").click()
    page.get_by_role("button", name="大字版").click()
    assert page.evaluate("document.documentElement.classList.contains('large')")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320
    assert axe(page) == []
    shot(page, "widget-large")
    page.reload()
    assert page.evaluate("document.documentElement.classList.contains('large')")


def test_print_shows_the_line_and_every_word(visit: Visit) -> None:
    page = visit().page
    ask(page, "小升规奖励多少钱")
    page.emulate_media(media="print")
    page.evaluate(
        "window.print = () => { window.opened = document.querySelectorAll('details[open]').length }"
    )
    page.emulate_media(media="screen")
    page.locator(".menu > button").click()
    page.get_by_role("button", name="打印或存为PDF").click()
    assert page.evaluate("window.opened") == page.locator("details").count()
    page.emulate_media(media="print")
    expect(page.locator("footer")).to_be_visible()
    expect(page.locator(".composer")).to_be_hidden()
    with page.expect_download() as downloading:
        page.emulate_media(media="screen")
        page.locator(".menu > button").click()
        page.get_by_role("button", name="下载对话").click()
    text = Path(downloading.value.path()).read_text("utf-8-sig")
    assert "自动问答·依据公开文件整理·以主管部门答复为准" in text
    assert "小升规奖励多少钱" in text
    assert "30万元" in text


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/clauses/jf-2021-67.20", "晋发〔2021〕67号 第20条"),
        ("/programmes/small_to_scale_award", "首次“小升规”工业企业奖励"),
    ],
)
def test_shared_links_open_pages_for_people(
    browser: Browser, address: str, size: dict[str, int], path: str, words: str
) -> None:
    with browser.new_context(viewport=size) as context:  # type: ignore[arg-type]
        watched = Watched(context, address)
        answer = watched.page.goto(address + path)
        assert answer is not None
        assert answer.status == 200
        expect(watched.page.locator("h1")).to_have_text(words)
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert axe(watched.page) == []
        shot(watched.page, f"page-{path.split('/')[1]}")
        assert (watched.foreign, watched.complaints) == ([], [])
        missing = watched.page.goto(f"{address}{path}-none")
        assert missing is not None
        assert missing.status == 404


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is its own."""


@pytest.fixture
def portal(address: str, tmp_path: Path) -> Iterator[str]:
    """A page of another origin with the one line in it, and a signed word on the firm."""
    now = time.time()
    token = jwt({"iat": now, "exp": now + 300, "facts": {"city": "datong"}}, PORTAL_SECRET.encode())
    (tmp_path / "index.html").write_text(
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>门户</title>'
        '<meta http-equiv="Content-Security-Policy" content="style-src \'none\'">'
        "<main><h1>某市政务服务网</h1></main>"
        f'<script src="{address}/widget.js" data-identity="{token}" defer></script></html>',
        "utf-8",
    )
    handler = functools.partial(QuietHandler, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_another_site_embeds_it_with_one_line(
    browser: Browser, portal: str, size: dict[str, int]
) -> None:
    with browser.new_context(viewport=size, locale="zh-CN") as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(portal)
        button = page.get_by_role("button", name="打开问答窗口")
        button.focus()
        page.keyboard.press("Enter")
        frame = page.frame_locator("iframe")
        frame.get_by_role("button", name="知道了，开始提问").click()
        frame.locator(INPUT).fill("小升规奖励多少钱")
        frame.locator(INPUT).press("Enter")
        expect(frame.locator(".card")).to_be_visible(timeout=SLOW)
        shot(page, "widget-embedded")
        assert axe(page) == []
        page.evaluate("window.postMessage({wence: 'close'}, '*')")
        expect(page.locator("iframe")).to_be_visible()
        frame.locator(".menu > button").click()
        frame.get_by_role("button", name="我的企业信息").click()
        expect(frame.locator(".profile")).to_contain_text("大同市")
        frame.locator("dialog .icon").click()
        frame.get_by_role("button", name="收起").click()
        expect(page.locator("iframe")).to_be_hidden()
        expect(button).to_be_focused()

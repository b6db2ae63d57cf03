"""One browser for all browser tests, and one real stack for those that do not break it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import chromium, program
from tests.support.stack import running_stack

PORTAL_SECRET = "the portal's secret"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser; in CI its absence is a fault."""
    if program() is None and "CI" not in os.environ:
        pytest.skip("没有 Chromium（Debian：apt install chromium），浏览器测试略过")
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the stack is; WENCE_E2E_URL names one that runs already."""
    if running := os.environ.get("WENCE_E2E_URL"):
        yield running
        return
    folder = tmp_path_factory.mktemp("e2e")
    with running_stack(folder, WENCE_IDENTITY_SECRET=PORTAL_SECRET) as stack:
        yield stack.address

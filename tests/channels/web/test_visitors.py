"""Visitors' tokens and the portal's word on a firm."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest

from bot.channels.web.identity import LONGEST, read_identity
from bot.channels.web.visitors import Visitors
from bot.conversations.limits import Rate
from bot.errors import RequestError

NOW = 1_800_000_000.0
SECRET = b"the portal's secret"


def test_a_token_proves_its_visitor_and_nobody_else() -> None:
    visitors = Visitors(b"one", 180)
    visitor = visitors.issue(NOW)
    assert visitors.read(visitor.token, NOW + 60) == visitor
    assert Visitors(b"two", 180).read(visitor.token, NOW) is None
    assert visitors.issue(NOW).id != visitor.id


@pytest.mark.parametrize("place", [3, 30, 40, -1])
def test_a_changed_token_proves_nothing(place: int) -> None:
    visitors = Visitors(b"one", 180)
    token = visitors.issue(NOW).token
    other = "0" if token[place] != "0" else "1"
    changed = token[:place] + other + (token[place + 1 :] if place != -1 else "")
    assert visitors.read(changed, NOW) is None


@pytest.mark.parametrize("token", ["", "v1", "v1...", "v1.a.b.c", "v2" * 50, "v1.\u0661" * 4])
def test_nonsense_proves_nothing(token: str) -> None:
    assert Visitors(b"one", 180).read(token, NOW) is None


def test_a_token_ends_with_the_conversation() -> None:
    visitors = Visitors(b"one", 2)
    visitor = visitors.issue(NOW)
    assert visitors.read(visitor.token, NOW + 2 * 86400) is not None
    assert visitors.read(visitor.token, NOW + 2 * 86400 + 1) is None
    assert visitors.read(visitor.token, NOW - 301) is None  # from the future
    again = visitors.renew(visitor, NOW + 86400)
    assert again.id == visitor.id
    assert visitors.read(again.token, NOW + 2 * 86400 + 1) is not None


def encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def jwt(claims: Any, secret: bytes = SECRET, **header: Any) -> str:
    head = encode(json.dumps({"alg": "HS256", "typ": "JWT", **header}).encode())
    body = encode(json.dumps(claims).encode())
    signature = hmac.digest(secret, f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{encode(signature)}"


GOOD = {"iat": NOW, "exp": NOW + 300, "facts": {"city": "taiyuan"}}


def test_a_signed_word_of_the_portal_is_taken() -> None:
    assert read_identity(jwt(GOOD), SECRET, NOW) == {"city": "taiyuan"}


def test_the_example_of_the_standard_is_verified() -> None:
    """RFC 7515, A.1: genuine, but long expired; with another key it is not even that."""
    token = (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    key = base64.urlsafe_b64decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
    )
    head, body, signature = token.split(".")
    expected = encode(hmac.digest(key, f"{head}.{body}".encode(), "sha256"))
    assert signature == expected
    with pytest.raises(RequestError):
        read_identity(token, key, NOW)


@pytest.mark.parametrize(
    "token",
    [
        jwt(GOOD, b"another secret"),
        jwt(GOOD, alg="none"),
        jwt(GOOD, alg="HS512"),
        jwt(GOOD, crit=["exp"]),
        jwt(GOOD).rsplit(".", 1)[0] + ".",
        jwt({**GOOD, "exp": NOW - 61}),
        jwt({**GOOD, "iat": NOW + 61}),
        jwt({**GOOD, "exp": NOW + LONGEST + 1}),
        jwt({**GOOD, "exp": float("nan")}),
        jwt({**GOOD, "exp": True}),
        jwt({**GOOD, "facts": "all"}),
        jwt({"facts": {}}),
        jwt([1]),
        "a.b.c",
        "....",
        "\u00e9.\u00e9.\u00e9",
        "x" * 9000,
    ],
)
def test_any_other_word_is_refused(token: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_identity(token, SECRET, NOW)
    assert (caught.value.status, caught.value.code) == (403, "bad_identity")


def test_a_rate_allows_a_burst_and_then_waits() -> None:
    now = [0.0]
    rate = Rate(3, 10.0, lambda: now[0])
    assert [rate.take("a") for _ in range(4)] == [True, True, True, False]
    assert rate.take("b")
    now[0] = 9.9
    assert not rate.take("a")
    now[0] = 10.0
    assert rate.take("a")
    assert not rate.take("a")
    now[0] = 100.0
    assert [rate.take("a") for _ in range(4)] == [True, True, True, False]

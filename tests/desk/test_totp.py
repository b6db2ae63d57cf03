"""bot.desk.totp: the vectors of RFC 6238, and codes that count once."""

from __future__ import annotations

import base64

import pytest

from bot.desk.totp import STEP, code_at, matching_step, uri

SECRET = base64.b32encode(b"12345678901234567890").decode()

# RFC 6238, appendix B, SHA-1; the last six of the eight digits printed there.
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_vectors_of_the_rfc(seconds: int, code: str) -> None:
    assert code_at(SECRET, seconds // STEP) == code
    assert matching_step(SECRET, code, seconds) == seconds // STEP


def test_a_clock_may_be_off_by_one_step_and_no_more() -> None:
    code = code_at(SECRET, 1000)
    for step, found in ((998, None), (999, 1000), (1000, 1000), (1001, 1000), (1002, None)):
        assert matching_step(SECRET, code, step * STEP) == found


def test_a_used_step_is_worth_nothing() -> None:
    code = code_at(SECRET, 1000)
    assert matching_step(SECRET, code, 1000 * STEP, after=1000) is None
    assert matching_step(SECRET, code, 1000 * STEP, after=999) == 1000


@pytest.mark.parametrize("code", ["", "28708", "2870820", "abcdef", "２８７０８２"])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert matching_step(SECRET, code, 59) is None


def test_a_secret_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="base32"):
        code_at("1!", 1)


def test_the_address_for_authenticators() -> None:
    assert uri(SECRET, "wang", "问策 坐席") == (
        "otpauth://totp/%E9%97%AE%E7%AD%96%20%E5%9D%90%E5%B8%AD%3Awang"
        f"?secret={SECRET}&issuer=%E9%97%AE%E7%AD%96%20%E5%9D%90%E5%B8%AD"
    )

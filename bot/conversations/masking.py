"""Numbers that identify a person are taken out before a message is stored at all."""

from __future__ import annotations

import re

__all__ = ["mask"]

# Digits as people type them: in groups, with blanks or hyphens between.
_RUN = re.compile(r"(?<![0-9A-Za-z.,，])[0-9](?:[ -]?[0-9]){10,22}(?: ?[xX])?(?![0-9A-Za-z.])")
_AMOUNT = re.compile(r"\s*(?:元|块|万|亿|角|美元|吨|千瓦|度|平|人|家|%)")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MOBILE = re.compile(r"(?:86)?1[3-9][0-9]{9}")


def mask(text: str) -> str:
    """The text without identity card, mobile and bank card numbers.

    An identity card needs its check digit (GB 11643) or, mistyped, a date of birth where
    one stands; a bank card 16 to 19 digits that pass Luhn's test. An amount of money
    stays: digits with a unit behind them are no card.
    """
    return _RUN.sub(lambda found: _masked(found, text), text)


def _masked(found: re.Match[str], text: str) -> str:
    digits = re.sub("[ -]", "", found.group()).upper()
    if _AMOUNT.match(text, found.end()):
        return found.group()
    if _is_identity_card(digits):
        return "［身份证号已隐去］"
    if _MOBILE.fullmatch(digits):
        return "［手机号已隐去］"
    if 16 <= len(digits) <= 19 and digits.isdigit() and _passes_luhn(digits):
        return "［银行卡号已隐去］"
    return found.group()


def _is_identity_card(digits: str) -> bool:
    if not re.fullmatch(r"[0-9]{17}[0-9X]", digits):
        return False
    born = re.fullmatch(
        r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])", digits[6:14]
    )
    total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
    return born is not None or "10X98765432"[total % 11] == digits[17]


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0

"""Numbers as people write them: 三千五百万, 4千万, 1.5亿, 两个亿, 一成半."""

from __future__ import annotations

import re

__all__ = ["NUMBER", "parse_number"]

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "俩": 2,
    "仨": 3,
}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}

# A number in a pattern: arabic (with thousands separators) or Chinese, with 千/万/亿 behind.
NUMBER = (
    r"(?:\d+(?:,\d{3})*(?:\.\d+)?(?:个?(?:百(?!分)|[千万亿]))*"
    r"|[零〇一二三四五六七八九十百千万亿两](?:[零〇一二三四五六七八九十百千万亿两]|个(?=[百千万亿]))*)"
)


def parse_number(text: str) -> float | None:
    """The value of a number in arabic or Chinese digits, or None.

    >>> parse_number("三千五百万")
    35000000.0
    >>> parse_number("4千万")
    40000000.0
    >>> parse_number("两个亿")
    200000000.0
    """
    text = text.replace(",", "").replace("个", "").strip()
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([百千万亿]*)", text)
    if match:
        value = float(match[1])
        for unit in match[2]:
            value *= _SMALL.get(unit, 1) * _LARGE.get(unit, 1)
        return value
    return _chinese(text)


def _chinese(text: str) -> float | None:
    if not text or any(c not in _DIGITS and c not in _SMALL and c not in _LARGE for c in text):
        return None
    if len(text) > 1 and all(c in _DIGITS for c in text):  # 二〇二二
        return float("".join(str(_DIGITS[c]) for c in text))
    total = section = digit = 0
    last_unit = 1
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
            if char in "零〇":
                last_unit = 1  # 一百零五 is 105, 一百五 is 150
        elif char in _SMALL:
            section += (digit or 1) * _SMALL[char]
            last_unit, digit = _SMALL[char], 0
        else:
            # 两亿一千五百万: 万 counts what stands behind 亿; 三万亿: 亿 counts all before it.
            before = total if total < _LARGE[char] else 0
            total += (before + section + digit) * _LARGE[char] - before
            last_unit, section, digit = _LARGE[char], 0, 0
    if digit and last_unit >= 100:
        digit *= last_unit // 10
    return float(total + section + digit)

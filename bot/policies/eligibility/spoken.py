"""A message with its numbers as they are counted: 8万6 is 8.6万, 千瓦 is kw.

What people say otherwise than it is written is rewritten here once, for the words of words.yml
and for the messages alike, so that the one is still found in the other.
"""

from __future__ import annotations

import re

from bot.policies.query.numerals import parse_number
from bot.policies.query.text import normalise

__all__ = ["folded"]

_ONE_TO_NINE = "一二两三四五六七八九"
# 一万五一年 is 一万五 a year; 一点五 and 8万6 are written otherwise than they are counted.
_YEAR_AND_HALF = re.compile(r"(\d+|[一二两三四五六七八九])年半(?!前)")
# 一个都没招, 院士一个没引来; but 有一个没毕业 counts those who have not.
_NOBODY = re.compile(
    r"一[个名位](?!月|季|星期|礼拜|钟头|小时)([^，。,;；、 \d一]{0,5}?)(?:也|都)没"
    r"|(?<![有还就剩差另中里头的第了])一[个名位](人)?没(?=[招引雇裁用收培送]|来(?!得)|有(?!毕业))"
)
_TENTHS = re.compile(r"([一二两三四五六七八九\d])成([一二三四五六七八九\d])")
# 二零二一年 is written out figure by figure.
_SPELLED = re.compile(r"二[零〇][零〇一二三四五六七八九]{2}")
# 三千一个月 is 三千 a month, and 三千一共五个人 no 三千一百.
_ONE_MORE = re.compile(
    r"(?<=[万千百][一二三四五六七八九])一(?=[年个月次天人])"
    r"|(?<=[万亿千百])一(?=[年天次人位名户件辆张亩间平台套晚场季]|个(?!月?半))"
)
_POINT = re.compile(r"([零一二三四五六七八九十]+)点([零一二三四五六七八九]+)(?!钟)")
# 一个半点, 一个半亿, 两万半
_AND_HALF = re.compile(rf"(\d+|[{_ONE_TO_NINE}])(个半(?=点|亿|百分)|[万亿]半(?![年天]))")
_UNIT = {"亿": 10**8, "千万": 10**7, "百万": 10**6, "万": 10**4, "千": 1000, "百": 100}
_OF = r"(?:亿|[千百]?万|[千百](?!万))"
# 21万7千5, 2亿3000万, 8万6: a figure without a unit counts tenths of the unit before it.
_MIXED = re.compile(
    rf"(?<![\d.])(?P<parts>(?:\d+(?:\.\d+)?{_OF}零?){{2,}})(?<!零)(?![\d亿])"
    rf"|(?<![\d.])(?P<most>(?:\d+{_OF}){{1,3}})(?P<rest>\d)(?P<thousand>千)?"
    r"(?![\d.万千百亿个人户家名台件项%])"
)
_PART = re.compile(rf"(\d+(?:\.\d+)?)({_OF})")
_SLANG = (
    # 百来十号人: a hundred and ten or so
    ("(?<![一二三四五六七八九几两\\d])百来十(?=[个号多来人])", "一百一十"),
    ("(?<=[过超])亿", "1亿"),
    ("(?<=[过超])百亿", "100亿"),
    ("(?<=[过超])千万", "1000万"),
    ("俩(?=[百千万亿个])", "两"),
    ("仨(?=[百千万亿个])", "三"),
    # 雇了俩, but not 我们俩 and 两口子俩
    ("(?<![们咱他她你我口妻弟妹])俩(?!口)", "2个"),
    ("(?<![们咱他她你我])仨", "3个"),
    ("翻了?[两二]番", "涨300%"),
    (r"翻了?一?番|翻了?一翻|翻了?一?倍", "涨100%"),
    ("半个亿", "0.5亿"),
    ("(?<=[万亿千百])一共", "总共"),
    (r"(?<=[\d百千万])个(?=w|kw|p(?![a-z]))", ""),
    # 凑一块三千二 is no sum of one yuan.
    (r"([凑加合算搁放攒拢]起?来?)一块(?!钱|地)", r"\1一起"),
    (r"(?<=率)([是为有:]?)[零0](?![.\d%成点])", r"\g<1>0%"),
)  # fmt: skip
# 160千瓦 is no 160千; the length stays.
_KILO = (("千瓦", "kw"), ("千伏", "kv"), ("千克", "kg"), ("千米", "km"))


def folded(text: str) -> str:
    """Normalised, with numbers as they are counted: 8万6 is 8.6万, 一点五 is 1.5."""
    said = normalise(text)
    for word, sign in _KILO:
        said = said.replace(word, sign)
    for word, sign in _SLANG:
        said = re.sub(word, sign, said)
    said = _SPELLED.sub(lambda match: f"{int(parse_number(match[0]) or 0)}", said)
    said = _ONE_MORE.sub("每", said)
    said = _YEAR_AND_HALF.sub(
        lambda match: f"{int((parse_number(match[1]) or 0) * 12) + 6}个月", said
    )
    said = _NOBODY.sub(lambda match: f"0个{match[1] or match[2] or ''}没", said)
    said = _TENTHS.sub(
        lambda match: "".join(str(int(parse_number(digit) or 0)) for digit in match.groups()) + "%",
        said,
    )
    said = _AND_HALF.sub(
        lambda match: f"{int(parse_number(match[1]) or 0)}.5{match[2].replace('半', '')}", said
    )
    said = _POINT.sub(_arabic, said)
    return _MIXED.sub(_joined, said)


def _arabic(match: re.Match[str]) -> str:
    whole = parse_number(match[1])
    digits = "".join(str(int(parse_number(digit) or 0)) for digit in match[2])
    return match[0] if whole is None else f"{int(whole)}.{digits}"


def _joined(match: re.Match[str]) -> str:
    """A number of several parts as one of its largest unit."""
    parts = [(float(figure), _UNIT[unit]) for figure, unit in _PART.findall(match[0])]
    sizes = [size for _, size in parts]
    if sizes != sorted(set(sizes), reverse=True):
        return match[0]
    value = sum(figure * size for figure, size in parts)
    if match["rest"] and not match["thousand"]:
        value += int(match["rest"]) * sizes[-1] / 10
    largest = next(unit for unit, size in _UNIT.items() if size == sizes[0])
    return f"{round(value / sizes[0], 8):.8f}".rstrip("0").rstrip(".") + largest

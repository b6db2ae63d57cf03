"""Places outside the province: whether a question is about one, or only comes by it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.policies.query.lexicon import Lexicon

__all__ = ["place_asked_about"]

# 从浙江过来建厂, 北京客户欠款, 香港那边股东打钱, 去上海参展, 西安交大毕业: somebody's way, a
# partner, a school or a market is named, not whose policy is wanted.
_CAME = re.compile(
    r".{0,6}?(?:搬来|迁来|过来|来的|回来|请来|引来|聘来|来我们|来咱|来投资|来山西|来设|来办厂|每[年月周]来)"
)
_MOVED = re.compile(r"(?:搬|迁|请|引|聘|挖|买|运|进货|转移)")
_PARTNER = re.compile(
    r"(?:籍|人(?![才社力事民员均口])|(?:那边|方面)?的?(?:游客|客户|客商|老板|朋友|司机|工人|师傅|设备|货|股东|母公司|投资[方人商]|资本|外商|品牌方?)"
    r"|(?:[\u4e00-\u9fff]{0,4}?(?:大学|交大|高校|学院|银行|交易所|[\u4e00-\u9fff]博会|广交会|展会|展销会|展位|展台))"
    # 北京拨了一笔钱: the state's ministries.
    r"|(?:那边|部里)?(?:拨了?|批了?|下)(?:一|的|款|钱|来)"
    r"|[港到]?(?:航线|拉面|火锅)|之家|那边[请过出])"
)
_GONE = re.compile(
    r".{0,8}?(?:参展|展会|参会|展销|摆摊|开会|出差|打工|揽|上市|挂牌|宣传|学习|学技|取经|考察|进货|送货|送气|拉煤|跑车|上班|工作|读书|生产|投产)"
    r"|(?:看|转|逛|跑)"
)
# 注册地还留在北京没挪: told of the firm.
_STAYED = re.compile(r"(?:注册地|总部|户头|执照)[^，。,;；]{0,4}[留在]$")
_FROM, _TO = re.compile(r"[从由自]$"), re.compile(r"[在去到往向跑发卖趟]$")
# 省里补不补: the speaker's own, unless it is said of the other (河南省里).
_HERE = re.compile(r"省里|[县市]里|[咱俺我]们?[省市县]|[咱俺我]们?这|这边|本[地市县]|老家|家里")
# 媳妇户口在河南, 老家是河北的: where somebody comes from.
_BORN = re.compile(r"(?:户口|户籍|老家|娘家|籍贯|祖籍)(?:[还都]?[是在落]|为)?$")
# 气卖到河北, 员工是香港人, 检测机构在西安: what a firm of here has to do with elsewhere.
_SOLD = re.compile(r"(?:卖|送|发|运|销|供|出口)(?:到|给|往|去|至|向)?$")
_PEOPLE = re.compile(r"(?:同事|员工|籍|客户|老外|人(?!才|社|力|家))")
_OTHERS = re.compile(
    r"(?:投资[人方]|机构|客户|检测[所站]|股东|母公司|供应商|甲方|乙方|买家|合伙人|那家)"
    r"[^，。,;； ]{0,2}[在是]$|比如$"
)
_WITH = re.compile(r"(?:跟|和|与|引进|接待|招|组织|参加|隔壁|毕业于|像)$")


def place_asked_about(
    text: str, elsewhere: Sequence[str], home: Sequence[str], lexicon: Lexicon
) -> str | None:
    """The place outside the province that a question is about, or None.

    Args:
        text: the question, normalised.
        elsewhere: names of places outside.
        home: names and words for the province (山西, 老家); a question that holds one is
            about here.
        lexicon: tells where words begin: 网上海外 holds no 上海.
    """
    if not any(name in text for name in elsewhere):
        return None
    starts = _word_starts(text, lexicon)
    if any(True for _ in _found(text, home, starts)):
        return None
    names = tuple(elsewhere)
    for match in _HERE.finditer(text):
        if not text[: match.start()].rstrip("省市").endswith(names):
            return None
    for place, before, after in _found(text, elsewhere, starts):
        passing = (
            _CAME.match(after)
            or _PARTNER.match(after)
            or (_FROM.search(before) and _MOVED.search(after[:10]))
            or (_TO.search(before) and _GONE.match(after))
            or _WITH.search(before)
            or _BORN.search(before)
            or _STAYED.search(before)
            or _SOLD.search(before)
            or _OTHERS.search(before)
            or _PEOPLE.match(after)
        )
        if not passing:
            return place
    return None


def _found(
    text: str, names: Sequence[str], starts: frozenset[int]
) -> Iterator[tuple[str, str, str]]:
    """Each run of names that begins as a word does: the first, what is before and behind."""
    # Longest first: 内蒙古 is one name, not 内蒙 and a 古 behind it.
    name = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    for match in re.finditer(rf"({name})(?:[、和跟]?(?:{name}))*", text):
        if match.start() in starts:
            yield match[1], text[: match.start()], text[match.end() :]


def _word_starts(text: str, lexicon: Lexicon) -> frozenset[int]:
    starts, place = set(), 0
    for word in lexicon.tokenizer().cut(text, HMM=False):
        starts.add(place)
        place += len(word)
    return frozenset(starts)

"""What a message puts right: complaints left out, what it turns down, and what it means instead.

你听岔了 我说的是换设备, 不是电费 盖大棚补不补, 电价那个不问了 绿色数据中心: who is misunderstood
says what he does not mean beside what he means. Only the latter may be searched for, and only
that tells anything of the firm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["ASKS_WHAT", "PARTS", "Turnabout", "turned"]

ASKS_WHAT = "时|会|意思|是|叫|算|条件|样|都|政策|也|人|钱"
"""What follows 啥 where it asks (啥时候); before anything else it wonders (啥二手车啊)."""

PARTS = re.compile(r"[^，,。；;！!？?\s]+[？?]*")
"""The parts of a message, as people set them apart: by marks, or by a space."""
_LONG = 16  # characters of what is turned down in one part
# Said of the talk itself: 你听岔了, 都说三遍了, 牛头不对马嘴, 太长了看不过来.
_COMPLAINS = re.compile(
    r"(?:你|您)(?:们)?这?(?:个)?(?:机器人?|系统|人)|(?:你|您)们?(?:都|又|是不是|可能|好像)?(?:听|理解|弄|搞|看|记|答|回答|算)"
    r"(?:错|岔|反|偏|串|混)了?[吧呀啊嘛]?|(?:你|您)们?(?:又|是不是)?串了[吧呀啊]?|又?(?:听|理解|弄|搞|记)(?:错|岔|反|串)了[吧呀啊]?"
    r"|(?:(?:我|俺)?(?:都|已经)?(?:跟|和|给)?(?:你|您)?(?:说|讲|告诉|问)(?:了|过)?(?:你|您)?)?(?:都|好)?(?:说|讲|问)?(?:几|[一二两三四五六七八九十\d]+|多少|好几)[遍次回]了?"
    r"|(?:我|俺)?(?:刚才?|不是|都|早就?|已经|一开始就?|一上来就?|上面|前面|明明)*(?:跟你)?说(?:过|了|过了)(?:的|么|嘛|吗|呀|啊)?"
    r"|(?:刚才?|不是)+(?:都|跟你|已经)*说(?:过|了|过了)(?:的|么|嘛|吗|呀|啊)*"
    r"|(?:这|你这|你说的)?(?:都|又|也|根本)?(?:不沾边|不对题|对不上)(?:啊|呀|吧|了)*|(?:你|您)?(?:又|还|都)?没(?:答|回答)(?:我|上|到)?(?:呀|啊|么|呢)*"
    r"|牛头不对马嘴|答非所问|驴唇不对马嘴|扯远了|跑题了?|看不(?:懂|明白|过来)|听不(?:懂|明白)|没(?:看|听)(?:懂|明白)|太长了?(?:吧)?"
    r"|(?:唉|哎|哎呀|哎哟|嗐|大哥|大姐|拜托|真是的?|咋说呢|怎么说呢|服了|晕)[呀啊吧]?"
    r"|(?:我|俺)?(?:换个|换一个|换种)(?:说法|问法)(?:吧|问)?|(?:我|俺)?再(?:问|说)一遍|重新(?:查|说|来)|没有(?:你)?就说没有"
    r"|(?:就)?一句(?:话|就行)?|别整那么长|(?:你)?(?:没|还没)(?:回|回答|说)(?:我)?|你没说"
)
# 算了, 行吧, 哦: what was said before is done with; a word to begin with.
_OPENS = re.compile(
    r"^(?:(?:那)?算了(?:吧)?(?!的|没)|行吧|好吧|得了|罢了|哦+|噢|那行|行行?(?=[，, ]|$)|唉+|哎+呀?"
    r"|嗯+)"
    r"(?!.{0,1}$)"
)
_ANEW = re.compile(
    r"换(?:个|一个)?(?:问题|题|事|话题|个问)(?:问你|问问|问|说)?(?:吧)?|(?:我)?再(?:问|打听|咨询)(?:你|您)?(?:个|一个|一下|下)(?:别的|事|问题)?"
    r"|(?:问|说)(?:个|点)别的|说(?:我)?别的|那?换一个(?:问)?|另外(?:问|再问)(?:一下|个|下)?"
)
_W = rf"[^？?]{{1,{_LONG}}}?"
# What is turned down, as a whole part.
_REFUSES = (
    re.compile(
        rf"(?:那|这|我|俺|真|都|又|又不|可|跟你说|我说)*(?:问|说|要|指)?(?:的)?不是(?:问|说|要|指|想问|想要|让|想)?(?:啥|什么)?(?:你们?)?(?:说)?(?P<w>{_W})(?:的|那个|那种|那些|这个|呀|啊|吧|了|嘛|呢)*$"
    ),
    re.compile(
        rf"(?:你|您)?(?:就|可)?(?:(?:别|甭|莫)(?:再|老|总|一直|光)*|(?:不要|不用)(?:再|老|总|一直|光)*(?=[说提问给发讲扯列念再老总]))"
        rf"(?:说|提|问|给|发|讲|扯|列|念|往|管)?(?:我)?(?P<w>{_W})(?:了|的)*$"
    ),
    re.compile(
        rf"(?P<w>{_W})(?:那个|那项|那条|这个|这条|的事|那些)?(?:我|俺|就|都|可|先)*(?:不要|不问|不说|不看|不谈|不提|不想要|不租|不贷|不用|不管|算)(?:了)$"
    ),
    re.compile(rf"(?P<w>{_W})(?:就|也就)?算了(?:吧)?$"),
    re.compile(rf"(?:先|那|我|就)*不(?:说|问|谈|提|看|纠缠|要|聊|扯)(?P<w>{_W})(?:了|的事了?)$"),
    re.compile(
        rf"(?:你|您)(?:们)?(?:(?:咋|怎么|为啥)(?:又|还|老|总|老是|总是|一直|光|就|竟)+|(?:又|还|老|总|老是|总是|一直)+)(?:在|是|说|提|问|给我|扯|讲|往)*(?P<w>{_W})(?:干啥|干嘛|干什么|的|了|呀|啊)*$"
    ),
    # 跟飞机有啥关系, 跟你刚才那个不是一回事, 你给我扯到养老院去了
    re.compile(
        rf"(?:这|那)?(?:个)?(?:又|都|可|也)?[跟和与](?P<w>{_W})(?:有啥|有什么|有甚|没有?|没啥|不沾|啥)(?:关系|相干|关联|边)(?:啊|呀|了|嘛)*$"
    ),
    re.compile(
        rf"(?:这|那)?(?:个)?[跟和与](?P<w>{_W})(?:就|可|都|又)?不是一(?:回|码)事(?:啊|呀|了|嘛)*$"
    ),
    re.compile(
        rf"(?:你|您)(?:咋|怎么|又|给我|跟我)*(?:扯|说|讲|答|整|跑)(?:到|成|的是)(?P<w>{_W})(?:上|里)?(?:去|来)了(?:吗|啊|呀)*$"
    ),
    # 啥二手车啊
    re.compile(rf"(?:啥|什么|甚)(?!{ASKS_WHAT})(?P<w>{_W})(?:啊|呀|嘛)$"),
    re.compile(
        r"(?:(?:我|俺)(?:们)?(?:又|可|都)?没(?:说|问|提)|没问)(?:过)?(?:你)?(?P<w>(?:(?!我说|俺说|我问)[^？?]){1,8}?)(?:啊|呀|的|了)*(?=$|我说|俺说|我问)"
    ),
)
# 啥老字号导游 我是做机械配件的: what the reply spoke of, before who speaks.
_WONDERS = re.compile(rf"(?:啥|什么|甚)(?!{ASKS_WHAT}|补|奖)(?P<w>[^？?]{{2,8}})[？?]*")
_OF_ITSELF = re.compile(r"我|俺|咱")
# … and at its beginning: 不说加计扣除了创新券呢, 除了参展还有啥.
_REFUSES_FIRST = (
    re.compile(rf"^(?:那|先|我)*不(?:说|问|谈|提|看|纠缠)(?P<w>{_W})了(?=.{{2}})"),
    re.compile(
        rf"^(?:那|可)*除了(?P<w>{_W})(?:以外|之外|外)?(?:[，,])?(?=(?:还|别|其|有|能|这|那|就))"
    ),
)
# … of these, what says that the reply missed what was asked.
_MISSED = re.compile(
    r"(?:听|理解|弄|搞|看|答|回答)(?:错|岔|反|偏|串|混)|牛头不对马嘴|答非所问|驴唇|扯远|跑题|不沾边|不对题|对不上"
    r"|不是一(?:回|码)事|(?<!没)(?:有啥|有什么|有甚|啥)(?:关系|相干)|[跟和]我们?没(?:有|啥)?关系|扯(?:到|成)|都不是|串了"
)
_POINTED = re.compile(r"[这那]|都不是")
# 我说的是设备, 我刚说了一千万, 说了小的呀: what is said again.
_AGAIN = re.compile(
    r"^(?:刚才?不(?:是)?说了(?=.)|(?:我|俺|咱)?(?:们)?(?:现在|就|只|是|刚才?|明明|都|已经|一直|一开始|想|要)*(?:跟你|和你|给你)?"
    r"(?:(?:问|说|讲|指|要|的意思)的?(?:就|只|其实|一直)?是|(?:就|只)?(?:是)?(?:想)?(?:问问?|知道)(?:的)?(?:是)?|(?:就|只|刚才?|都|已经|跟你|不是)*说(?:了|过|的)(?:是|么|吗|嘛)?|就说|是说)(?:一下|下)?)(?=.{2})"
)
_ONCE_MORE = re.compile(r"(?:我|俺)(?:就|只)?(?:是|的意思是|想)?(?:说|问)(?:的是|的)?|我的意思是?")
_SAID = re.compile(
    r"(?:我|俺)?(?:刚才?|都|不是|已经|早就?)*说(?:过了?|了)(?:呀|啊|么|嘛|的|吗)*$|(?:呀|啊)?你(?:又|还|再)问$|(?:我|俺)?刚(?:才)?不(?:是)?说了(?:么|吗)$"
)
_TWICE = re.compile(r"^(.{2,4})\1+")
_NOT = re.compile(r"不是|不对|错了|说错了|搞错了|弄错了|不不|没有|算了|行|好|没事|那行")
# Not what is turned down, but a word of the turning itself.
_EMPTY = re.compile(
    r"(?:不是|不对|你|刚才|说|[那这](?:个|条|些)?|[我俺咱]们?|啊|吧|的|了|都|[这那]样|符合|.?不符合)*"
)
_HALF = 2  # characters that a part has at least where it says anything
_RECENT = 64  # messages that are kept; several steps of one turn look at the same


@dataclass(frozen=True)
class Turnabout:
    """A message as it puts an earlier one, or a reply, right.

    Attributes:
        meant: its words without complaints and without what it turns down; all of them where
            nothing else was said.
        refused: the words of what it turns down.
        anew: whether it says that it turns to another matter.
        again: whether it says once more what was said before (我问的是…).
        missed: whether it says that the reply was beside the point (跟飞机有啥关系).
    """

    meant: str
    refused: tuple[str, ...] = ()
    anew: bool = False
    again: bool = False
    missed: bool = False

    @property
    def away(self) -> bool:
        """Whether it turns away from what was said before, and says where to."""
        return self.anew or bool(self.refused)


@lru_cache(maxsize=_RECENT)
def turned(text: str) -> Turnabout:
    """What a message means, and what it turns down.

    Args:
        text: the message, cleaned.
    """
    kept: list[str] = []
    refused: list[str] = []
    anew = again = False
    parts = PARTS.findall(text)
    for whole, then in zip(parts, [*parts[1:], ""], strict=True):
        part = _OPENS.sub("", whole)
        wonders = _WONDERS.fullmatch(part)
        if wonders is not None and _OF_ITSELF.match(then):
            refused.append(wonders["w"])
            continue
        for pattern in _REFUSES_FIRST:
            match = pattern.search(part)
            if match is not None:
                refused.append(match["w"])
                part = part[match.end() :]
        if not part or _COMPLAINS.fullmatch(part):
            continue
        if _ONCE_MORE.fullmatch(part):
            again = True
            continue
        match = _ANEW.match(part)
        if match is not None:
            anew = True
            part = part[match.end() :]
            if len(part) < _HALF:
                continue
        said = _SAID.sub("", _AGAIN.sub("", part, count=1)) or part
        said = _TWICE.sub(r"\1", said)
        word = _refuses(part)
        if word:
            refused.append(word)
            rest = part[part.index(word) + len(word) :]
            said = _AGAIN.sub("", rest.lstrip("啊呀的了"), count=1)
            if said == rest or len(said) < _HALF:
                continue
        again = again or _AGAIN.search(part) is not None
        kept.append(said)
    if again or anew or refused:
        # 不是 我问的是…, 就是评上了给多少: said to what was misunderstood.
        kept = [part.removeprefix("就是") for part in kept if not _NOT.fullmatch(part)]
    # 不说这个了, 都不是: nothing is named, but the matter is left.
    anew = anew or any(_EMPTY.fullmatch(word) and _POINTED.search(word) for word in refused)
    refused = [word for word in refused if not _EMPTY.fullmatch(word)]
    meant = " ".join(kept)
    missed = _MISSED.search(text) is not None
    if not meant:  # 算了, 不是高企: nothing is meant instead
        return Turnabout(text, tuple(refused) if missed else (), anew and missed, missed=missed)
    meant = text if meant == " ".join(parts) else meant
    return Turnabout(meant, tuple(refused), anew, again, missed)


def _refuses(part: str) -> str:
    """What a part of a message turns down; empty where it turns nothing down."""
    if part.endswith(("?", "？", "吗", "么", "不", "没", "呢")):
        return ""
    found = (pattern.match(part) for pattern in _REFUSES)
    return next((match["w"] for match in found if match is not None), "")

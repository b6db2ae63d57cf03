"""People who talk to the assistant through the WeCom callback, all at once."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field

from tests.platforms.courier import Post
from tests.platforms.wecom import WeCom
from tests.platforms.wecom_person import WeComPerson

__all__ = ["QUESTIONS", "Said", "Stream"]

QUESTIONS = (
    "稳岗返还政策还有吗",
    "扩岗补助一个人多少钱",
    "住房公积金能缓缴吗",
    "房租减免怎么规定的",
    "首次小升规奖励多少",
    "高新技术企业首次认定奖励多少",
    "专精特新小巨人奖励多少",
    "制造业单项冠军奖励多少",
    "企业上市奖励多少",
    "新三板挂牌奖励多少",
    "失业保险费阶段性降低到多少",
    "工伤保险费率下调吗",
    "用水用气欠费会停供吗",
    "宽带费用优惠吗",
    "招标投标保证金能免吗",
    "政府采购预留给中小企业多少份额",
    "绿色数据中心奖励多少",
    "工业互联网补贴多少",
    "创新券怎么用",
    "众创空间奖励多少",
    "创业担保贷款额度多少",
    "留抵退税怎么退",
    "购置新能源公交车补贴多少",
    "首台套装备保险补偿多少",
)
"""Questions that need nothing said before."""

_AHEAD = 3  # messages that a person sends before an answer has come
_LONGEST_WAIT = 60.0  # seconds for which a person holds back
_REPEATS = 6  # times that a message which the platform gave up is sent anew


@dataclass
class Said:
    """A message that a person wanted to send, with all the posts that took."""

    text: str
    posts: list[Post] = field(default_factory=list)

    @property
    def taken(self) -> bool:
        """Whether the last of them was acknowledged."""
        return bool(self.posts) and self.posts[-1].accepted


class Stream:
    """So many messages of so many people, spread evenly over the time they take.

    Args:
        rate: messages a second, of all people together.
    """

    def __init__(self, platform: WeCom, people: int, messages: int, rate: float, seed: int) -> None:
        self.platform, self.rate = platform, rate
        choice = random.Random(seed)
        self.people = [platform.person(f"person-{number:03}") for number in range(people)]
        self.said: dict[str, list[Said]] = {person.name: [] for person in self.people}
        self.finished = 0
        self._plan: list[tuple[float, WeComPerson, str]] = []
        orders = {p.name: choice.sample(QUESTIONS, len(QUESTIONS)) for p in self.people}
        for number in range(messages):
            person = self.people[number % people]
            turn = number // people
            text = orders[person.name][turn % len(QUESTIONS)]
            self._plan.append(((number + choice.random()) / rate, person, text))

    async def run(self) -> None:
        """Send everything; returns when the platform has got rid of all of it."""
        started = time.monotonic()
        await asyncio.gather(*(self._talk(person, started) for person in self.people))

    async def _talk(self, person: WeComPerson, started: float) -> None:
        for at, speaker, text in self._plan:
            if speaker is not person:
                continue
            await asyncio.sleep(max(0.0, started + at - time.monotonic()))
            await self._hold_back(person)
            said = Said(text)
            self.said[person.name].append(said)
            for _ in range(_REPEATS):
                said.posts.append(await person.says(text))
                if said.taken:
                    break
            self.finished += 1

    async def _hold_back(self, person: WeComPerson) -> None:
        """A person does not go on talking when nothing has come back for long."""
        deadline = time.monotonic() + _LONGEST_WAIT
        while time.monotonic() < deadline:
            taken = sum(said.taken for said in self.said[person.name])
            if taken - len(person.heard) < _AHEAD:
                return
            await asyncio.sleep(0.05)

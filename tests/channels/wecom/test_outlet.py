"""Active sending: whole, within the rates, honest about what became of it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.channels.platform.api import PlatformApi
from bot.channels.platform.faults import SetupFaults
from bot.channels.platform.tokens import AccessToken
from bot.channels.platform.transport import Transport
from bot.channels.wecom import WecomOutlet, classify, fetcher
from bot.channels.wecom.cards import make_parts, text_part
from bot.channels.wecom.pace import Pace
from bot.conversations.outlet import SendLaterError, SendRefusedError, SendUnknownError
from bot.storage.engine import Database
from bot.storage.leases import LeaseStore
from bot.storage.tokens import TokenStore
from tests.channels.fakes import delivery
from tests.channels.wecom.platform import AGENT, CORP, SECRET, Api
from tests.channels.wecom.words import sentence

TEXT = text_part("减免三个月房租。")


def refusal(errcode: int, errmsg: str = "no") -> dict[str, Any]:
    return {"errcode": errcode, "errmsg": errmsg}


async def test_a_text_goes_to_its_person(outlet: WecomOutlet, api: Api) -> None:
    await outlet.send(delivery(TEXT))
    assert api.sent == [{"touser": "zhangsan", "agentid": AGENT, **TEXT}]


async def test_a_card_has_an_id_of_its_own_at_every_try_the_same(
    outlet: WecomOutlet, api: Api
) -> None:
    reply = {"text": "是吗？", "buttons": [{"title": "是的", "payload": "是"}], "custom": {}}
    _, card = make_parts([reply], sentence)
    first, second = delivery(card), delivery(card)
    for part in (first, first, second):
        await outlet.send(part)
    ids = [body["template_card"]["task_id"] for body in api.sent]
    assert ids == [first.id, first.id, second.id]
    assert all(len(key) <= 128 and set(key) <= set("0123456789abcdef-") for key in ids)
    assert "task_id" not in card["template_card"]


async def test_only_a_doubtful_try_asks_for_the_check_for_doubles(
    outlet: WecomOutlet, api: Api
) -> None:
    await outlet.send(delivery(TEXT))
    await outlet.send(delivery(TEXT, uncertain=True, attempts=2))
    assert "enable_duplicate_check" not in api.sent[0]
    assert api.sent[1]["enable_duplicate_check"] == 1
    assert api.sent[1]["duplicate_check_interval"] == 1800


async def test_a_card_whose_id_the_platform_knows_has_arrived(
    outlet: WecomOutlet, api: Api
) -> None:
    reply = {"text": "是吗？", "buttons": [{"title": "是的", "payload": "是"}], "custom": {}}
    _, card = make_parts([reply], sentence)
    api.answers = [refusal(40058), refusal(40058)]
    await outlet.send(delivery(card, uncertain=True, attempts=2))
    with pytest.raises(SendRefusedError):  # at its first try it is refused for its own sake
        await outlet.send(delivery(card))


async def test_the_minute_is_kept(outlet: WecomOutlet, api: Api) -> None:
    await outlet.send(delivery(TEXT, sent_in_minute=24))
    with pytest.raises(SendLaterError) as caught:
        await outlet.send(delivery(TEXT, sent_in_minute=25))
    assert (caught.value.reason, bool(caught.value.after)) == ("rate_minute", True)
    assert len(api.sent) == 1


async def test_the_hour_is_kept(outlet: WecomOutlet, api: Api, clock: SimpleNamespace) -> None:
    clock.now = 360_000.0
    for _ in range(90):
        await outlet.send(delivery(TEXT))
    with pytest.raises(SendLaterError) as caught:
        await outlet.send(delivery(TEXT))
    assert (caught.value.reason, caught.value.after) == ("rate_hour", 360.0)
    other = delivery(TEXT, address={"touser": "lisi", "agentid": AGENT})
    await outlet.send(other)
    clock.now += 360
    await outlet.send(delivery(TEXT))
    assert len(api.sent) == 92


def test_no_hour_holds_more_than_a_thousand() -> None:
    pace, sent, now = Pace(), [], 0.0
    while now < 3 * 3600:
        if pace.wait("li", now) == 0:
            pace.sent("li", now)
            sent.append(now)
        now += 2.0
    assert len(sent) > 2000
    assert max(sum(at <= other < at + 3600 for other in sent) for at in sent[::50]) <= 1000


def test_the_pace_forgets_whom_it_has_not_seen_for_long() -> None:
    pace = Pace()
    for number in range(10_050):
        pace.sent(f"person-{number}", 0.0)
    assert len(pace._counts) == 10_000


@pytest.mark.parametrize("errcode", [81013, 60111, 40003, 40031])
async def test_nobody_to_receive_it(outlet: WecomOutlet, api: Api, errcode: int) -> None:
    api.answers = [refusal(errcode)]
    with pytest.raises(SendRefusedError) as caught:
        await outlet.send(delivery(TEXT))
    assert caught.value.reason == f"errcode_{errcode}"
    assert not outlet.blocked and outlet.ready()


@pytest.mark.parametrize("who", [{"invaliduser": "zhangsan"}, {"unlicenseduser": "zhangsan"}])
async def test_taken_but_for_nobody(outlet: WecomOutlet, api: Api, who: dict[str, str]) -> None:
    api.answers = [{"errcode": 0, "errmsg": "ok", **who}]
    with pytest.raises(SendRefusedError, match="no_receiver"):
        await outlet.send(delivery(TEXT))


@pytest.mark.parametrize("errcode", [60020, 301002, 40056, 48002])
async def test_a_set_up_fault_is_told_and_tried_now_and_again(
    outlet: WecomOutlet, api: Api, clock: SimpleNamespace, errcode: int
) -> None:
    api.answers = [refusal(errcode, "hint, from ip: 203.0.113.9, more info")]
    with pytest.raises(SendLaterError) as caught:
        await outlet.send(delivery(TEXT))
    assert caught.value.reason == f"errcode_{errcode}"
    assert outlet.blocked and not outlet.ready()
    assert outlet.fault()
    clock.now += 30
    assert outlet.ready()
    await outlet.send(delivery(TEXT))
    assert not outlet.blocked and outlet.ready()
    assert outlet.fault() is None


async def test_the_address_to_be_trusted_is_named(outlet: WecomOutlet, api: Api) -> None:
    api.answers = [refusal(60020, "not allow to access from your ip, from ip: 203.0.113.9")]
    with pytest.raises(SendLaterError):
        await outlet.send(delivery(TEXT))
    assert "203.0.113.9" in (outlet.fault() or "") and "企业可信IP" in (outlet.fault() or "")


async def test_an_app_switched_off_may_be_switched_on_again(outlet: WecomOutlet, api: Api) -> None:
    api.answers = [refusal(50003)]
    with pytest.raises(SendLaterError):
        await outlet.send(delivery(TEXT))
    assert outlet.blocked


@pytest.mark.parametrize("errcode", [-1, 45009, 45033])
async def test_a_busy_platform_is_no_set_up_fault(
    outlet: WecomOutlet, api: Api, errcode: int
) -> None:
    api.answers = [refusal(errcode)]
    with pytest.raises(SendLaterError):
        await outlet.send(delivery(TEXT))
    assert not outlet.blocked


async def test_an_answer_that_makes_no_sense_is_doubtful(outlet: WecomOutlet, api: Api) -> None:
    api.answers = [{"errcode": "nonsense"}]
    with pytest.raises(SendUnknownError):
        await outlet.send(delivery(TEXT))
    assert not outlet.blocked


async def test_a_dead_token_is_replaced_once_and_the_text_goes_out_once(
    database: Database, api: Api
) -> None:
    async with Transport(api.url) as transport:
        token = AccessToken(
            "wecom",
            fetcher(transport, CORP, SECRET),
            TokenStore(database),
            LeaseStore(database),
        )
        faults = SetupFaults("wecom")
        outlet = WecomOutlet(PlatformApi(transport, token, faults, classify), faults, sentence)
        await outlet.send(delivery(TEXT))
        api.dead.add("token-1")
        await asyncio.gather(*(outlet.send(delivery(TEXT)) for _ in range(5)))
    assert (api.tokens, len(api.sent)) == (2, 6)


async def test_a_wrong_secret_blocks_and_is_told(database: Database, api: Api) -> None:
    async with Transport(api.url) as transport:
        token = AccessToken(
            "wecom",
            fetcher(transport, CORP, SECRET),
            TokenStore(database),
            LeaseStore(database),
        )
        faults = SetupFaults("wecom")
        outlet = WecomOutlet(PlatformApi(transport, token, faults, classify), faults, sentence)
        api.token_answers = [refusal(40001, "invalid credential")]
        with pytest.raises(SendLaterError) as caught:
            await outlet.send(delivery(TEXT))
        assert caught.value.reason == "token_errcode_40001"
        assert outlet.blocked
        assert "Secret" in (outlet.fault() or "")
    assert api.sent == []

"""Set-up faults as plain sentences."""

from __future__ import annotations

from bot.channels.platform.faults import SetupFaults


def test_a_fault_is_told_until_a_call_goes_through() -> None:
    faults = SetupFaults("wecom")
    assert faults.sentence() is None
    assert faults.note(301002)
    assert faults.sentence() == "AgentId 与密钥（Secret）不属同一个应用，请核对设置"
    faults.clear()
    assert faults.sentence() is None


def test_the_address_to_be_allowed_is_named() -> None:
    faults = SetupFaults("wecom")
    faults.note(
        60020,
        "not allow to access from your ip, hint: [1780000000_12_abc], from ip: 203.0.113.7, "
        "more info at https://open.work.weixin.qq.com/devtool/query?e=60020",
    )
    assert faults.sentence() == (
        "本服务器的出口地址 203.0.113.7 不在应用的“企业可信IP”里，请在企业微信管理后台添加"
    )
    faults = SetupFaults("wechat")
    faults.note(40164, "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1-2")
    assert "出口地址 203.0.113.7 不在公众号的 IP 白名单里" in (faults.sentence() or "")


def test_without_an_address_the_sentence_reads_well() -> None:
    faults = SetupFaults("wecom")
    faults.note(60020, "not allow to access")
    assert (faults.sentence() or "").startswith("本服务器的出口地址不在应用的")


def test_several_faults_stand_side_by_side() -> None:
    faults = SetupFaults("wecom")
    faults.note(60020)
    faults.note_token()
    faults.note(60020)
    assert (faults.sentence() or "").count("；") == 2  # one joins, one stands in a sentence


def test_other_codes_say_nothing_of_the_set_up() -> None:
    faults = SetupFaults("wecom")
    assert not faults.note(81013, "user & party & tag all invalid")
    assert faults.sentence() is None

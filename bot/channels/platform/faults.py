"""Set-up faults that a platform reports, kept as plain sentences until they are cured."""

from __future__ import annotations

import re

from bot.logs import get_logger

__all__ = ["SetupFaults"]

log = get_logger(__name__)

# https://developer.work.weixin.qq.com/document/path/90313 and
# https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html
_SAID: dict[int, str] = {
    40001: "密钥（Secret）不对，或不属于这个企业 ID／AppID，请核对设置",
    40013: "企业 ID（CorpID）或 AppID 不对，请核对设置",
    40056: "应用的 AgentId 不对，请核对设置",
    40125: "公众号密钥（AppSecret）不对或已被重置，请核对设置",
    40164: "本服务器的出口地址{address}不在公众号的 IP 白名单里，请在公众平台的开发设置中添加",
    40243: "公众号密钥（AppSecret）已被冻结，请在公众平台解冻",
    48001: "公众号没有调用这个接口的权限（例如未认证），请在公众平台的接口权限中查看",
    48002: "应用没有调用这个接口的权限，请在企业微信管理后台查看",
    50002: "公众号的接口权限受到限制，请在公众平台查看站内信",
    50003: "应用已被停用，请在企业微信管理后台启用",
    60011: "收消息的人不在应用的可见范围内，请在企业微信管理后台调整",
    60020: "本服务器的出口地址{address}不在应用的“企业可信IP”里，请在企业微信管理后台添加",
    301002: "AgentId 与密钥（Secret）不属同一个应用，请核对设置",
}
_TOKEN_REFUSED = "平台一再不认刚换取的访问令牌；可能有别的程序在用同一帐号换取，请停用或改用同一处"
_ADDRESS = re.compile(r"(?:from ip:|invalid ip)\s*([0-9A-Fa-f.:]{3,45})")


class SetupFaults:
    """The set-up faults of one channel.

    Args:
        channel: its name, for the log.
    """

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._open: dict[int | str, str] = {}

    def note(self, errcode: int, message: str = "") -> bool:
        """Take note of a platform's errcode.

        Args:
            errcode: the platform's.
            message: its errmsg, which names the address to be allowed; nothing else
                of it is used.

        Returns:
            Whether it speaks of the set-up.
        """
        said = _SAID.get(errcode)
        if said is None:
            return False
        found = _ADDRESS.search(message)
        self._add(errcode, said.format(address=f" {found[1]} " if found else ""))
        return True

    def note_token(self) -> None:
        """Take note that the platform refuses even a token just fetched."""
        self._add("token_refused", _TOKEN_REFUSED)

    def clear(self) -> None:
        """A call went through: what there was is cured."""
        if self._open:
            log.info(
                "setup_faults_cured", channel=self._channel, codes=sorted(map(str, self._open))
            )
            self._open.clear()

    def sentence(self) -> str | None:
        """All that is wrong, for ``/readyz``; None where nothing is."""
        return "；".join(self._open.values()) or None

    def _add(self, code: int | str, said: str) -> None:
        if self._open.get(code) != said:
            log.error("setup_fault", channel=self._channel, code=code, advice=said)
        self._open[code] = said

"""Settings: read once, in one place, checked at start.

Every setting is an environment variable ``WENCE_…``; a ``.env`` file in the
project's root is read where present, and the environment wins over it. A
missing or malformed value raises :class:`~bot.errors.SettingsError` with one
line that names the variable.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values

from bot.clock import SHANGHAI
from bot.errors import SettingsError

__all__ = ["VARIABLES", "Setting", "Settings", "project_root"]


def project_root() -> Path:
    """The folder that holds config.yml, policies_kb and the rest."""
    return Path(__file__).resolve().parent.parent


def _text(value: str) -> str:
    if not value or any(ord(c) < 32 for c in value):
        raise ValueError("不能为空白，也不能含有控制字符")
    return value


def _port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) > 65535:
        raise ValueError("应为 0 到 65535 之间的整数")
    return int(value)


def _number(low: float, high: float) -> Callable[[str], float]:
    def parse(value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            raise ValueError("应为数字") from None
        if not low <= number <= high:
            raise ValueError(f"应在 {low:g} 到 {high:g} 之间")
        return number

    return parse


def _date(value: str) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("应为 YYYY-MM-DD 形式的日期") from None


def _flag(value: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    try:
        return known[value.lower()]
    except KeyError:
        raise ValueError("应为 1 或 0") from None


def _log_level(value: str) -> str:
    if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("应为 DEBUG、INFO、WARNING 或 ERROR")
    return value.upper()


def _host(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z.:_-]{1,253}", value):
        raise ValueError("应为主机名或 IP 地址")
    return value


def _database_url(value: str) -> str:
    parts = _url(value)
    if parts.scheme == "sqlite" and value.startswith("sqlite:///") and parts.path.strip("/"):
        return value
    if parts.scheme == "postgresql" and parts.path.strip("/"):
        return value
    raise ValueError("应为 sqlite:///路径 或 postgresql://…/库名")


def _url(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises where it is no port
    except ValueError:
        raise ValueError("地址中的主机或端口有误") from None
    return parts


def _rasa_urls(value: str) -> tuple[str, ...]:
    urls = tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
    if not urls:
        raise ValueError("应为一个或多个 http:// 地址，以逗号分隔")
    for url in urls:
        parts = _url(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise ValueError("应为一个或多个 http:// 地址（不含用户名和密码），以逗号分隔")
    return urls


def _web_url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        parts = _url(value)
        if parts.scheme not in schemes or not parts.hostname or parts.username or parts.query:
            raise ValueError(f"应为 {schemes[0]}:// 地址（不含用户名、密码和参数）")
        return value.rstrip("/")

    return parse


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
    for origin in origins:
        parts = _url(origin)
        if parts.scheme not in {"http", "https"} or parts.netloc != origin.partition("://")[2]:
            raise ValueError("应为一个或多个 https://主机 形式的网站，以逗号分隔")
    return origins


def _public_url(value: str) -> str:
    origins = _origins(value)
    if len(origins) != 1:
        raise ValueError("应为一个 https://主机 形式的地址")
    return origins[0]


def _issuer(value: str) -> str:
    """Kept to the last stroke: the provider's tokens repeat it so."""
    parts = _url(value)
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("应为 https:// 地址（不含用户名、密码和参数）")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError("应为 https:// 地址（只有本机可以用 http://）")
    return value


def _scopes(value: str) -> tuple[str, ...]:
    scopes = tuple(value.replace(",", " ").split())
    if not all(re.fullmatch(r"[!#-\[\]-~]+", one) for one in scopes):  # RFC 6749, section 3.3
        raise ValueError("应为以逗号分隔的名称，只含字母、数字和半角符号")
    return scopes


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _aes_key(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z]{43}", value):
        raise ValueError("应为管理后台生成的 43 位字母和数字")
    return value


def _platform_token(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z]{1,32}", value):
        raise ValueError("应为 1 到 32 位字母和数字")
    return value


def _agent_id(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", value):
        raise ValueError("应为整数")
    return int(value)


def _wechat_mode(value: str) -> str:
    if value.lower() not in {"plain", "compatible", "safe"}:
        raise ValueError("应为 plain、compatible 或 safe")
    return value.lower()


def _path(value: str) -> Path:
    return Path(value).expanduser()


@dataclass(frozen=True)
class Setting:
    """One environment variable.

    Attributes:
        name: the variable, ``WENCE_…``.
        attribute: its attribute on :class:`Settings`.
        parse: turns the text into the value; raises ValueError with the reason.
        default: used when the variable is not set.
        secret: masked whenever shown.
        help: one Chinese sentence for ``wence settings``.
    """

    name: str
    attribute: str
    parse: Callable[[str], Any]
    default: Any
    help: str
    secret: bool = False


VARIABLES: tuple[Setting, ...] = (
    Setting("WENCE_HOST", "host", _host, "127.0.0.1", "对外监听的地址"),
    Setting("WENCE_PORT", "port", _port, 8080, "对外监听的端口"),
    Setting(
        "WENCE_DATABASE_URL",
        "database_url",
        _database_url,
        None,
        "数据库；默认是数据目录下的 SQLite 文件",
        secret=True,
    ),
    Setting("WENCE_TODAY", "today", _date, None, "判断政策是否有效所用的日期；默认当天"),
    Setting(
        "WENCE_REST_TOKEN",
        "rest_token",
        _text,
        None,
        "REST 接口的令牌；对外监听时必须设置，否则该接口关闭",
        secret=True,
    ),
    Setting("WENCE_RASA_URL", "rasa_urls", _rasa_urls, (), "已有的 Rasa 地址；默认由本程序启动"),
    Setting("WENCE_VAR_DIR", "var_dir", _path, Path("var"), "数据、日志、缓存所在目录"),
    Setting("WENCE_MODEL", "model", _path, None, "指定模型文件；默认用 models/ 下最新的"),
    Setting("WENCE_ACTIONS_PORT", "actions_port", _port, 0, "动作服务的本机端口；0 为自动"),
    Setting(
        "WENCE_INTERNAL_TOKEN",
        "internal_token",
        _text,
        None,
        "本程序与 Rasa 之间的令牌；默认每次启动随机生成",
        secret=True,
    ),
    Setting(
        "WENCE_TURN_TIMEOUT",
        "turn_timeout",
        _number(1, 300),
        30.0,
        "一次问答最多等待的秒数",
    ),
    Setting("WENCE_METRICS_PUBLIC", "metrics_public", _flag, False, "在对外端口提供 /metrics"),
    Setting(
        "WENCE_ENCODER", "encoder", _flag, True, "检索时使用语义模型（没有安装时只按字词检索）"
    ),
    Setting("WENCE_LOG_LEVEL", "log_level", _log_level, "INFO", "日志级别"),
    Setting(
        "WENCE_CHANNELS", "channels", _flag, True, "设为 0 则不接企业微信、公众号（另起一套试用时）"
    ),
    Setting("WENCE_WECOM_CORP_ID", "wecom_corp_id", _text, None, "企业微信：企业 ID"),
    Setting("WENCE_WECOM_AGENT_ID", "wecom_agent_id", _agent_id, None, "企业微信：应用 AgentId"),
    Setting(
        "WENCE_WECOM_SECRET", "wecom_secret", _text, None, "企业微信：应用 Secret", secret=True
    ),
    Setting(
        "WENCE_WECOM_TOKEN",
        "wecom_token",
        _platform_token,
        None,
        "企业微信：接收消息的 Token",
        secret=True,
    ),
    Setting(
        "WENCE_WECOM_AES_KEY",
        "wecom_aes_key",
        _aes_key,
        None,
        "企业微信：接收消息的 EncodingAESKey",
        secret=True,
    ),
    Setting(
        "WENCE_WECOM_API_BASE",
        "wecom_api_base",
        _web_url("https", "http"),
        "https://qyapi.weixin.qq.com",
        "企业微信接口地址",
    ),
    Setting("WENCE_AIBOT_BOT_ID", "aibot_bot_id", _text, None, "智能机器人：长连接的 BotID"),
    Setting(
        "WENCE_AIBOT_SECRET",
        "aibot_secret",
        _text,
        None,
        "智能机器人：长连接的 Secret",
        secret=True,
    ),
    Setting(
        "WENCE_AIBOT_TOKEN",
        "aibot_token",
        _platform_token,
        None,
        "智能机器人：回调的 Token（与长连接二选一）",
        secret=True,
    ),
    Setting(
        "WENCE_AIBOT_AES_KEY",
        "aibot_aes_key",
        _aes_key,
        None,
        "智能机器人：回调的 EncodingAESKey",
        secret=True,
    ),
    Setting(
        "WENCE_AIBOT_WS_URL",
        "aibot_ws_url",
        _web_url("wss", "ws"),
        "wss://openws.work.weixin.qq.com",
        "智能机器人：长连接地址",
    ),
    Setting("WENCE_WECHAT_APP_ID", "wechat_app_id", _text, None, "公众号：AppID"),
    Setting(
        "WENCE_WECHAT_APP_SECRET",
        "wechat_app_secret",
        _text,
        None,
        "公众号：AppSecret",
        secret=True,
    ),
    Setting(
        "WENCE_WECHAT_TOKEN",
        "wechat_token",
        _platform_token,
        None,
        "公众号：服务器配置的 Token",
        secret=True,
    ),
    Setting(
        "WENCE_WECHAT_AES_KEY",
        "wechat_aes_key",
        _aes_key,
        None,
        "公众号：EncodingAESKey（明文模式不需要）",
        secret=True,
    ),
    Setting(
        "WENCE_WECHAT_MODE",
        "wechat_mode",
        _wechat_mode,
        "safe",
        "公众号：消息加解密方式 plain、compatible 或 safe",
    ),
    Setting(
        "WENCE_WECHAT_API_BASE",
        "wechat_api_base",
        _web_url("https", "http"),
        "https://api.weixin.qq.com",
        "公众号接口地址",
    ),
    Setting(
        "WENCE_CLOCK_WINDOW",
        "clock_window",
        _number(1, 1440),
        10.0,
        "平台请求的时间与本机相差多少分钟以内才收",
    ),
    Setting(
        "WENCE_RETENTION_DAYS",
        "retention_days",
        _number(1, 3650),
        180.0,
        "对话内容保存多少天，到期删除",
    ),
    Setting("WENCE_SITE_NAME", "site_name", _text, "本网站主办单位", "网页上写明的主办单位名称"),
    Setting(
        "WENCE_EMBED_ORIGINS",
        "embedders",
        _origins,
        (),
        "可以嵌入网页对话的网站，逗号分隔；默认不限",
    ),
    Setting(
        "WENCE_DESK_HOURS",
        "desk_hours",
        _text,
        None,
        "人工服务时间，如 1-5 08:30-12:00,14:30-18:00；没有时以坐席在线为准",
    ),
    Setting(
        "WENCE_DESK_SECRET",
        "desk_secret",
        _text,
        None,
        "坐席登录与网页访客身份的签名密钥；没有时首次启动自动生成",
        secret=True,
    ),
    Setting(
        "WENCE_PUBLIC_URL",
        "public_url",
        _public_url,
        None,
        "别人从外面打开本服务的地址（经代理时）；没有时用监听的地址",
    ),
    Setting("WENCE_OIDC_ISSUER", "oidc_issuer", _issuer, None, "坐席用单位帐号登录：Issuer 地址"),
    Setting("WENCE_OIDC_CLIENT_ID", "oidc_client_id", _text, None, "单位帐号登录：客户端 ID"),
    Setting(
        "WENCE_OIDC_CLIENT_SECRET",
        "oidc_client_secret",
        _text,
        None,
        "单位帐号登录：客户端密钥",
        secret=True,
    ),
    Setting(
        "WENCE_OIDC_ROLES",
        "oidc_roles",
        _text,
        None,
        "单位帐号登录：哪一项里的哪个值是什么角色，如 groups: wence-operators=operator",
    ),
    Setting(
        "WENCE_OIDC_SCOPES",
        "oidc_scopes",
        _scopes,
        (),
        "单位帐号登录：openid、profile 以外还要请求的 scope，逗号分隔",
    ),
    Setting("WENCE_OIDC_LABEL", "oidc_label", _text, "用单位帐号登录", "单位帐号登录：按钮上的字"),
    Setting(
        "WENCE_IDENTITY_SECRET",
        "identity_secret",
        _text,
        None,
        "门户传来的企业身份（JWT，HS256）的密钥；没有时不接受",
        secret=True,
    ),
)

# Given together or not at all: half configured, it would fail at its first use.
_TOGETHER: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "企业微信应用",
        ("WECOM_CORP_ID", "WECOM_AGENT_ID", "WECOM_SECRET", "WECOM_TOKEN", "WECOM_AES_KEY"),
    ),
    ("智能机器人回调", ("AIBOT_TOKEN", "AIBOT_AES_KEY")),
    ("智能机器人长连接", ("AIBOT_BOT_ID", "AIBOT_SECRET")),
    ("单位帐号登录", ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ROLES")),
)


@dataclass(frozen=True)
class Settings:
    """All settings of one process; see :data:`VARIABLES` for their meaning."""

    root: Path
    host: str
    port: int
    database_url: str
    today: date | None
    rest_token: str | None
    rasa_urls: tuple[str, ...]
    var_dir: Path
    model: Path | None
    actions_port: int
    internal_token: str | None
    turn_timeout: float
    metrics_public: bool
    encoder: bool
    log_level: str
    channels: bool
    wecom_corp_id: str | None
    wecom_agent_id: int | None
    wecom_secret: str | None
    wecom_token: str | None
    wecom_aes_key: str | None
    wecom_api_base: str
    aibot_bot_id: str | None
    aibot_secret: str | None
    aibot_token: str | None
    aibot_aes_key: str | None
    aibot_ws_url: str
    wechat_app_id: str | None
    wechat_app_secret: str | None
    wechat_token: str | None
    wechat_aes_key: str | None
    wechat_mode: str
    wechat_api_base: str
    clock_window: float
    retention_days: float
    site_name: str
    embedders: tuple[str, ...]
    desk_hours: str | None
    desk_secret: str | None
    public_url: str | None
    oidc_issuer: str | None
    oidc_client_id: str | None
    oidc_client_secret: str | None
    oidc_roles: str | None
    oidc_scopes: tuple[str, ...]
    oidc_label: str
    identity_secret: str | None
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def load(
        cls, environ: Mapping[str, str] | None = None, env_file: Path | None = None
    ) -> Settings:
        """Read and check the settings.

        Args:
            environ: the environment; default ``os.environ``.
            env_file: the ``.env`` file; default the one in the project's root.

        Raises:
            SettingsError: a value is malformed; the message names the variable.
        """
        environ = os.environ if environ is None else environ
        root = project_root()
        env_path = root / ".env" if env_file is None else env_file
        from_file = dict(dotenv_values(env_path)) if env_path.is_file() else {}
        values: dict[str, Any] = {"root": root}
        sources: dict[str, str] = {}
        for setting in VARIABLES:
            raw, source = environ.get(setting.name), "环境变量"
            if raw is None or raw == "":
                raw, source = from_file.get(setting.name), ".env 文件"
            if raw is None or raw == "":
                values[setting.attribute], sources[setting.name] = setting.default, "默认"
                continue
            try:
                values[setting.attribute] = setting.parse(raw.strip())
            except ValueError as error:
                raise SettingsError(f"设置 {setting.name}（{source}）有误：{error}") from error
            sources[setting.name] = source
        for attribute in ("var_dir", "model"):
            if values[attribute] is not None:
                values[attribute] = root / values[attribute]
        if values["database_url"] is None:
            values["database_url"] = f"sqlite:///{values['var_dir'] / 'wence.db'}"
        _check_together(values)
        return cls(sources=sources, **values)

    @property
    def loopback(self) -> bool:
        """Whether the public address can be reached from this machine only."""
        return _is_loopback(self.host)

    @property
    def address(self) -> str:
        """The public address as a URL a person can open on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        if ":" in host and not host.startswith("["):
            host = f"[{host}]"
        return f"http://{host}:{self.port}"

    @property
    def tracker_url(self) -> str:
        """Where Rasa keeps its tracker: a file beside ours, or the same PostgreSQL."""
        if not self.database_url.startswith("sqlite:"):
            return self.database_url
        path = Path(self.database_url.removeprefix("sqlite:///"))
        return f"sqlite:///{path.with_suffix('.rasa.db')}"

    @property
    def tracker_schema(self) -> str:
        """The PostgreSQL schema of Rasa's tracker."""
        return "rasa"

    def as_of(self) -> date:
        """The date that validity is judged by: WENCE_TODAY, else today in Shanghai."""
        return self.today or datetime.now(SHANGHAI).date()

    def show(self) -> list[tuple[str, str, str, str]]:
        """Rows (variable, value, source, help) with every secret masked."""
        rows = []
        for setting in VARIABLES:
            value = getattr(self, setting.attribute)
            if value in (None, ()):
                shown = "（未设置）"
            elif setting.name == "WENCE_DATABASE_URL":
                shown = mask_url(value)
            elif setting.secret:
                shown = "******"
            elif isinstance(value, tuple):
                shown = ",".join(value)
            else:
                shown = str(value)
            rows.append((setting.name, shown, self.sources.get(setting.name, ""), setting.help))
        return rows


def _check_together(values: Mapping[str, Any]) -> None:
    """Refuse what is half configured.

    Raises:
        SettingsError: names the first variable that is missing.
    """
    wechat = ["WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_TOKEN"]
    if values["wechat_mode"] != "plain":
        wechat.append("WECHAT_AES_KEY")
    for channel, names in (*_TOGETHER, ("公众号", tuple(wechat))):
        given = [values[name.lower()] is not None for name in names]
        if any(given) and not all(given):
            missing = names[given.index(False)]
            raise SettingsError(f"设置 WENCE_{missing} 缺失：{channel}只设置了一部分")
    if values["aibot_token"] is not None and values["aibot_bot_id"] is not None:
        raise SettingsError(
            "设置 WENCE_AIBOT_TOKEN 与 WENCE_AIBOT_BOT_ID 只能有一个：回调与长连接二选一"
        )


def mask_url(url: str) -> str:
    """A database URL with its password (and any query) masked."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return url
    user = f"{parts.username}:******@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{user}{parts.hostname or ''}{port}{parts.path}"

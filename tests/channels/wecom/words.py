"""The sentences that the channel says, as phrases.yml has them."""

from __future__ import annotations

__all__ = ["sentence"]

_SENTENCES = {
    "wecom.choose": "点下面的按钮就能回答",
    "wecom.or_type": "也可以直接打字，说自己的情况",
    "wecom.item": "第{number}项",
    "wecom.choice": "可以回复“{title}”",
    "wecom.chosen": "已选：{title}",
    "input.not_taken": "系统正忙，您这条消息没有收下，请过一分钟再发一次；急事请拨打12345。",
    "input.overloaded": "您前面的几条消息还在处理，这一条没有收下，请等答复到了再发。",
}


def sentence(key: str, /, **values: object) -> str:
    """The sentence of that key."""
    return _SENTENCES[key].format(**values)

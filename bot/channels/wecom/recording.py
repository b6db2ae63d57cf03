"""The recording of a voice message: fetched, measured, and let go of again.

This platform tells no words of a voice message, and nothing here could understand it. What
can be said honestly is that it arrived and how long it is. It is never stored.
Source: https://developer.work.weixin.qq.com/document/path/90254 (media), RFC 4867 section 5
(the file).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.channels.platform.api import PlatformApi
from bot.conversations.outlet import SendLaterError, SendRefusedError
from bot.logs import get_logger

__all__ = ["amr_seconds", "fetch_recording"]

log = get_logger(__name__)

_MEDIA = "/cgi-bin/media/get"
_MOST_BYTES = 2 * 1024 * 1024  # what the platform lets a voice message have
_PATIENCE = 3.0  # seconds: whoever speaks waits for the sentence

_MAGIC = b"#!AMR\n"
# Bytes of a frame of 20 ms after its first, by the frame's type; 15 is silence.
_FRAME = {0: 12, 1: 13, 2: 15, 3: 17, 4: 19, 5: 20, 6: 26, 7: 31, 8: 5, 15: 0}
_FRAME_SECONDS = 0.02


async def fetch_recording(api: PlatformApi, address: Mapping[str, Any]) -> float | None:
    """Seconds of the recording that an address names; None where it cannot be had or read.

    The platform keeps one for three days. Failures are logged by their code.
    """
    media_id = address.get("media_id")
    if not isinstance(media_id, str):
        return None
    try:
        async with asyncio.timeout(_PATIENCE):
            recording = await api.fetch(_MEDIA, {"media_id": media_id}, _MOST_BYTES)
    except (SendLaterError, SendRefusedError) as error:
        log.warning("recording_not_fetched", channel="wecom", cause=error.reason)
        return None
    except TimeoutError:
        log.warning("recording_not_fetched", channel="wecom", cause="late")
        return None
    seconds = amr_seconds(recording)
    log.info("recording_fetched", channel="wecom", size=len(recording), seconds=seconds)
    return seconds


def amr_seconds(recording: bytes) -> float | None:
    """How long a recording in AMR (narrow band, one channel) lasts; None for anything else."""
    if not recording.startswith(_MAGIC):
        return None
    at, frames = len(_MAGIC), 0
    while at < len(recording):
        size = _FRAME.get(recording[at] >> 3 & 0x0F)
        if size is None or at + 1 + size > len(recording):
            return None
        at, frames = at + 1 + size, frames + 1
    return frames * _FRAME_SECONDS if frames else None

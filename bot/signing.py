"""The key that sessions and visitors' tokens are signed with."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from bot.errors import SettingsError

__all__ = ["signing_key"]


def signing_key(given: str | None, var_dir: Path) -> bytes:
    """The key from the settings, or one made at the first start and kept in the data folder.

    Several machines need the same one, so there it is to be set.

    Raises:
        SettingsError: the data folder cannot be written, or the file holds no key.
    """
    if given is not None:
        return given.encode()
    path = var_dir / "signing.key"
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            key = path.read_text("ascii").strip()
        else:
            key = secrets.token_urlsafe(48)
            with os.fdopen(descriptor, "w") as file:
                file.write(key + "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"设置 WENCE_VAR_DIR 有误：无法使用签名密钥文件 {path}") from error
    if len(key) < 32:
        raise SettingsError(f"签名密钥文件 {path} 不完整，请删除后重新启动（各人须重新登录）")
    return key.encode()

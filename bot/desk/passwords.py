"""Passwords: hashed with argon2id, compared in the same time whether or not there is a user."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import OverloadedError, RequestError

__all__ = ["LEAST", "Passwords", "check_choice"]

LEAST = 10
"""Fewest characters of a password."""
_MOST = 200
_AT_ONCE = 2  # hashes computed at the same time; each takes 64 MiB
_WAITING = 20


class Passwords:
    """Hashing off the event loop, a few at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        # What a password is compared with where there is no user: it takes as long.
        self._nobody = self._hasher.hash("nobody signs in with this")

    async def hash(self, password: str) -> str:
        """An argon2id hash.

        Raises:
            OverloadedError: too many wait.
        """
        return str(await self._run(self._hasher.hash, password))

    async def matches(self, hashed: str | None, password: str) -> bool:
        """Whether the password is the one that was hashed; never where there is none.

        Raises:
            OverloadedError: too many wait.
        """
        found = bool(await self._run(self._verify, hashed or self._nobody, password))
        return found and hashed is not None

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: object, *arguments: str) -> object:
        if self._waiting >= _WAITING:
            raise OverloadedError("现在登录的人太多，请稍后再试")
        self._waiting += 1
        try:
            async with self._places:
                return await asyncio.to_thread(work, *arguments)  # type: ignore[arg-type]
        finally:
            self._waiting -= 1


def check_choice(password: str) -> None:
    """Refuse a password that is too easy.

    Raises:
        RequestError: 422, saying why.
    """
    if not LEAST <= len(password) <= _MOST:
        reason = f"密码应为 {LEAST} 到 {_MOST} 个字符"
    elif len(set(password)) < 5:
        reason = "密码里不同的字符太少"
    else:
        return
    raise RequestError(422, "weak_password", reason, "password")

"""What was worked out last, each once, also when several threads ask at the same time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

__all__ = ["Memo"]

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Memo(Generic[Key, Value]):
    """A function that remembers its last values.

    A message is searched for while Rasa still reads it; what asks for the same meanwhile
    waits for that instead of working it out a second time.

    Args:
        work: works out a value; it must not ask for the same key again.
        recent: so many are kept; no longer than that does a message stay in memory.
    """

    def __init__(self, work: Callable[[Key], Value], recent: int) -> None:
        self._work, self._recent = work, recent
        self._known: OrderedDict[Key, Future[Value]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, key: Key) -> Value:
        """The value of a key.

        Raises:
            Exception: whatever the work raised; asked again, it is tried again.
        """
        with self._lock:
            value = self._known.get(key)
            mine = value is None
            if value is None:
                value = self._known[key] = Future()
                if len(self._known) > self._recent:
                    self._known.popitem(last=False)
            self._known.move_to_end(key)
        if mine:
            try:
                value.set_result(self._work(key))
            except BaseException as error:
                with self._lock:
                    # Forgotten meanwhile and begun anew, it is another's.
                    if self._known.get(key) is value:
                        del self._known[key]
                value.set_exception(error)
        return value.result()

